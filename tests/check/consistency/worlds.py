"""Histories for the tests: written by hand, drawn at random from real executions, and judged by trying everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations, product
from typing import Any

from hypothesis import strategies as st

from lessons.check.consistency.calls import Call, calls_of
from lessons.check.consistency.models import CASRegister, KeyValue, Lock, Model, Queue, Register, Set, Spoilt
from lessons.trace import Operation

CLIENTS = ("ann", "bob", "cat")
ITEMS = st.integers(0, 2)


def op(client: str, call: str, called: float, returned: float | None = None, gives: Any = None) -> Operation:
    """``op("ann", "write 1", 0, 2)``; without ``returned`` it has no answer."""
    name, *args = call.split()
    values = tuple(int(arg) if arg.lstrip("-").isdigit() else arg for arg in args)
    return Operation(client, 0, name, values, called, returned, "unknown" if returned is None else "ok", gives)


# Random executions

STEPS: dict[Model, st.SearchStrategy[tuple[str, tuple[Any, ...]]]] = {
    Register(): st.one_of(st.just(("read", ())), st.tuples(st.just("write"), st.tuples(ITEMS))),
    CASRegister(0): st.one_of(
        st.just(("read", ())),
        st.tuples(st.just("write"), st.tuples(ITEMS)),
        st.tuples(st.just("cas"), st.tuples(ITEMS, ITEMS)),
    ),
    KeyValue(missing=""): st.one_of(
        st.tuples(st.just("get"), st.tuples(st.sampled_from("xy"))),
        st.tuples(st.just("delete"), st.tuples(st.sampled_from("xy"))),
        st.tuples(st.just("put"), st.tuples(st.just("x"), st.just(1))),
        st.tuples(st.sampled_from(["put", "append"]), st.tuples(st.sampled_from("xy"), st.sampled_from("ab"))),
        st.tuples(st.just("cas"), st.tuples(st.sampled_from("xy"), st.sampled_from(["", "a"]), st.sampled_from("ab"))),
    ),
    Queue(): st.one_of(st.just(("dequeue", ())), st.tuples(st.just("enqueue"), st.tuples(st.integers(0, 9)))),
    Lock(): st.sampled_from([("acquire", ()), ("release", ()), ("try_acquire", ())]),
    Set(): st.one_of(
        st.just(("read", ())), st.tuples(st.sampled_from(["add", "remove", "contains"]), st.tuples(ITEMS))
    ),
}
MODELS = {type(model).__name__: model for model in STEPS}


class Object:
    """One copy of what a model describes, used by one client after the other."""

    def __init__(self, model: Model, initial: Any) -> None:
        self.model, self.initial = model, initial
        self.parts: dict[Any, Any] = {}

    def does(self, name: str, args: tuple[Any, ...]) -> tuple[bool, Any]:
        """Whether the operation can take effect now, and its answer; the state is as it says from then on."""
        part = model_key(self.model, name, args)
        applied = self.model.apply(self.parts.get(part, self.initial), name, args)
        if applied is None:
            return False, None
        self.parts[part], answer = applied
        return True, answer


def model_key(model: Model, name: str, args: tuple[Any, ...]) -> Any:
    """The part of a store; a set is whole, since its read sees all of it."""
    return model.key(name, args) if isinstance(model, KeyValue) else None


@st.composite
def executions(draw: st.DrawFn, model: Model, most: int = 8, clients: int = 3) -> list[Operation]:
    """What clients saw of one object that did one operation after the other, each between its call and its return.

    Some operations have no answer, and took effect or did not; some failed. Times are small whole numbers, so
    that many are equal.
    """
    single, history, free = Object(model, model.initial), [], dict.fromkeys(CLIENTS[:clients], 0)
    for moment in range(0, 2 * draw(st.integers(1, most)), 2):
        ready = [client for client, time in free.items() if time <= moment]
        if not ready:
            continue
        client = draw(st.sampled_from(ready))
        name, args = draw(STEPS[model])
        fate = draw(st.sampled_from(["ok", "ok", "ok", "ok", "unknown", "lost", "fail"]))
        operation = Operation(client, len(history), name, args, draw(st.integers(free[client], moment)))
        took, answer = single.does(name, model.arguments(operation)) if fate in ("ok", "unknown") else (True, None)
        if took and not isinstance(answer, Spoilt):
            returned = draw(st.integers(moment, moment + 6))
            free[client] = returned
            outcome = "unknown" if fate == "lost" else fate
            history.append(
                replace(operation, returned=returned, outcome=outcome, value=answer if fate == "ok" else None)
            )
    return history


@st.composite
def mutations(draw: st.DrawFn, model: Model, most: int = 5) -> list[Operation]:
    """An execution in which answers were exchanged, and times moved."""
    history = draw(executions(model, most))
    for _ in range(draw(st.integers(1, 3))) if history else ():
        at = draw(st.integers(0, len(history) - 1))
        other = draw(st.sampled_from(history))
        if draw(st.booleans()):
            history[at] = replace(history[at], value=other.value if other.name == history[at].name else 1)
        else:
            later = draw(st.integers(history[at].called, history[at].called + 6))
            history[at] = replace(history[at], called=later, returned=max(later, history[at].returned or 0))
    return history


# Trying everything

Before = Callable[[Call, Call], bool]


def in_real_time(model: Model) -> Before:
    """Whether a call had returned when another one was made; at the same time, for one client and one key only."""

    def before(one: Call, other: Call) -> bool:
        if not one.required or one is other:
            return False
        near = model_key(model, one.name, one.args) == model_key(model, other.name, other.args)
        return one.operation.returned < other.operation.called or (near and in_program(one, other))

    return before


def in_program(one: Call, other: Call) -> bool:
    """Whether both are of one client, which had the answer to ``one`` when it called ``other``."""
    first, second = one.operation, other.operation
    same = one.required and one is not other and first.client == second.client
    return same and first.returned <= second.called and one.turn < other.turn


def explains(order: Sequence[Call], model: Model, initial: Any) -> bool:
    """Whether one object that begins in the state ``initial`` and does ``order`` gives every answer."""
    single = Object(model, initial)
    for call in order:
        took, answer = single.does(call.name, call.args)
        if not took or (call.known and not model.agrees(call.name, call.answer, answer)):
            return False
    return True


def arrangements(calls: Sequence[Call], before: Before) -> Iterator[tuple[Call, ...]]:
    """Every order of the required calls and any of the others that ``before`` allows."""
    optional = [call for call in calls if not call.required]
    for chosen in product([False, True], repeat=len(optional)):
        kept = [call for call, taken in zip(optional, chosen, strict=True) if taken]
        for order in permutations([*(call for call in calls if call.required), *kept]):
            if not any(before(later, earlier) for at, later in enumerate(order) for earlier in order[:at]):
                yield order


def brute_force(history: Sequence[Operation], model: Model, before: Before | None = None) -> bool:
    """Whether any order explains the history, by trying all of them; in real time unless ``before`` is given."""
    calls = calls_of(history, model)
    return any(explains(order, model, model.initial) for order in arrangements(calls, before or in_real_time(model)))
