"""Reads at any server: as new as the client wants them, and no message more than that takes.

A server may answer from its own state once it has executed up to a read index: the leader's answer to the
question what was confirmed by then (thesis 6.4). How many reads share one such question decides the price.
"""

from __future__ import annotations

from math import inf

from lessons.agreement.raft import Done, NotLeader, Role
from lessons.agreement.raft.storage import Snapshot
from lessons.agreement.replicated_kv.commands import QUESTIONS
from lessons.agreement.replicated_kv.messages import Consistency, Malformed, Read, ReadIndex
from lessons.agreement.replicated_kv.rules import LONGEST, BadCommand, check_seconds, check_whole
from lessons.agreement.replicated_kv.text import from_text
from lessons.agreement.replicated_kv.timekeeping import TimeKeeping
from lessons.node import Future, TimedOut


class Reading(TimeKeeping):
    """Answers reads, whoever leads."""

    def start(self) -> None:
        """See ``Server.start``."""
        self.next_round: Future[int | None] | None = None  # who asks now waits for this one
        self.asking = False
        self.known = (-inf, 0)  # when we asked for a read index last, on our clock, and what it was
        self.waiting: list[tuple[int, Future[bool]]] = []  # for an index to be executed
        super().start()

    async def on_read(self, client: str, read: Read) -> None:
        """Answer from our own state, as soon as it is new enough."""
        try:
            check(read)
        except BadCommand as bad:
            self.reply(Malformed(str(bad)))
            return
        if await self.is_new_enough(read):
            self.reply(Done(self.applied, self.machine.answer(read.question)))
        else:
            self.reply(NotLeader(self.leader))

    async def is_new_enough(self, read: Read) -> bool:
        """Wait until it is; False when that can't be found out, or takes too long."""
        index: int | None = read.least
        if read.consistency is Consistency.LINEARIZABLE:
            index = await self.read_index_of_round()
        elif read.consistency is Consistency.BOUNDED:
            index = await self.recent_index(read.bound)
        return index is not None and await self.has_executed(max(index, read.least))

    async def recent_index(self, bound: float) -> int | None:
        """A read index that was asked for at most ``bound`` seconds ago, though our clock may be slow."""
        asked, index = self.known
        young = self.monotonic - asked <= bound * (1 - self.options.drift)
        return index if young else await self.read_index_of_round()

    # Rounds: all who ask while one is under way share the next

    def read_index_of_round(self) -> Future[int | None]:
        """The read index of a round that begins after this was asked; None if nobody confirms one."""
        wanted = self.next_round = self.next_round or Future()
        if not self.asking:
            self.spawn(self.ask_in_rounds())
        return wanted

    async def ask_in_rounds(self) -> None:
        """Ask as long as anybody wants to know, once for all that have come meanwhile."""
        self.asking = True
        while self.next_round is not None:
            current, self.next_round = self.next_round, None
            asked = self.monotonic
            index = await self.ask_for_index()
            if index is not None:
                self.known = asked, index
            current.set(index)
        self.asking = False

    async def ask_for_index(self) -> int | None:
        """Find the read index ourselves, as the leader, or ask the one that we follow."""
        if self.role is Role.LEADER or self.leader is None:
            return await self.read_index()
        try:
            answer = await self.call(self.leader, ReadIndex(), timeout=self.options.election[1])
        except TimedOut:
            return None
        return answer.index if isinstance(answer, Done) else None

    async def on_read_index(self, follower: str, question: ReadIndex) -> None:
        """Tell a follower how far it must have executed."""
        index = await self.read_index_of_round() if self.role is Role.LEADER else None
        self.reply(NotLeader(self.leader) if index is None else Done(index, ""))

    # Waiting for the state machine

    async def has_executed(self, index: int) -> bool:
        """Wait until we have executed up to ``index``, for an election timeout at most."""
        if self.applied >= index:
            return True
        reached: Future[bool] = Future()
        self.waiting.append((index, reached))
        timer = self.after(self.options.election[1], reached.set, False)
        executed = await reached
        timer.cancel()
        self.waiting = [each for each in self.waiting if each[1] is not reached]
        return executed

    def committed(self) -> None:
        """See ``Application.committed``."""
        super().committed()
        self.progressed()

    def install(self, snapshot: Snapshot) -> None:
        """See ``Application.install``."""
        super().install(snapshot)
        self.progressed()

    def progressed(self) -> None:
        """More has been executed: let go those who waited for that."""
        for index, reached in self.waiting:
            if index <= self.applied:
                reached.set(True)


def check(read: Read) -> None:
    """Raise BadCommand for a read that no server can answer."""
    from_text(read.question, *QUESTIONS)
    check_whole("least", read.least)
    if read.consistency is Consistency.BOUNDED:
        check_seconds("bound", read.bound, LONGEST)
