"""Budget: how much a check may do before it gives up, in configurations and in seconds."""

from __future__ import annotations

from time import monotonic

STATES = 1_000_000
SLICE = 20_000  # configurations between two looks at the clock


class Budget:
    """What is left of ``states`` configurations and, if given, of ``seconds`` from now on.

    Raises ValueError unless both are over 0.
    """

    def __init__(self, states: int = STATES, seconds: float | None = None) -> None:
        if not states > 0:
            raise ValueError(f"states is {states!r}: it must be over 0")
        if seconds is not None and not seconds > 0:
            raise ValueError(f"seconds is {seconds!r}: it must be over 0, or None for any time")
        self.states, self.seconds, self.left = states, seconds, states
        self._end = None if seconds is None else monotonic() + seconds

    def spend(self, states: int) -> None:
        """Take ``states`` configurations from what is left."""
        self.left -= states

    @property
    def why_not(self) -> str:
        """Why there is nothing left, in words; "" while there is."""
        if self.left <= 0:
            return f"the limit of {self.states:,} configurations was reached"
        if self._end is not None and monotonic() > self._end:
            return f"the limit of {self.seconds:g} seconds was reached"
        return ""
