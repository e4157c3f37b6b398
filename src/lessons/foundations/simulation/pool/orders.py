"""What is said between a simulated pool and those who use it, and the kinds of jobs there are."""

from __future__ import annotations

from math import inf

from lessons.node import Future, message

WELL, RAISES, KILLS = "well", "raises", "kills its worker"


@message
class Submit:
    """Do ``work`` seconds of work, within ``limit`` seconds from now if it is given.

    ``depth`` is how many jobs deep it submits jobs like itself and waits for them; ``ends`` is one of
    WELL, RAISES and KILLS. ``job`` is the number by which its submitter knows it.
    """

    job: int
    work: float
    priority: int = 0
    limit: float | None = None
    depth: int = 0
    ends: str = WELL


@message
class Cancel:
    """Take back the job of this number, if it has not begun; no answer but the job's own."""

    job: int


@message
class Ended:
    """The answer to a ``Submit``: the job's fate, a value of ``Status``, and why."""

    job: int
    fate: str
    why: str = ""


@message
class Close:
    """Take no more jobs; cancel those in the queue, if so told; wait ``limit`` seconds for the rest."""

    cancel: bool = False
    limit: float | None = None


@message
class Closed:
    """The answer to a ``Close``: the jobs that were not worked off, by submitter and number."""

    left: tuple[tuple[str, int], ...]


class BadJob(Exception):
    """What a bad job raises."""


class WorkerKilled(Exception):
    """What ends a worker: no job can catch it."""


class Order:
    """A job in the pool: who asked for it, and the answer once it is there."""

    def __init__(self, sender: str, submit: Submit) -> None:
        self.sender, self.submit = sender, submit
        self.answer: Future[Ended] = Future()


def check_seconds(name: str, value: float) -> None:
    """Raise ValueError for a parameter that is no time to wait."""
    if not 0 <= value < inf:
        raise ValueError(f"{name} is {value!r}: it must be a finite number of seconds, 0 or more")
