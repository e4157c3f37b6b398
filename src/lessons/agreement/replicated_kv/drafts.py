"""First drafts: each is the store but for one rule, left out as a good engineer might."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lessons.agreement.raft import Done, Kind, Role
from lessons.agreement.replicated_kv.answers import Changed
from lessons.agreement.replicated_kv.commands import Append, Command, Put, Txn
from lessons.agreement.replicated_kv.leases import Lease
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.messages import Watch
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.sessions import Sessions
from lessons.agreement.replicated_kv.text import from_text, to_text
from lessons.node import Future


class EveryCopy(KVMachine):
    """Carries out what is in the log."""

    def once(self, command: Command) -> str:
        """Raft executes each entry once: is that not what we wanted?"""
        return self.carry_out(command)


class ExecutesEveryCopy(KVServer):
    """Relies on the log, in which each entry is executed once; that a request may be two entries it does not see.

    Against section 6.3 of the thesis.
    """

    state_machine = EveryCopy


class NumbersAlone(KVMachine):
    """Remembers which requests were done, and not what came of them: an answer can be had from the state."""

    def once(self, command: Command) -> str:
        """Of a request that comes again, find out what it would answer now."""
        session = self.sessions.all.get(command.session)
        if session is None or command.number not in session.answers or not isinstance(command.do, Txn):
            return super().once(command)
        answer = self.transact(command.do)
        self.keyspace.undo()
        return to_text(answer)


class RemembersNumbers(KVServer):
    """Does each request once, and saves the room that answers take. Against section 6.3 of the thesis."""

    state_machine = NumbersAlone


class KeysAlone(KVMachine):
    """Saves what clients have written."""

    def snapshot(self) -> bytes:
        """The keys: sessions are not data, and clients open new ones if need be."""
        kept, self.sessions = self.sessions, Sessions(self.limits)
        saved = super().snapshot()
        self.sessions = kept
        return saved

    def once(self, command: Command) -> str:
        """A session that we do not know is one that the snapshot has left out: begin it anew."""
        if command.session not in self.sessions.all:
            self.sessions.open(command.session, self.time)
        return super().once(command)


class SnapshotsKeysAlone(KVServer):
    """Leaves sessions out of snapshots. Against section 6.3 of the thesis: they are part of the state."""

    state_machine = KeysAlone


class AnswersEarly(KVServer):
    """Answers a write once its own log has it: Raft will see to the rest, and what a put answers is known before.

    Against section 5.3 of the paper, and Figure 2.
    """

    def expect(self, first: int, outcomes: Sequence[Future[Any]]) -> None:
        """It is in our log: as good as done."""
        for index, outcome in enumerate(outcomes, first):
            entry = self.log.entry(index)
            if entry.kind is Kind.COMMAND and isinstance(from_text(entry.data, Command).do, Put | Append):
                self.storage.sync()
                outcome.set(Done(index, to_text(Changed(self.revision + 1, 1))))
            else:
                super().expect(index, [outcome])


class ReadsAtOnce(KVServer):
    """A leader answers reads from its own state: all writes go through it, so who should know better?

    Against section 8 of the paper, and section 6.4 of the thesis.
    """

    async def read_index(self) -> int | None:
        """Who leads, leads."""
        return self.applied if self.role is Role.LEADER else None


class TrustsItsClock(KVServer):
    """Reads by lease, and takes all clocks to be of one pace: quartz is good to some millionths.

    Against section 6.4.1 of the thesis, which asks for a bound and keeps away from it.
    """

    def start(self) -> None:
        """Allow for no drift at all."""
        self.options = replace(self.options, lease=True, check_quorum=True, drift=0.0)
        super().start()


class OwnLeases(KVMachine):
    """Leaves it to the server when a lease is over."""

    def pass_time(self, time: float) -> None:
        """Sessions end by the time in the log, leases do not."""
        self.time = max(self.time, time)
        self.sessions.end_idle(self.time)


class ExpiresByOwnClock(KVServer):
    """Each server ends leases by itself, as a cache does: the time is the same everywhere, and no entry is needed.

    Against section 6.3 of the thesis.
    """

    state_machine = OwnLeases

    def start(self) -> None:
        """No lease has a timer yet."""
        self.timed: dict[int, Lease] = {}
        super().start()

    def progressed(self) -> None:
        """Set a timer for each lease that was granted or kept alive."""
        super().progressed()
        for number, lease in self.machine.leases.all.items():
            if self.timed.get(number) is not lease:
                self.timed[number] = lease
                self.after(lease.ttl, self.end, number, lease)

    def end(self, number: int, lease: Lease) -> None:
        """Its time is over, here, unless it was kept alive."""
        if self.machine.leases.all.get(number) is lease:
            self.machine.leases.end(number)
            self.machine.expire(number)


class TellsOnlyNews(KVServer):
    """Tells a watcher what happens from now on, and so needs no history: who is connected misses nothing.

    Until the connection breaks, or an answer is lost.
    """

    async def on_watch(self, client: str, watch: Watch) -> None:
        """Begin with the next revision, whatever was asked for."""
        await super().on_watch(client, replace(watch, since=max(watch.since, self.revision + 1)))
