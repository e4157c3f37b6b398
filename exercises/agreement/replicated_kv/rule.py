"""Write the rule that every replicated state machine keeps.

Three stores are wrong, each in another way: one lets each server end leases by its own clock, one leaves sessions out
of its snapshots, one leaves out how often keys were written. Each of them is the same program on all servers, fed with
the same log. What they have in common can be seen without knowing what leases and sessions are. Write one invariant
that all three break and the right store does not.

It is a class, because it must remember: a run makes one instance, and calls it with the state after every event. Every
server in the state, `state["n1"]` and so on, has `applied`, the last index of the log that it has executed, `revision`,
and `digest`, a checksum of all that its state machine has. Servers may be far behind others, crash, and begin again at
their snapshot. Clients are in the state, too, and have no `digest`: `"digest" in node` tells; `node.up` says whether
it is running. Return None while all is well, and a text that says what is wrong otherwise.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from lessons.agreement.raft import Options
from lessons.agreement.replicated_kv import KVMachine, KVServer
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.breaks import fast_clock, lost_session
from lessons.agreement.replicated_kv.drafts import ExpiresByOwnClock, SnapshotsKeysAlone
from lessons.agreement.replicated_kv.runs import TROUBLE, kv_run
from lessons.sim import NodeState, Simulation, State
from lessons.trace import Trace

LEVEL = 3
MINUTES = 25
HINTS = [
    "The state after an index is decided by the log up to that index, and by nothing else.",
    "Keep the first digest that any server shows for each index; every other one must be the same.",
]


class Rule:
    """An invariant over the state, with a memory."""

    def __init__(self) -> None: ...

    def __call__(self, state: State) -> str | None: ...


def servers(state: State) -> Iterator[NodeState]:
    return (node for node in state.values() if node.up and "digest" in node)


class SameState:
    def __init__(self) -> None:
        self.digests: dict[int, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in state.values():
            if node.up and "digest" in node:
                first = self.digests.setdefault(node.applied, node.digest)
                if first != node.digest:
                    return f"{node.name} has another state at {node.applied} than the first that came there"
        return None


class WhateverTheIndex:
    def __call__(self, state: State) -> str | None:
        digests = {node.digest for node in servers(state)}
        return "servers have different states" if len(digests) > 1 else None


class RevisionsAlone:
    def __init__(self) -> None:
        self.revisions: dict[int, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            if self.revisions.setdefault(node.applied, node.revision) != node.revision:
                return f"{node.name} has another revision at {node.applied}"
        return None


class LeadersAlone:
    def __init__(self) -> None:
        self.digests: dict[int, int] = {}

    def __call__(self, state: State) -> str | None:
        for node in servers(state):
            leads = node.role.value == "leader"
            if leads and self.digests.setdefault(node.applied, node.digest) != node.digest:
                return f"{node.name} leads with another state at {node.applied}"
        return None


stub = Rule
solution = SameState
BUGS = {
    "whatever the index": WhateverTheIndex,
    "revisions alone": RevisionsAlone,
    "leaders alone": LeadersAlone,
}


class Unversioned(KVMachine):
    """Leaves out of a snapshot how often keys were written."""

    def restore(self, data: bytes) -> None:
        super().restore(data)
        records = self.keyspace.records
        records.update({key: replace(record, version=1) for key, record in records.items()})


class SnapshotsWithoutVersions(KVServer):
    """Begins to count anew."""

    state_machine = Unversioned


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def restarted(kind: type[KVServer]) -> Simulation:
    """Three servers that take a snapshot every few commands; one is restarted."""
    sim = kv_run(2, 3, kind, steps=30, options=Options(compact_after=5))
    sim.at(1.0).restart("n1")
    return sim


def in_trouble(seed: int, kind: type[KVServer]) -> Simulation:
    """Three servers under random faults."""
    return kv_run(seed, 3, kind, options=Options(compact_after=6), trouble=TROUBLE, until=1.5)


def judged(build: Callable[..., Simulation], kind: type[KVServer], attempt: Any, end: float) -> Trace:
    """A run under the attempt alone."""
    sim = build(audited(kind))
    sim.judge_by([attempt])
    return sim.run(until=end)


def samples(attempt: Any) -> Iterator[Callable[[], None]]:
    def the_right_store_never_breaks_it() -> None:
        for build in (fast_clock, lost_session, restarted, *(partial(in_trouble, seed) for seed in range(6))):
            trace = judged(build, KVServer, attempt, 2.5)
            if trace.violation:
                raise Shown(f"nothing is wrong here, but the rule says: {trace.violation.why}", trace)

    def catches(build: Callable[..., Simulation], kind: type[KVServer]) -> None:
        trace = judged(build, kind, attempt, 2.5)
        if trace.violation is None:
            raise Shown("two servers have made different states of the same log, and the rule does not say so", trace)

    def leases_by_each_servers_clock_are_seen() -> None:
        catches(fast_clock, ExpiresByOwnClock)

    def snapshots_without_sessions_are_seen() -> None:
        catches(lost_session, SnapshotsKeysAlone)

    def snapshots_without_versions_are_seen() -> None:
        catches(restarted, SnapshotsWithoutVersions)

    return iter(
        [
            the_right_store_never_breaks_it,
            leases_by_each_servers_clock_are_seen,
            snapshots_without_sessions_are_seen,
            snapshots_without_versions_are_seen,
        ]
    )
