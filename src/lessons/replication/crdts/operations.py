"""Types by operation: an update is prepared where it is asked for, and takes effect everywhere.

They rely on the network for what a merge does for states: each operation comes once, after all that its
author had seen (Shapiro et al. 2011, section 2.2). Operations are plain data. Each comes with the dotted
version vector that the broadcast gave it, and concurrent ones commute.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from lessons.replication.crdts import rules
from lessons.replication.crdts.codec import KINDS, dumps, loads
from lessons.replication.crdts.dots import DottedVersion
from lessons.replication.crdts.errors import BadState, NotThere
from lessons.replication.crdts.registers import NEVER, Stamp, later
from lessons.replication.crdts.rules import Element, Scalar
from lessons.replication.crdts.updates import perform

Body = tuple[Any, ...]


class ByOperation(ABC):
    """A replicated type by operation."""

    kind: str

    @abstractmethod
    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        """The operation that does an update, from what is here; changes nothing.

        Raises BadState for an update that this type does not have, NotThere for a removal of nothing.
        """

    @abstractmethod
    def effect(self, stamp: DottedVersion, body: Body) -> None:
        """Let an operation take effect. Raises BadState."""

    @property
    @abstractmethod
    def value(self) -> Any:
        """What a reader sees."""

    @abstractmethod
    def saved(self) -> Any:
        """The state as plain data, for the disk."""

    @abstractmethod
    def recall(self, saved: Any) -> None:
        """Take up what ``saved`` has given."""


class OpCounter(ByOperation):
    """A counter: additions commute, so that their operation is the addition itself."""

    kind = "pn-counter"

    def __init__(self) -> None:
        self.total = 0

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        known(name, "increment", "decrement")
        (amount,) = rules.listed("args", args, 1)
        return "add", rules.whole("amount", amount, 1) * (1 if name == "increment" else -1)

    def effect(self, stamp: DottedVersion, body: Body) -> None:
        _, amount = rules.pair("body", body)
        if type(amount) is not int:
            raise BadState(f"amount is {amount!r}: it must be a whole number")
        self.total += amount

    @property
    def value(self) -> int:
        return self.total

    def saved(self) -> int:
        return self.total

    def recall(self, saved: int) -> None:
        self.total = saved


class OpSet(ByOperation):
    """An OR-set: the operation of a removal names the additions that it removes; they are all here already."""

    kind = "or-set"

    def __init__(self) -> None:
        self.tags: dict[rules.Dot, Element] = {}

    def __contains__(self, element: Element) -> bool:
        return element in self.tags.values()

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        known(name, "add", "remove")
        (element,) = rules.listed("args", args, 1)
        if name == "add":
            return "add", rules.element("element", element)
        tags = tuple(tag for tag, held in self.tags.items() if held == element)
        if not tags:
            raise NotThere(f"element is {element!r}: it is not in the set, so it can't be removed")
        return "remove", tags

    def effect(self, stamp: DottedVersion, body: Body) -> None:
        name, what = rules.pair("body", body)
        if name == "add":
            self.tags[stamp.dot] = rules.element("element", what)
        else:
            for tag in [rules.dot("tag", each) for each in rules.listed("tags", what)]:
                self.tags.pop(tag, None)  # somebody else may have removed it at the same time

    @property
    def value(self) -> set[Element]:
        return set(self.tags.values())

    def saved(self) -> dict[rules.Dot, Element]:
        return self.tags

    def recall(self, saved: dict[rules.Dot, Element]) -> None:
        self.tags = saved


class OpRegister(ByOperation):
    """A multi-value register: a write replaces the values that its author had seen."""

    kind = "mv-register"

    def __init__(self) -> None:
        self.values: dict[rules.Dot, Scalar] = {}

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        known(name, "write")
        (value,) = rules.listed("args", args, 1)
        return "write", rules.scalar("value", value)

    def effect(self, stamp: DottedVersion, body: Body) -> None:
        _, value = rules.pair("body", body)
        new = rules.scalar("value", value)
        self.values = {dot: held for dot, held in self.values.items() if not stamp.saw(DottedVersion(dot, {}))}
        self.values[stamp.dot] = new

    @property
    def value(self) -> Any:
        return [value for _, value in sorted({rules.order(value): value for value in self.values.values()}.items())]

    def saved(self) -> dict[rules.Dot, Scalar]:
        return self.values

    def recall(self, saved: dict[rules.Dot, Scalar]) -> None:
        self.values = saved


class OpFlag(OpRegister):
    """An enable-wins flag: a multi-value register of switches, read as one."""

    kind = "enable-wins-flag"

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        known(name, "enable", "disable")
        return "write", name == "enable"

    @property
    def value(self) -> bool:
        return any(self.values.values())


class OpLastWriter(ByOperation):
    """A register in which the last writer wins: the operation carries value and stamp."""

    kind = "lww-register"

    def __init__(self) -> None:
        self.held: Scalar = None
        self.stamp: Stamp = NEVER

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        known(name, "write")
        (value,) = rules.listed("args", args, 1)
        return "write", rules.scalar("value", value), *later(time, replica, self.stamp)

    def effect(self, stamp: DottedVersion, body: Body) -> None:
        _, value, time, writer = rules.listed("body", body, 4)
        new = rules.scalar("value", value), (rules.whole("time", time, 1), rules.replica("writer", writer))
        if new[1] > self.stamp:
            self.held, self.stamp = new

    @property
    def value(self) -> Scalar:
        return self.held

    def saved(self) -> tuple[Scalar, Stamp]:
        return self.held, self.stamp

    def recall(self, saved: tuple[Scalar, Stamp]) -> None:
        self.held, self.stamp = saved


class OpDelta(ByOperation):
    """Any type with deltas: a delta is an operation that would not even need a careful network."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.state: Any = KINDS[kind]()

    def prepare(self, replica: str, name: str, args: tuple[Any, ...], time: int) -> Body:
        return "merge", dumps(perform(self.state.copy(), replica, name, args, time))

    def effect(self, stamp: DottedVersion, body: Body) -> None:
        _, text = rules.pair("body", body)
        self.state.merge(loads(rules.text("delta", text), type(self.state)))

    @property
    def value(self) -> Any:
        return self.state.value

    def saved(self) -> str:
        return dumps(self.state)

    def recall(self, saved: str) -> None:
        self.state = loads(saved, type(self.state))


#: Types that have operations of their own.
OWN: Mapping[str, type[ByOperation]] = {
    kind.kind: kind for kind in (OpCounter, OpSet, OpRegister, OpFlag, OpLastWriter)
}


def by_operation(kind: str) -> ByOperation:
    """The type of that name by operation: with operations of its own, or else with deltas."""
    if kind in OWN:
        return OWN[kind]()
    if kind not in KINDS:
        raise BadState(f"kind is {kind!r}: there are {', '.join(KINDS)}")
    return OpDelta(kind)


def known(name: str, *names: str) -> None:
    """Refuse an update that a type does not have."""
    if name not in names:
        raise BadState(f"name is {name!r}: it must be one of {', '.join(names)}")
