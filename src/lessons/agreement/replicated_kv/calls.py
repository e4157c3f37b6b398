"""How a client gets an answer: it follows the leader, and asks again, elsewhere, until somebody answers for good."""

from __future__ import annotations

from math import inf
from typing import Any

from lessons.agreement.raft import Done, Lost, NotLeader
from lessons.agreement.replicated_kv.answers import ANSWERS, Answer, Denied, Forgotten, NoLease, NoSession
from lessons.agreement.replicated_kv.messages import Malformed
from lessons.agreement.replicated_kv.text import from_text
from lessons.node import Client, LessonsError, TimedOut


class Unanswered(LessonsError):
    """No answer came in time, or none can come any more: whether it was done, nobody knows."""


class SessionLost(Unanswered):
    """The session has ended: whether the request was done before that, nobody knows."""


class Rejected(LessonsError):
    """It was not done, and would not be if it were asked again; the text says why."""


class Caller(Client):
    """Knows who led when it last asked. ``patience`` is how many seconds it waits for one answer, ``limit`` for all.

    Each time nobody answers it waits twice as long, up to eight times: else it would ask those who are slow most
    often. ``seen`` is the last index of the log that an answer has told of.
    """

    def __init__(self, servers: tuple[str, ...], patience: float = 0.3, limit: float = inf) -> None:
        if not servers:
            raise ValueError(f"servers is {servers!r}: name one at least")
        for name, seconds in (("patience", patience), ("limit", limit)):
            if not seconds > 0:
                raise ValueError(f"{name} is {seconds!r}: it must be over 0 seconds")
        self.servers, self.patience, self.limit = servers, patience, limit

    def start(self) -> None:
        """Begin with the first server."""
        self.target, self.seen = self.servers[0], 0
        super().start()

    async def insist(self, message: Any, at: str | None = None) -> Answer:
        """Ask until somebody answers for good; with ``at`` that server alone.

        Raises Rejected for what nobody would do, Unanswered when the limit is over.
        """
        over = self.monotonic + self.limit
        redirected, patience = 0, self.patience
        while self.monotonic < over:
            answer = await self.attempt(at or self.target, message, min(patience, over - self.monotonic))
            if isinstance(answer, Done):
                self.seen = max(self.seen, answer.index)
                return judged(from_text(answer.result, *ANSWERS))
            if isinstance(answer, Malformed):
                raise Rejected(answer.why)
            if answer is None:
                patience = min(2 * patience, 8 * self.patience)
            redirected += 1
            if not self.redirect(answer) or redirected % len(self.servers) == 0:
                await self.sleep(0.02 + 0.05 * self.rng.random())
        raise Unanswered(f"{type(message).__name__} had no answer within {self.limit:g} s")

    async def attempt(self, server: str, message: Any, patience: float) -> Any:
        """Ask one server once; None if it says nothing."""
        try:
            return await self.call(server, message, timeout=patience)
        except TimedOut:
            return None

    def redirect(self, answer: Any) -> bool:
        """Turn to the leader that was named, or to any other server; whether there is good reason to ask there now."""
        if isinstance(answer, Lost):
            return True  # by a leader that fell, and who answers that knows of the next
        named = answer.leader if isinstance(answer, NotLeader) else None
        if named in self.servers and named != self.target:
            self.target = named
            return True
        self.target = self.rng.choice([server for server in self.servers if server != self.target] or [self.target])
        return answer is None  # we have waited long enough


def judged(answer: Answer) -> Answer:
    """An answer that says what was done; raises Rejected or Unanswered for the others."""
    match answer:
        case Denied(why):
            raise Rejected(why)
        case NoLease(lease):
            raise Rejected(f"there is no lease {lease}, or not any more")
        case NoSession(session):
            raise SessionLost(f"session {session} has ended: the request may have been done before that")
        case Forgotten(number):
            raise Unanswered(f"the answer to request {number} is forgotten")
    return answer
