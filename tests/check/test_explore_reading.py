"""Readings: equal for what can't be told apart, different for everything else, workflows that wait included."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from random import Random
from typing import Any

import pytest

from lessons.check.explore.reading import Number, Reader, Unreadable
from lessons.node import Future, Series, message


@message
class Word:
    text: str


class Colour(Enum):
    RED = 1
    BLUE = 2


class Plain:
    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class Options:
    size: int = 1


@dataclass
class Box:
    items: list[int] = field(default_factory=list)


def reading(*values: Any) -> Any:
    reader = Reader()
    return tuple(reader.all(values))


def twice(value: Any) -> list[Any]:
    return [value, value]


def same_lists() -> Any:
    shared: list[int] = []
    return [shared, shared]


def circle(length: int) -> Any:
    nodes = [Plain() for _ in range(length)]
    for node, other in zip(nodes, nodes[1:] + nodes[:1], strict=True):
        node.next = other
    return nodes[0]


def closure(value: Any) -> Callable[[], Any]:
    return lambda: value


DIFFERENT: list[tuple[Any, ...]] = [
    (1, True, 1.0, "1", b"1", None, 0, False, 0.0, -0.0, float("inf")),
    ([1], (1,), {1}, frozenset({1}), {1: 1}, deque([1]), deque([1], 5), bytearray(b"\1"), Series([1])),
    ({1: 2, 3: 4}, {3: 4, 1: 2}, OrderedDict({1: 2, 3: 4}), defaultdict(int, {1: 2, 3: 4})),
    (Colour.RED, Colour.BLUE, Colour, "RED", 1),
    (Word("a"), Word("b"), Options(), Options(2), Box(), Box([1]), Word, Options),
    (Plain(), Plain(a=1), Plain(a=2), Plain(b=1), Slotted(), Slotted(left=1), Slotted(right=1)),
    ([[], []], same_lists(), [[]], [[], [], []]),
    (circle(1), circle(2), circle(3)),
    (closure(1), closure(2), closure([1]), partial(closure, 1), partial(closure, 2), len, print),
    (iter([1, 2, 3]), iter((1, 2, 3)), iter([1, 2])),
    (Random(1), Random(2)),
    (ValueError("a"), ValueError("b"), KeyError("a")),
    ([1].append, [2].append, [1].pop, Plain(a=1).__init__, Plain(a=2).__init__),  # type: ignore[misc]
]


@pytest.mark.parametrize("values", DIFFERENT, ids=lambda values: type(values[0]).__name__)
def test_what_can_be_told_apart_is_read_differently(values: tuple[Any, ...]) -> None:
    for place, one in enumerate(values):
        assert reading(one) == reading(one)
        assert [reading(one) == reading(other) for other in values].count(True) == 1, place


EQUAL: list[Callable[[], Any]] = [
    lambda: {"a": [1, 2.5, ("x", None)], "b": {1, 2, 3}},
    lambda: [Word("a"), Options(3), Box([1]), Colour.RED],
    lambda: Plain(a=Slotted(left=[1]), b=Series([1, 2])),
    lambda: circle(3),
    lambda: closure([1]),
    lambda: iter([1, 2]),
    lambda: Random(7),
    lambda: deque([1, 2], 3),
]


@pytest.mark.parametrize("make", EQUAL)
def test_what_holds_the_same_is_read_the_same(make: Callable[[], Any]) -> None:
    assert reading(make()) == reading(make())


def test_it_makes_no_difference_whether_two_places_share_what_cannot_change() -> None:
    one, other = Word("a"), Word("a")
    assert reading(twice(one)) == reading([one, other])
    assert reading(twice(Options())) == reading([Options(), Options()])


def test_a_series_is_read_as_far_as_it_goes() -> None:
    longer = Series([1]).__add__([2, 3])
    assert reading(longer.until(1)) == reading(Series([1]))


def test_later_sights_of_an_object_say_which_it_was() -> None:
    first, second = [1], [1]
    assert reading([first, second, first]) != reading([first, second, second])


def test_names_are_given_to_what_is_the_same_in_all_states() -> None:
    lock = threading.Lock()
    assert Reader({id(lock): "lock"}).read([lock]) == Reader({id(lock): "lock"}).read([lock])


def test_a_number_is_read_as_what_it_means() -> None:
    meanings = {3: (1, 0), 4: (1, 0), 5: (1, 2)}.get
    assert Reader(meaning=meanings).read([Number(3)]) == Reader(meaning=meanings).read([Number(4)])
    assert Reader(meaning=meanings).read([Number(3)]) != Reader(meaning=meanings).read([Number(5)])


@pytest.mark.parametrize("value", [threading.Lock(), {Plain()}, memoryview(b"a"), [object(), threading.local()]])
def test_what_cannot_be_compared_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        reading(value)


# Workflows


class Moment:
    def __await__(self) -> Generator[Any, None, None]:
        yield None


async def inner(seen: list[int]) -> None:
    await Moment()
    seen.append(1)
    await Moment()


async def loop(items: list[int], seen: list[int]) -> None:
    for _ in items:
        await Moment()


async def nested(seen: list[int]) -> None:
    await inner(seen)
    await inner(seen)


async def stacked(seen: list[int]) -> None:
    seen.append(sum([1, await wait(2), await wait(3)]))


async def wait(number: int) -> int:
    await Moment()
    return number


async def guarded(fail: bool) -> None:
    try:
        if fail:
            raise ValueError
        await Moment()
    except ValueError:
        await Moment()
    await Moment()


def after(workflow: Coroutine[Any, Any, Any], resumed: int) -> Any:
    """The reading of a workflow that was resumed so many times."""
    for _ in range(resumed):
        try:
            workflow.send(None)
        except StopIteration:
            break
    result = reading(workflow)
    workflow.close()
    return result


WORKFLOWS: list[tuple[Callable[[], Coroutine[Any, Any, Any]], int]] = [
    (lambda: inner([]), 4),
    (lambda: inner([5]), 4),
    (lambda: loop([1, 1, 1], []), 4),
    (lambda: loop([1, 1], []), 4),
    (lambda: nested([]), 6),
    (lambda: stacked([]), 4),
    (lambda: wait(2), 3),
    (lambda: wait(3), 3),
    (lambda: guarded(False), 4),
    (lambda: guarded(True), 4),
]


@pytest.mark.parametrize(("make", "waits"), WORKFLOWS)
def test_a_workflow_is_read_differently_at_each_of_its_waits(
    make: Callable[[], Coroutine[Any, Any, Any]], waits: int
) -> None:
    readings = [after(make(), resumed) for resumed in range(waits)]
    assert len(set(readings)) == waits
    assert readings == [after(make(), resumed) for resumed in range(waits)]


def test_workflows_with_different_variables_are_read_differently() -> None:
    assert len({after(make(), 1) for make, _ in WORKFLOWS}) == len(WORKFLOWS)


def test_a_loop_over_equal_items_is_read_by_its_position_which_no_variable_holds() -> None:
    assert after(loop([1, 1, 1], []), 1) != after(loop([1, 1, 1], []), 2)


def test_a_generator_and_a_future_are_read() -> None:
    def count() -> Generator[int, None, None]:
        yield 1
        yield 1

    one, other = count(), count()
    next(one)
    assert reading(one) != reading(other)
    next(other)
    assert reading(one) == reading(other)
    future: Future[int] = Future()
    before = reading(future)
    future.set(3)
    assert reading(future) != before
