"""Measure what agreeing costs.

Write `bytes_per_update(trace)`: how many characters of states and deltas replicas have sent in a run, for each update
that was made. A `Merge` message carries its state as a text, `message.state`. Count what was sent, whether it arrived
or not, and once even if the network made a copy of it. An update is an entry of a replica's `log`, a watched field: the
last value of each replica's log has all its updates. A run without updates has cost nothing: return 0.0.

`trace.only(Sent)` and `trace.only(Changed)` are the events you need; `event.after` of a change maps fields to values.
"""

from collections.abc import Callable, Iterator

from lessons.check import holds
from lessons.replication.crdts.gossip import DeltaGossip, Merge, StateGossip
from lessons.replication.crdts.runs import crdt_run
from lessons.trace import Changed, Delivered, Sent, Trace

LEVEL = 2
MINUTES = 20
HINTS = [
    "Two sums: the lengths of `event.message.state` over the sends whose message is a `Merge`, and the lengths of the "
    "last logs.",
    "`{event.node: event.after['log'] for event in trace.only(Changed) if 'log' in event.after}` has the last logs.",
]


def bytes_per_update(trace: Trace) -> float: ...


def measured(trace: Trace) -> float:
    sent = sum(len(event.message.state) for event in trace.only(Sent) if isinstance(event.message, Merge))
    logs = {event.node: event.after["log"] for event in trace.only(Changed) if "log" in event.after}
    updates = sum(map(len, logs.values()))
    return sent / updates if updates else 0.0


def of_what_arrived(trace: Trace) -> float:
    sent = sum(len(event.message.state) for event in trace.only(Delivered) if isinstance(event.message, Merge))
    logs = {event.node: event.after["log"] for event in trace.only(Changed) if "log" in event.after}
    updates = sum(map(len, logs.values()))
    return sent / updates if updates else 0.0


def a_message(trace: Trace) -> float:
    sizes = [len(event.message.state) for event in trace.only(Sent) if isinstance(event.message, Merge)]
    return sum(sizes) / len(sizes) if sizes else 0.0


def of_every_change(trace: Trace) -> float:
    sent = sum(len(event.message.state) for event in trace.only(Sent) if isinstance(event.message, Merge))
    changes = sum("value" in event.after for event in trace.only(Changed))
    return sent / changes if changes else 0.0


stub = bytes_per_update
solution = measured
BUGS = {
    "counts what arrived": of_what_arrived,
    "measures a message": a_message,
    "counts merges as updates": of_every_change,
}


class Shown(AssertionError):
    """A check that a run has refuted."""

    def __init__(self, text: str, trace: Trace) -> None:
        super().__init__(text)
        self.trace = trace


def samples(attempt: Callable[[Trace], float]) -> Iterator[Callable[[], None]]:
    def agrees(trace: Trace) -> None:
        got, right = attempt(trace), measured(trace)
        if abs(got - right) > 1e-9:
            raise Shown(f"with seed {trace.seed} the answer is {got:.6g}, and must be {right:.6g}", trace)

    def a_quiet_run_has_cost_nothing() -> None:
        agrees(crdt_run(1, DeltaGossip, "or-set", updates=0).run(until=1))

    def a_run_with_deltas_is_measured() -> None:
        agrees(holds(crdt_run(3, DeltaGossip, "or-set").run(until=4)))

    def runs_that_lose_and_copy_messages_are_measured() -> None:
        for seed in range(10):
            for node in (StateGossip, DeltaGossip):
                agrees(holds(crdt_run(seed, node, "g-counter", updates=3).run(until=2)))

    return iter(
        [
            a_quiet_run_has_cost_nothing,
            a_run_with_deltas_is_measured,
            runs_that_lose_and_copy_messages_are_measured,
        ]
    )
