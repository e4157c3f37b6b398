"""References: each object written a second time, and a search that knows no trick. Its histories come from seeds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from lessons.check.consistency.models import CASRegister, KeyValue, Lock, Model, Queue, Register, Set
from lessons.trace import Operation

SILENT = object()  # an answer that says nothing

Answered = tuple[Any, Any] | None  # the state afterwards and the answer; None where it can't happen
Call = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Reference:
    """An object of ``model``: what it is at ``first``, what ``does`` an operation of a client, what clients ``may`` do.

    ``whole`` says that an operation may touch all of it; else the first argument names the part.
    """

    model: Model
    first: Any
    does: Callable[[Any, str, tuple[Any, ...], str], Answered]
    may: Callable[[Random], Call]
    whole: bool = True


def one_of(*calls: Callable[[Random], Call]) -> Callable[[Random], Call]:
    return lambda chance: chance.choice(calls)(chance)


def call(name: str, *values: Sequence[Any]) -> Callable[[Random], Call]:
    return lambda chance: (name, tuple(chance.choice(each) for each in values))


def same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def register(value: Any, name: str, args: tuple[Any, ...], client: str) -> Answered:
    if name == "read":
        return value, value
    if name == "write":
        return args[0], SILENT
    return (args[1], True) if same(value, args[0]) else (value, False)


def store(pairs: Any, name: str, args: tuple[Any, ...], client: str) -> Answered:
    values = dict(pairs)
    value = values.get(args[0], "")
    if name == "get":
        return pairs, value
    if name == "cas" and value != args[1]:
        return pairs, False
    values[args[0]] = {"append": value + str(args[-1]), "delete": ""}.get(name, args[-1])
    return tuple(sorted(values.items())), True if name == "cas" else SILENT


def queue(items: Any, name: str, args: tuple[Any, ...], client: str) -> Answered:
    if name == "enqueue":
        return (*items, args[0]), SILENT
    return (items[1:], items[0]) if items else (items, None)


def lock(holder: Any, name: str, args: tuple[Any, ...], client: str) -> Answered:
    if name == "release":
        return (None, SILENT) if holder == client else None
    if holder is None:
        return client, True if name == "try_acquire" else SILENT
    return (holder, False) if name == "try_acquire" else None


def items(state: Any, name: str, args: tuple[Any, ...], client: str) -> Answered:
    if name == "read":
        return state, tuple(sorted(state))
    if name == "contains":
        return state, args[0] in state
    after = state | set(args) if name == "add" else state - set(args)
    return after, after != state


FEW = (0, 1, 2)
READ, WRITE, CAS = call("read"), call("write", FEW), call("cas", FEW, FEW)
TEXTS = ("", "a", "b", "ab")
GET, PUT, APPEND = call("get", "xy"), call("put", "xy", TEXTS), call("append", "xy", "ab")
ONE_ITEM = (call("add", FEW), call("remove", FEW), call("contains", FEW))

REFERENCES = {
    "register": Reference(Register(0), 0, register, one_of(READ, WRITE)),
    "cas register": Reference(CASRegister(0), 0, register, one_of(READ, WRITE, CAS)),
    "store": Reference(
        KeyValue(missing=""),
        (),
        store,
        one_of(GET, GET, PUT, APPEND, APPEND, call("delete", "xy"), call("cas", "xy", TEXTS, TEXTS)),
        whole=False,
    ),
    "queue": Reference(Queue(), (), queue, one_of(call("enqueue", FEW), call("dequeue"))),
    "lock": Reference(Lock(), None, lock, one_of(call("acquire"), call("try_acquire"), call("release"))),
    "set": Reference(Set(), frozenset(), items, one_of(READ, *ONE_ITEM)),
    "set without reads of all": Reference(Set(), frozenset(), items, one_of(*ONE_ITEM), whole=False),
}


def drawn(reference: Reference, chance: Random) -> list[Operation]:
    """What up to 4 clients saw of one object; then answers are exchanged and times moved. Many times are equal."""
    free = dict.fromkeys("abcd"[: chance.randint(1, 4)], 0)
    history, state, now = [], reference.first, 0
    for _ in range(chance.randint(2, 9)):
        now += chance.randint(0, 2)
        client = chance.choice(list(free))
        if free[client] <= now:
            made, state = operation(reference, chance, client, state, (free[client], now))
            history += made
            free[client] = made[0].returned if made else now
    for _ in range(chance.choice((0, 1, 1, 2, 3, 4)) if history else 0):
        place = chance.randrange(len(history))
        history[place] = changed(history, history[place], chance)
    chance.shuffle(history)
    return history


def operation(
    reference: Reference, chance: Random, client: str, state: Any, between: tuple[int, int]
) -> tuple[list[Any], Any]:
    """One operation, if it can happen, and the state after it."""
    name, args = reference.may(chance)
    fate = chance.choice(["ok"] * 6 + ["unknown", "lost", "fail"])
    answer = None
    if fate in ("ok", "unknown"):
        done = reference.does(state, name, args, client)
        if done is None:
            return [], state
        state, answer = done[0], None if done[1] is SILENT else done[1]
    outcome = "unknown" if fate == "lost" else fate
    called, returned = chance.randint(*between), between[1] + chance.randint(0, 5)
    value = answer if outcome == "ok" else None
    return [Operation(client, 0, name, args, called, returned, outcome, value)], state


def changed(history: Sequence[Operation], one: Operation, chance: Random) -> Operation:
    """``one`` with another answer, or later."""
    if chance.random() < 0.6 and one.outcome == "ok":
        others = [each.value for each in history if each.name == one.name and each.outcome == "ok"]
        return replace(one, value=chance.choice([True, False] if isinstance(one.value, bool) else others))
    called = one.called + chance.randint(0, 5)
    return replace(one, called=called, returned=max(called, one.returned or called))


# Trying all orders


def turn(history: Sequence[Operation], place: int) -> tuple[float, float, int]:
    """Where an operation stands among those of its client."""
    one = history[place]
    return one.called, one.returned if one.outcome == "ok" and one.returned is not None else one.called, place


def precedes(history: Sequence[Operation], one: int, other: int) -> bool:
    """Whether both are of one client, which had the answer to the first when it asked for the second."""
    first, second = history[one], history[other]
    if first.outcome != "ok" or first.client != second.client or first.returned is None:
        return False
    return first.returned <= second.called and turn(history, one) < turn(history, other)


def part(reference: Reference, history: Sequence[Operation], place: int) -> Hashable:
    return None if reference.whole else history[place].args[0]


def in_time(reference: Reference, history: Sequence[Operation], one: int, other: int) -> bool:
    """Whether the first had returned before the second was called, or at that moment, for one client and one part."""
    first = history[one]
    if first.outcome == "ok" and first.returned is not None and first.returned < history[other].called:
        return True
    same_part = part(reference, history, one) == part(reference, history, other)
    return same_part and precedes(history, one, other)


def agrees(one: Operation, answer: Any) -> bool:
    if one.outcome != "ok" or answer is SILENT or (one.value is None and one.name in ("add", "remove")):
        return True
    return same(one.value, answer)


def has_order(reference: Reference, history: Sequence[Operation], timed: bool) -> bool:
    """Whether an order explains the history: one that respects times, or only each client's own order."""
    places = [place for place, each in enumerate(history) if each.outcome != "fail"]
    before = {
        place: {
            other
            for other in places
            if other != place
            and (in_time(reference, history, other, place) if timed else precedes(history, other, place))
        }
        for place in places
    }
    required = {place for place in places if history[place].outcome == "ok"}
    met: set[Hashable] = set()
    open_: list[tuple[frozenset[int], Any]] = [(frozenset(), reference.first)]
    while open_:
        done, state = open_.pop()
        if required <= done:
            return True
        if (done, state) not in met:
            met.add((done, state))
            ready = (place for place in places if place not in done and before[place] <= done)
            open_ += (after for place in ready for after in went_on(reference, history, done, state, place))
    return False


def went_on(
    reference: Reference, history: Sequence[Operation], done: frozenset[int], state: Any, place: int
) -> Iterator[tuple[frozenset[int], Any]]:
    """What follows when the operation at ``place`` is next, if it can be."""
    one = history[place]
    found = reference.does(state, one.name, one.args, one.client)
    if found is not None and agrees(one, found[1]):
        yield done | {place}, found[0]
