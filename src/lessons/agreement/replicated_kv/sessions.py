"""Client sessions: what was asked under which number, and what the answer was (thesis 6.3).

A client numbers its requests. Of a request that comes again, because its answer was lost, only the answer
is given again. The client says which of its requests are answered; these answers are forgotten, and what
comes late under such a number is done no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from lessons.agreement.replicated_kv.rules import Limits


@dataclass
class Session:
    """``used``: when it was last heard of; requests before ``first`` are answered; ``answers`` to the others."""

    used: float
    first: int = 1
    answers: dict[int, str] = field(default_factory=dict)

    def acknowledge(self, first: int) -> None:
        """The client has the answers to all requests before ``first``."""
        if first > self.first:
            self.first = first
            self.answers = {number: answer for number, answer in self.answers.items() if number >= first}


class Sessions:
    """Sessions by number, the one that was silent for longest first.

    The time is the log's and goes one way, so that all servers end the same session at the same command.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.all: dict[int, Session] = {}

    def open(self, session: int, time: float) -> None:
        """Begin a session; the one that was silent for longest ends when there are too many."""
        self.all[session] = Session(time)
        if len(self.all) > self.limits.sessions:
            self.close(next(iter(self.all)))

    def use(self, session: int, time: float) -> Session | None:
        """The session, heard of just now; None if there is none."""
        found = self.all.pop(session, None)
        if found is not None:
            found.used = time
            self.all[session] = found  # behind all others
        return found

    def close(self, session: int) -> None:
        """End a session."""
        self.all.pop(session, None)

    def next_deadline(self) -> float:
        """When the next session was silent for too long; never, if there is none."""
        return next(iter(self.all.values())).used + self.limits.idle if self.all else inf

    def end_idle(self, time: float) -> None:
        """End the sessions that are too long silent at ``time``."""
        while self.next_deadline() <= time:
            self.close(next(iter(self.all)))

    def saved(self) -> list[list[Any]]:
        """All sessions, in their order, as a field of a snapshot."""
        return [[number, each.used, each.first, sorted(each.answers.items())] for number, each in self.all.items()]

    def load(self, saved: Iterable[tuple[int, float, int, Iterable[tuple[int, str]]]]) -> None:
        """Become what ``saved`` has said."""
        self.all = {number: Session(used, first, dict(answers)) for number, used, first, answers in saved}
