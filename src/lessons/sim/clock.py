"""A node's own clocks: straight lines through virtual time that faults can tilt, and one of them shift."""

from __future__ import annotations

from lessons.node.bounds import LARGEST, LEAST, within


class Clock:
    """Two clocks of one rate, right at first: the time of day, which can jump, and one that never does."""

    __slots__ = ("_ahead", "_reading", "_since", "rate")

    def __init__(self) -> None:
        self._since = 0.0
        self._reading = 0.0
        self._ahead = 0.0
        self.rate = 1.0

    def read(self, time: float) -> float:
        """What the time of day is at virtual ``time``, as this clock has it."""
        return self.monotonic(time) + self._ahead

    def monotonic(self, time: float) -> float:
        """What the clock that never jumps shows at virtual ``time``."""
        return self._reading + (time - self._since) * self.rate

    def step(self, seconds: float) -> None:
        """Let the time of day jump by ``seconds``, forward or back; raises ValueError unless finite."""
        if not within(seconds, -LARGEST, LARGEST):
            raise ValueError(f"seconds is {seconds!r}: it must be a finite number")
        self._ahead += seconds

    def drift(self, time: float, rate: float) -> None:
        """From now on count ``rate`` seconds a second; raises ValueError unless finite and over 0."""
        if not within(rate, LEAST, LARGEST):
            raise ValueError(f"rate is {rate!r}: a clock must go on, at a finite rate over 0")
        self._reading, self._since, self.rate = self.monotonic(time), time, rate


class StoppedClock(Clock):
    """A clock that always shows what ``clock`` showed at virtual ``time``."""

    __slots__ = ()

    def __init__(self, clock: Clock, time: float) -> None:
        super().__init__()
        self._reading, self._ahead = clock.monotonic(time), clock._ahead

    def monotonic(self, time: float) -> float:
        """See ``Clock.monotonic``."""
        return self._reading
