"""A server of the store: Raft with this state machine, the cluster's time, reads everywhere, and watches."""

from __future__ import annotations

from typing import ClassVar

from lessons.agreement.raft import Options, Propose
from lessons.agreement.replicated_kv.commands import Command
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.messages import Follower, Malformed, Report, Status
from lessons.agreement.replicated_kv.rules import BadCommand, Limits, refuse
from lessons.agreement.replicated_kv.text import from_text
from lessons.agreement.replicated_kv.watching import Watching


class KVServer(Watching):
    """A replica of the store. ``voters`` found the cluster; ``limits`` must be the same on all servers."""

    watched = (*Watching.watched, "revision")  # type: ignore[assignment]
    state_machine: ClassVar[type[KVMachine]] = KVMachine

    def __init__(
        self, voters: tuple[str, ...] = (), options: Options | None = None, limits: Limits | None = None
    ) -> None:
        super().__init__(voters, lambda: self.state_machine(limits), options)

    @property
    def revision(self) -> int:
        """How many transactions have changed the store, as far as it is executed here."""
        return self.machine.keyspace.revision

    async def on_propose(self, client: str, propose: Propose) -> None:
        """Execute a command (see ``Raft``), stamped with the time; what makes no sense is not even proposed."""
        try:
            command: Command = from_text(propose.command, Command)
            if command.time:
                refuse("time", command.time, "0: the leader fills it in")
        except BadCommand as bad:
            self.reply(Malformed(str(bad)))
            return
        await super().on_propose(client, Propose(self.stamped(command)))

    def on_status(self, client: str, question: Status) -> None:
        """Tell what we are at. It is our view alone: who wants the cluster's asks all of its servers."""
        keyspace, machine = self.machine.keyspace, self.machine
        report = Report(
            role=self.role.value,
            term=self.term,
            leader=self.leader,
            voters=self.members.voters,
            learners=self.members.learners,
            commit=self.commit,
            applied=self.applied,
            last=self.log.last,
            revision=keyspace.revision,
            keys=len(keyspace.records),
            size=keyspace.size,
            leases=len(machine.leases.all),
            sessions=len(machine.sessions.all),
            time=self.cluster_time(),
            followers=self.followers(),
        )
        self.reply(report)

    def followers(self) -> tuple[Follower, ...]:
        """What a leader knows of the others; nothing if we do not lead."""
        return tuple(
            Follower(name, known.match, round(self.monotonic - known.heard, 6))
            for name, known in sorted(self.progress.items())
        )
