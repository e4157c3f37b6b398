"""First drafts of replicated data, each as one would write it before seeing it fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.broadcast import CausalBroadcast, Operation
from lessons.replication.crdts.codec import loads
from lessons.replication.crdts.counters import GCounter
from lessons.replication.crdts.dots import DottedVersion, Vector
from lessons.replication.crdts.gossip import DeltaGossip, StateGossip
from lessons.replication.crdts.lattice import Lattice
from lessons.replication.crdts.operations import ByOperation
from lessons.replication.crdts.registers import LWWRegister
from lessons.replication.crdts.replica import Entry
from lessons.replication.crdts.rules import Element, Scalar
from lessons.replication.crdts.sets import GSet


class MaxCounter(GCounter):
    """A counter that is one number: to merge is to take the larger one, as a grow-only counter does."""

    def increment(self, replica: str, amount: int = 1) -> GCounter:
        """Add to the number that all share."""
        return super().increment("all", amount)


class PlainSet(GSet):
    """A set that is a set: to merge is to unite, to remove is to remove."""

    kind: ClassVar[str] = "or-set"

    def add(self, replica: str, element: Element) -> GSet:  # type: ignore[override]
        """Add an element."""
        return super().add(element)

    def remove(self, element: Element) -> GSet:
        """Remove an element."""
        self.elements.discard(element)
        return GSet()


@dataclass(slots=True)
class NamedRegister(Lattice):
    """A register in which the last writer wins, that keeps the name of its replica to decide between equals."""

    kind: ClassVar[str] = "lww-register"
    owner: str = ""
    held: Scalar = None
    time: int = 0

    def write(self, replica: str, value: Scalar, time: int) -> NamedRegister:
        """Write ``value``, later than what is here."""
        self.held, self.time = value, self.time + 1
        return NamedRegister(self.owner, self.held, self.time)

    def merge(self, other: NamedRegister) -> bool:
        """Take the later one, or at the same time that of the greater name: value, time and name."""
        if (other.time, other.owner) <= (self.time, self.owner):
            return False
        self.owner, self.held, self.time = other.owner, other.held, other.time
        return True

    @property
    def value(self) -> Scalar:
        """What was written last."""
        return self.held

    def data(self) -> dict[str, Any]:
        return {"owner": self.owner, "value": self.held, "time": self.time}

    @classmethod
    def of(cls, data: Any) -> NamedRegister:
        owner, value, time = rules.fields("register", data, "owner", "value", "time")
        return cls(rules.text("owner", owner), rules.scalar("value", value), rules.whole("time", time))


class ClockRegister(LWWRegister):
    """A register with the time of day of the write, and the later write wins."""

    def write(self, replica: str, value: Scalar, time: int) -> LWWRegister:
        """Write ``value`` at ``time``."""
        self.held, self.stamp = value, (time + 1, "all")
        return self

    def merge(self, other: LWWRegister) -> bool:
        """Take the later one."""
        if other.stamp <= self.stamp:
            return False
        self.held, self.stamp = other.held, other.stamp
        return True


class DraftGossip(StateGossip):
    """Replicas with a state that is a first draft."""

    draft: ClassVar[Any]

    def bottom(self) -> Any:
        """The state of a replica that has seen nothing."""
        return self.draft()

    def read(self, text: str) -> Any:
        """The state in a text."""
        return loads(text, self.draft)


class MaxCounters(DraftGossip):
    """Replicas of a counter that is one number."""

    draft = MaxCounter


class PlainSets(DraftGossip):
    """Replicas of a set that is a set."""

    draft = PlainSet


class NamedRegisters(DraftGossip):
    """Replicas of a register that keeps the name of its replica."""

    draft = NamedRegister

    def bottom(self) -> NamedRegister:
        """A register with this node's name."""
        return NamedRegister(self.name)


class WholeSeconds(StateGossip):
    """Replicas whose clocks count whole seconds, as the times of many databases do."""

    def milliseconds(self) -> int:
        """This node's time of day, in seconds."""
        return max(0, int(self.now))


class ClockRegisters(DraftGossip, WholeSeconds):
    """Replicas of a register with the time of day."""

    draft = ClockRegister


class Hasty(DeltaGossip):
    """Goes on before its disk has what was written."""

    def keep(self, state: Any, seen: Vector, log: tuple[Entry, ...]) -> None:
        """Write the new state, and believe it at once."""
        self.disk.put("replica", self.saved(state, seen, log))
        self.state, self.seen, self.log = state, seen, log
        self.count += 1


class PositionText(ByOperation):
    """Text whose operations are what the editor says: a position, and what was typed or deleted there."""

    kind = "text"

    def __init__(self) -> None:
        self.text = ""

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> tuple[Any, ...]:
        """The edit as it is."""
        return name, *args

    def effect(self, stamp: DottedVersion, body: tuple[Any, ...]) -> None:
        """Do the edit to the text as it is here."""
        name, position, what = body
        if name == "insert":
            self.text = self.text[:position] + what + self.text[position:]
        else:
            self.text = self.text[:position] + self.text[position + what :]

    @property
    def value(self) -> str:
        """The text."""
        return self.text

    def __len__(self) -> int:
        return len(self.text)

    def saved(self) -> str:
        return self.text

    def recall(self, saved: str) -> None:
        self.text = saved


class PositionTexts(CausalBroadcast):
    """Replicas of a text by position."""

    def bottom(self) -> ByOperation:
        """An empty text."""
        return PositionText()


class InOrderOfAuthor(CausalBroadcast):
    """Delivers each author's operations in order, whatever else they had seen."""

    def is_ready(self, operation: Operation) -> bool:
        """Whether an operation is its author's next one."""
        return operation.number == self.seen.get(operation.author, 0) + 1
