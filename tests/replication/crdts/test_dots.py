"""Contexts are sets of dots, however they are kept; dotted versions tell before from beside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.replication.crdts.dots import Context, DottedVersion
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.rules import Dot

DOTS = st.sets(st.tuples(st.sampled_from(["ann", "bob"]), st.integers(1, 6)))


def dots_of(context: Context) -> set[Dot]:
    return {(name, number) for name in ("ann", "bob") for number in range(1, 9) if (name, number) in context}


@given(mine=DOTS, theirs=DOTS)
def test_a_context_is_a_set_of_dots(mine: set[Dot], theirs: set[Dot]) -> None:
    context, other = Context.of(mine), Context.of(theirs)
    assert dots_of(context) == mine and context.size == len(mine)
    assert (context <= other) is (mine <= theirs)
    assert (context == other) is (mine == theirs), "one set has one form"
    assert context.merge(other) is (not theirs <= mine)
    assert dots_of(context) == mine | theirs == dots_of(Context.of(mine | theirs))
    assert context == Context.of(mine | theirs)
    assert Context.of_data("context", context.data()) == context


@given(dots=DOTS)
def test_the_next_dot_is_new_and_joins(dots: set[Dot]) -> None:
    context = Context.of(dots)
    dot = context.next("ann")
    assert dot not in dots and dots_of(context) == dots | {dot}
    assert dot[1] == max([number for name, number in dots if name == "ann"], default=0) + 1


def test_a_dot_has_the_name_of_a_replica() -> None:
    context = Context()
    with pytest.raises(BadState, match="replica is '': a replica has a name"):
        context.next("")
    nobody: Any = ["ann"]
    with pytest.raises(BadState, match=r"replica is \['ann'\]: it must be a text"):
        context.next(nobody)
    assert context == Context()


def test_dots_that_continue_the_vector_leave_the_cloud() -> None:
    context = Context.of([("ann", 1), ("ann", 3)])
    assert (context.vector, context.cloud) == ({"ann": 1}, {("ann", 3)})
    context.merge(Context.one(("ann", 2)))
    assert (context.vector, context.cloud) == ({"ann": 3}, set())


def test_a_dotted_version_has_seen_its_past_and_nothing_else() -> None:
    first = DottedVersion(("ann", 1), {})
    beside = DottedVersion(("bob", 1), {})
    after = DottedVersion(("bob", 2), {"ann": 1, "bob": 1})
    gap = DottedVersion(("ann", 3), {"ann": 1})
    assert after.saw(first) and after.saw(beside) and not first.saw(after)
    assert first.concurrent(beside) and not first.concurrent(after) and not first.concurrent(first)
    assert not gap.saw(DottedVersion(("ann", 2), {})), "a plain version vector could not tell: it would say {ann: 3}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "context has .*: it must have the fields vector, cloud"),
        ({"vector": {"ann": 0}, "cloud": []}, r"context.vector\['ann'\] is 0: it must be a whole number, 1 or more"),
        ({"vector": {"": 1}, "cloud": []}, "a key of context.vector is '': a replica has a name"),
        ({"vector": {}, "cloud": [["ann"]]}, r"context.cloud\[0\] is \['ann'\]: it must be a list of 2 values"),
        ({"vector": {}, "cloud": [["ann", 2], ["ann", 2]]}, "nothing in it may come twice"),
    ],
)
def test_a_context_from_outside_keeps_the_rules(data: object, words: str) -> None:
    with pytest.raises(BadState, match=words):
        Context.of_data("context", data)
