"""A watch as its client sees it: a stream of events, each once, in order, whichever server tells them."""

from __future__ import annotations

from collections.abc import Callable

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.calls import Caller, Rejected
from lessons.agreement.replicated_kv.messages import Compacted, Malformed, Told, Watch

Tell = Callable[[Event], object]
HOLD = 1.0  # seconds


class Stream:
    """The events of a key or range from revision ``next`` on, which grows as they come in.

    A server may hold a question for ``hold`` seconds. ``compacted`` is 0 until the stream was too slow: then it
    has ended, and the oldest revision that can still be watched stands there. Whoever wants to go on reads the
    state, and watches from the revision after it.
    """

    def __init__(
        self,
        client: Caller,
        tell: Tell,
        key: str,
        end: str | None,
        since: int,
        server: str | None = None,
        hold: float = HOLD,
    ) -> None:
        self.client, self.tell, self.key, self.end, self.hold = client, tell, key, end, hold
        self.server = server or client.target
        self.next, self.compacted, self.stopped = since, 0, False

    def stop(self) -> None:
        """Want no more events."""
        self.stopped = True

    async def run(self) -> None:
        """Ask for what comes next, again and again, at another server when this one is of no help."""
        while not self.stopped:
            question = Watch(self.key, self.end, self.next, self.hold)
            answer = await self.client.attempt(self.server, question, self.hold + self.client.patience)
            match answer:
                case Told():
                    self.take(answer)
                case Compacted(oldest):
                    self.compacted, self.stopped = oldest, True
                case Malformed(why):
                    raise Rejected(why)
                case _:
                    self.turn_away()
                    await self.client.sleep(0.02 + 0.05 * self.client.rng.random())

    def take(self, told: Told) -> None:
        """Hand on what is new, and go on behind it."""
        for event in told.events:
            if not self.stopped:
                self.tell(event)
        self.next = told.last + 1

    def turn_away(self) -> None:
        """Try another server."""
        others = [server for server in self.client.servers if server != self.server]
        self.server = self.client.rng.choice(others or [self.server])
