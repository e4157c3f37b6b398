"""A node's own clock: a straight line through virtual time that faults can tilt and shift."""

from __future__ import annotations


class Clock:
    """Reads ``reading + rate * elapsed``: right at first (rate 1, equal to virtual time)."""

    __slots__ = ("_reading", "_since", "rate")

    def __init__(self) -> None:
        self._since = 0.0
        self._reading = 0.0
        self.rate = 1.0

    def read(self, time: float) -> float:
        """What the clock shows at virtual ``time``."""
        return self._reading + (time - self._since) * self.rate

    def step(self, time: float, seconds: float) -> None:
        """Jump by ``seconds``, forward or back."""
        self._reading, self._since = self.read(time) + seconds, time

    def drift(self, time: float, rate: float) -> None:
        """From now on count ``rate`` seconds a second; raises ValueError unless over 0."""
        if not rate > 0:
            raise ValueError(f"rate is {rate!r}: a clock must go on, at a rate over 0")
        self._reading, self._since, self.rate = self.read(time), time, rate
