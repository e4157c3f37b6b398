"""Time that all servers agree on: the leader says it with each command, and nothing expires by any other clock.

The thesis has the leader stamp commands with its clock (6.3). A time of day can jump, though, and that of the
next leader is another one. So here, as in LogCabin, the cluster's time goes on from what the log says at the
pace of the leader's clock for durations. It stands still while nobody leads.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lessons.agreement.raft import Entry, Kind, Raft, Role
from lessons.agreement.replicated_kv.commands import Command, Tick
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.text import to_text
from lessons.node import DiskFull, Timer


class ClusterClock:
    """The cluster's time between two commands, as the leader tells it, in seconds."""

    def __init__(self) -> None:
        self._ahead: float | None = None

    @property
    def runs(self) -> bool:
        """Whether it goes on by itself."""
        return self._ahead is not None

    def begin(self, agreed: float, local: float) -> None:
        """From now on follow the local clock, beginning with the time that was agreed on."""
        self._ahead = agreed - local

    def stop(self) -> None:
        """Tell no more than what was agreed on."""
        self._ahead = None

    def read(self, agreed: float, local: float) -> float:
        """The time now, in whole microseconds."""
        return agreed if self._ahead is None else max(agreed, round(self._ahead + local, 6))


class TimeKeeping(Raft):
    """A leader that puts the time into every command, and says it when a lease or a session is over."""

    machine: KVMachine

    def start(self) -> None:
        """See ``Server.start``."""
        self.cluster_clock = ClusterClock()
        self.ticker: Timer | None = None
        self.ticked = 0  # the index of our last tick: one at a time
        super().start()

    def take_office(self) -> None:
        """See ``Replication.take_office``."""
        super().take_office()
        if self.role is Role.LEADER:
            self.ticked = 0
            self.ticker = self.every(self.options.heartbeat, self.tick)

    def left_office(self) -> None:
        """See ``Server.left_office``."""
        super().left_office()
        self.cluster_clock.stop()
        if self.ticker is not None:
            self.ticker.cancel()

    def committed(self) -> None:
        """See ``Application.committed``; a leader knows the agreed time once its own first entry is executed."""
        super().committed()
        if self.role is Role.LEADER and not self.cluster_clock.runs and self.commit >= self.first_index:
            self.cluster_clock.begin(self.machine.time, self.monotonic)

    def cluster_time(self) -> float:
        """The cluster's time in seconds, as far as we may tell it."""
        return self.cluster_clock.read(self.machine.time, self.monotonic)

    def stamped(self, command: Command) -> str:
        """A command with the time, as text for the log."""
        return to_text(replace(command, time=self.cluster_time()))

    def tick(self) -> None:
        """Say the time if something is over by now: all servers end it when they execute that."""
        if self.machine.next_deadline() <= self.cluster_time() and self.ticked <= self.applied:
            with suppress(DiskFull):  # the next tick may find room
                self.ticked = self.append(Entry(self.term, Kind.COMMAND, self.stamped(Command(Tick()))))
