"""Models: how each kind of object behaves when its operations come one after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lessons.check.consistency.fifo import order_of_items
from lessons.check.consistency.values import exact
from lessons.trace import Operation

if TYPE_CHECKING:
    from lessons.check.consistency.calls import Call

Applied = tuple[Any, Any] | None  # the state afterwards and the answer; None where it can't happen


class Model:
    """An object, by what its operations do when one client uses it alone: its sequential specification.

    A model of your own says which ``operations`` there are (name: number of arguments), what the ``initial``
    state is and what ``apply`` does. States are hashable values; arguments come with lists as tuples. The
    rest makes checks faster or answers more lenient, and can stay as it is:

    - ``readers``: operations that never change the state;
    - ``silent``: operations whose answer says nothing, so that any answer is right;
    - ``key``: the part of the object that an operation touches, when it touches one part alone.
    """

    operations: ClassVar[Mapping[str, int]] = {}
    readers: ClassVar[frozenset[str]] = frozenset()
    silent: ClassVar[frozenset[str]] = frozenset()
    initial: Hashable = None

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        """The state after the operation and its answer; None if it can't take effect in ``state``."""
        raise NotImplementedError

    def key(self, name: str, args: tuple[Any, ...]) -> Hashable | None:
        """Which part of the object the operation touches: parts are checked one by one. None: all of it.

        A history is linearizable if its part for each key is: Herlihy and Wing's locality, carried over
        to parts of one object by Horn and Kroening (2015).
        """
        return None

    def reads(self, name: str, args: tuple[Any, ...], answer: Any) -> bool:
        """Whether the operation, when it gives ``answer``, leaves every state as it is."""
        return name in self.readers

    def agrees(self, name: str, given: Any, answer: Any) -> bool:
        """Whether ``given``, which a client got, is the model's ``answer``."""
        return name in self.silent or exact(given) == exact(answer)

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        """The states that the operation can tell from others, as far as its arguments and its answer say."""
        return ()

    def resets(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The one state in which the operation leaves the object, whatever its state was; else nothing.

        This and ``grows`` let a search look ahead: they may be wrong on the side of caution only.
        """
        return ()

    def grows(self, state: Any, answer: Any) -> bool:
        """Whether operations that reset nothing may lead from ``state`` to one that a reader sees as ``answer``.

        A model that says more than "perhaps" promises that every operation can take effect in every state, but
        for its answer, and does the same in all states that can't grow into one that it ``tells``.
        """
        return True

    def order(self, calls: Sequence[Call]) -> Iterable[tuple[Call, Call]]:
        """Pairs of calls of which the first surely comes first, when ``calls`` begin in the initial state."""
        return ()

    @property
    def looks_ahead(self) -> bool:
        """Whether ``grows`` says something."""
        return type(self).grows is not Model.grows

    def arguments(self, operation: Operation) -> tuple[Any, ...]:
        """What ``apply`` gets as arguments."""
        return operation.args

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Register(Model):
    """One value: ``read()`` answers it, ``write(value)`` replaces it."""

    operations: ClassVar[Mapping[str, int]] = {"read": 0, "write": 1}
    readers: ClassVar[frozenset[str]] = frozenset({"read"})
    silent: ClassVar[frozenset[str]] = frozenset({"write"})

    def __init__(self, initial: Hashable = None) -> None:
        self.initial = initial

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        return (state, state) if name == "read" else (args[0], None)

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        return (answer,) if name == "read" else ()

    def resets(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return args[-1:]


class CASRegister(Register):
    """A register with ``cas(old, new)``: writes ``new`` and answers True if the value is ``old``, else False."""

    operations: ClassVar[Mapping[str, int]] = {**Register.operations, "cas": 2}

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        return swapped(state, *args) if name == "cas" else super().apply(state, name, args)

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        return args[:1] if name == "cas" else super().tells(name, args, answer)

    def reads(self, name: str, args: tuple[Any, ...], answer: Any) -> bool:
        return super().reads(name, args, answer) or (name == "cas" and answer is False)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A value that is neither text nor list, to which something was appended: no client ever saw one."""

    value: Any
    more: Any


class KeyValue(Model):
    """Values by key: ``get(key)``, ``put(key, value)``, ``append(key, text)``, ``delete(key)``, ``cas(key, old, new)``.

    ``missing`` is what a key without a value answers; appending to it begins a new text.
    """

    operations: ClassVar[Mapping[str, int]] = {"get": 1, "put": 2, "append": 2, "delete": 1, "cas": 3}
    readers: ClassVar[frozenset[str]] = frozenset({"get"})
    silent: ClassVar[frozenset[str]] = frozenset({"put", "append", "delete"})

    def __init__(self, missing: Hashable = None) -> None:
        self.initial = missing

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        if name == "get":
            return state, state
        if name == "put":
            return args[1], None
        if name == "delete":
            return self.initial, None
        return swapped(state, *args[1:]) if name == "cas" else self._append(state, args[1])

    def _append(self, state: Any, more: Any) -> Applied:
        if exact(state) == exact(self.initial):
            return more, None
        fitting = isinstance(state, str | tuple) and type(state) is type(more)
        return (state + more if fitting else Spoilt(state, more)), None

    def key(self, name: str, args: tuple[Any, ...]) -> Hashable | None:
        return exact(args[0])

    def reads(self, name: str, args: tuple[Any, ...], answer: Any) -> bool:
        return super().reads(name, args, answer) or (name == "cas" and answer is False)

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        return {"get": (answer,), "cas": args[1:2]}.get(name, ())

    def resets(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return {"put": args[1:], "delete": (self.initial,), "cas": args[2:]}.get(name, ())

    def grows(self, state: Any, answer: Any) -> bool:
        if isinstance(state, str | tuple) and isinstance(answer, type(state)):
            return state == self.initial or answer[: len(state)] == state
        return state in (self.initial, answer)


def swapped(state: Any, old: Any, new: Any) -> tuple[Any, bool]:
    """What a compare-and-swap makes of ``state``, and whether it did."""
    return (new, True) if exact(state) == exact(old) else (state, False)


class Queue(Model):
    """First in, first out: ``enqueue(item)``; ``dequeue()`` answers the oldest item, None when there is none.

    None is therefore no item.
    """

    operations: ClassVar[Mapping[str, int]] = {"enqueue": 1, "dequeue": 0}
    silent: ClassVar[frozenset[str]] = frozenset({"enqueue"})
    initial: tuple[Any, ...] = ()

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        if name == "enqueue":
            return (*state, args[0]), None
        return (state[1:], state[0]) if state else (state, None)

    def reads(self, name: str, args: tuple[Any, ...], answer: Any) -> bool:
        return name == "dequeue" and answer is None

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        return (() if answer is None else (answer,),) if name == "dequeue" else ()

    def arguments(self, operation: Operation) -> tuple[Any, ...]:
        if operation.args == (None,):
            raise ValueError("args is (None,): None can't be an item, it is what dequeue answers when there is none")
        return operation.args

    def order(self, calls: Sequence[Call]) -> Iterable[tuple[Call, Call]]:
        return order_of_items(calls)


class Lock(Model):
    """Held by one client at most: ``acquire()`` and ``release()``; ``try_acquire()`` answers whether it got it.

    ``acquire`` takes effect when the lock is free, ``release`` when its client holds it; any answer of the
    two is right. An acquire that was given up is an operation with outcome "fail".
    """

    operations: ClassVar[Mapping[str, int]] = {"acquire": 0, "try_acquire": 0, "release": 0}
    silent: ClassVar[frozenset[str]] = frozenset({"acquire", "release"})

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        (client,) = args
        if name == "release":
            return (None, None) if state == client else None
        if state is None:
            return client, True
        return (state, False) if name == "try_acquire" else None

    def reads(self, name: str, args: tuple[Any, ...], answer: Any) -> bool:
        return name == "try_acquire" and answer is False

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        return args if name == "release" else (None,)

    def arguments(self, operation: Operation) -> tuple[Any, ...]:
        return (operation.client,)


class Set(Model):
    """Distinct items: ``add(item)``, ``remove(item)``, ``contains(item)``, and ``read()``, which answers all of them.

    ``add`` and ``remove`` answer whether they changed something, or None, which says nothing.
    """

    operations: ClassVar[Mapping[str, int]] = {"add": 1, "remove": 1, "contains": 1, "read": 0}
    readers: ClassVar[frozenset[str]] = frozenset({"contains", "read"})
    initial: frozenset[Any] = frozenset()

    def apply(self, state: Any, name: str, args: tuple[Any, ...]) -> Applied:
        if name == "read":
            return state, state
        item = exact(args[0])
        if name == "contains":
            return state, item in state
        after = state | {item} if name == "add" else state - {item}
        return after, after != state

    def key(self, name: str, args: tuple[Any, ...]) -> Hashable | None:
        return exact(args[0]) if args else None

    def tells(self, name: str, args: tuple[Any, ...], answer: Any) -> tuple[Any, ...]:
        if name == "read":
            return (frozenset(map(exact, answer)),) if isinstance(answer, tuple | frozenset) else ()
        return (frozenset(), frozenset({exact(args[0])}))

    def agrees(self, name: str, given: Any, answer: Any) -> bool:
        if name == "read":
            return isinstance(given, tuple | frozenset) and frozenset(map(exact, given)) == answer
        return (given is None and name in ("add", "remove")) or super().agrees(name, given, answer)
