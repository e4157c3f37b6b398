"""Anti-entropy: replicas that bring each other up to date, with whole states or with deltas.

The one with deltas is algorithm 2 of Almeida et al. 2018, which keeps causal order: a replica sends the
deltas since the last that the other has confirmed, or the whole state when it has them no longer.
"""

from __future__ import annotations

from typing import Any

from lessons.node import DiskFull, message
from lessons.replication.crdts.codec import dumps
from lessons.replication.crdts.dots import Vector
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.replica import Entry, Replica
from lessons.replication.crdts.stability import joined

Pairs = tuple[tuple[str, int], ...]


@message
class Merge:
    """A state or a delta in its JSON form, and the updates that the sender had seen.

    ``count`` is to be confirmed, so that the sender knows which deltas have arrived; 0 asks for nothing.
    """

    state: str
    seen: Pairs
    count: int = 0

    def __str__(self) -> str:
        return f"Merge({self.state}{f', count={self.count}' if self.count else ''})"


@message
class Merged:
    """Everything up to ``count`` is durable here."""

    count: int


class StateGossip(Replica):
    """Every ``period`` seconds, sends its whole state to another replica."""

    def __init__(self, of: str, period: float = 0.1) -> None:
        super().__init__(of)
        self.period = period

    def start(self) -> None:
        """Gossip from now on."""
        super().start()
        if self.peers:
            self.every(self.period, self.ship)

    def ship(self) -> None:
        """Send the state to one of the others, at random."""
        self.tidy()
        self.send(self.rng.choice(self.peers), Merge(dumps(self.state), self.pairs()))

    def pairs(self) -> Pairs:
        """What was seen, as a message carries it."""
        return tuple(self.seen.items())

    def on_merge(self, sender: str, merge: Merge) -> None:
        """Merge what came, if it is a state of this type, and confirm it when it is durable."""
        try:
            came = self.read(merge.state)
            self.take(came, dict(merge.seen))
        except BadState as error:
            self.note("refuses a state", why=str(error))
            return
        except DiskFull:
            return  # unchanged: it will come again
        self.stability.heard(sender, dict(merge.seen))
        if merge.count:
            self.reply(Merged(merge.count))

    def take(self, came: Any, seen: Vector) -> None:
        """Merge a state that came."""
        state, version = self.copy(), joined(self.seen, seen)
        if state.merge(came) or version != self.seen:
            self.keep(state, version, self.log)
            self.note_delta(came)


class DeltaGossip(StateGossip):
    """Sends another replica the deltas that it has not confirmed.

    State and ``count``, the number of changes, are durable; deltas and confirmations are not, and a crash
    costs no more than sending whole states once.
    """

    def start(self) -> None:
        """Nothing is known of what the others have."""
        self.count = 0
        self.deltas: dict[int, Any] = {}
        self.confirmed: dict[str, int] = {}
        super().start()

    def saved(self, state: Any, seen: Vector, log: tuple[Entry, ...]) -> tuple[Any, ...]:
        return *super().saved(state, seen, log), self.count + 1

    def recall(self, text: str, seen: Vector, log: tuple[Entry, ...], *count: int) -> None:
        super().recall(text, seen, log)
        (self.count,) = count

    def keep(self, state: Any, seen: Vector, log: tuple[Entry, ...]) -> None:
        super().keep(state, seen, log)
        self.count += 1

    def note_delta(self, delta: Any) -> None:
        self.deltas[self.count - 1] = delta

    def ship(self) -> None:
        """Send one of the others what it has not confirmed."""
        self.tidy()
        peer = self.rng.choice(self.peers)
        start = self.confirmed.get(peer, 0)
        if start < self.count:
            self.send(peer, Merge(dumps(self.since(start)), self.pairs(), self.count))

    def since(self, start: int) -> Any:
        """All changes from number ``start`` on as one delta; the whole state when some are no longer here."""
        if any(number not in self.deltas for number in range(start, self.count)):
            return self.state
        joint = self.bottom()
        for number in range(start, self.count):
            joint.merge(self.deltas[number])
        return joint

    def on_merged(self, sender: str, merged: Merged) -> None:
        """Note what another replica has, and drop the deltas that all have."""
        self.confirmed[sender] = max(merged.count, self.confirmed.get(sender, 0))
        least = min(self.confirmed.get(peer, 0) for peer in self.peers)
        self.deltas = {number: delta for number, delta in self.deltas.items() if number >= least}
