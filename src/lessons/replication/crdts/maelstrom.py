"""The replicas as services of Maelstrom: g-set, broadcast, g-counter, pn-counter.

A replica answers alone, so it answers in every partition; gossip brings the others up to date when it can.
"""

from __future__ import annotations

from typing import Any

from lessons.net.maelstrom import Answering, Code, Failure, Fields, Service, field
from lessons.node import DiskFull, LessonsError
from lessons.replication.crdts.gossip import DeltaGossip


class Replicated(Answering, DeltaGossip):
    """A replica that answers Maelstrom's clients."""

    def change(self, name: str, *args: Any) -> None:
        """Do an update; raises Failure, and changes nothing, for one that makes no sense."""
        try:
            self.do(name, args)
        except DiskFull as full:
            raise Failure(Code.TEMPORARILY_UNAVAILABLE, str(full)) from None
        except LessonsError as error:
            raise Failure(Code.MALFORMED_REQUEST, str(error)) from None


class SetOfAll(Replicated):
    """A set that only grows: workload g-set."""

    def answer_add(self, fields: Fields) -> dict[str, Any]:
        """Add an element."""
        self.change("add", field(fields, "element"))
        return {}

    def answer_read(self, fields: Fields) -> dict[str, Any]:
        """All elements that are here."""
        return {"value": list(self.value)}


class Broadcast(Replicated):
    """What was broadcast is a set that only grows: workload broadcast."""

    def answer_topology(self, fields: Fields) -> dict[str, Any]:
        """Thank you: we gossip with everybody, at random, which no partition of a fixed tree can stop."""
        return {}

    def answer_broadcast(self, fields: Fields) -> dict[str, Any]:
        """A new message."""
        self.change("add", field(fields, "message"))
        return {}

    def answer_read(self, fields: Fields) -> dict[str, Any]:
        """All messages that are here."""
        return {"messages": list(self.value)}


class Sum(Replicated):
    """A counter: workloads g-counter and pn-counter."""

    def answer_add(self, fields: Fields) -> dict[str, Any]:
        """Add a whole number; nothing changes for 0."""
        delta = field(fields, "delta", int)
        if delta > 0:
            self.change("increment", delta)
        elif delta < 0:
            self.change("decrement", -delta)
        return {}

    def answer_read(self, fields: Fields) -> dict[str, Any]:
        """The sum, as far as it is known here."""
        return {"value": self.value}


SERVICES = {
    "g-set": Service(lambda name, names: SetOfAll("g-set"), (SetOfAll,)),
    "broadcast": Service(lambda name, names: Broadcast("g-set"), (Broadcast,)),
    "g-counter": Service(lambda name, names: Sum("g-counter"), (Sum,)),
    "pn-counter": Service(lambda name, names: Sum("pn-counter"), (Sum,)),
}
