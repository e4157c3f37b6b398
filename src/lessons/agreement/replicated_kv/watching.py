"""Watches: every change of some keys, each once, in order, from any server.

A watcher asks for the events from a revision on, and the server holds the question until there are some.
The next question begins where the answer ended. So nothing is lost or told twice when an answer is lost,
or when the server dies: revisions are the same everywhere, and the watcher asks another one.
"""

from __future__ import annotations

from lessons.agreement.raft import NotLeader, Refused
from lessons.agreement.replicated_kv.messages import Compacted, Malformed, Told, Watch
from lessons.agreement.replicated_kv.reading import Reading
from lessons.agreement.replicated_kv.rules import BadCommand, check_range, check_seconds, check_whole
from lessons.node import Future

MOST_HOLD = 60.0  # seconds
MOST_WATCHES = 1000  # held by one server
MOST_EVENTS = 100  # in one answer, but for the rest of the last revision


class Watching(Reading):
    """Answers watches."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.watches: list[Future[bool]] = []
        super().start()

    async def on_watch(self, client: str, watch: Watch) -> None:
        """Tell what has happened, as soon as something has."""
        try:
            check(watch)
        except BadCommand as bad:
            self.reply(Malformed(str(bad)))
            return
        if len(self.watches) >= MOST_WATCHES:
            self.reply(Refused(f"there are {MOST_WATCHES:,} watches: ask another server"))
            return
        over: Future[bool] = Future()
        timer = self.after(watch.hold, over.set, True)
        while (news := self.news(watch)) is None and not over.done:
            await self.next_change(over)
        timer.cancel()
        self.reply(news or self.no_news(watch))

    def news(self, watch: Watch) -> Told | Compacted | None:
        """What there is to tell; None if nothing has happened to what is watched."""
        keyspace = self.machine.keyspace
        if watch.since <= keyspace.compacted:
            return Compacted(keyspace.compacted + 1)
        last, events = keyspace.since(watch.since, watch.key, watch.end, MOST_EVENTS)
        return Told(watch.since, last, events) if events else None

    def no_news(self, watch: Watch) -> Told | NotLeader:
        """So far nothing has happened; but who hears no leader does not know, and sends the watcher elsewhere."""
        if self.leader is None:
            return NotLeader(None)
        return Told(watch.since, max(watch.since - 1, self.machine.keyspace.revision), ())

    async def next_change(self, over: Future[bool]) -> None:
        """Wait until something was executed, or the time is over."""
        changed: Future[bool] = Future()
        self.watches.append(changed)
        over.then(lambda: changed.set(False))
        await changed
        self.watches = [each for each in self.watches if each is not changed]

    def progressed(self) -> None:
        """See ``Reading.progressed``."""
        super().progressed()
        for watch in list(self.watches):
            watch.set(True)


def check(watch: Watch) -> None:
    """Raise BadCommand for a watch that no server can answer."""
    check_range(watch.key, watch.end)
    check_whole("since", watch.since, 1)
    check_seconds("hold", watch.hold, MOST_HOLD)
