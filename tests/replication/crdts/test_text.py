"""Text, in both implementations: editing, merging, what authors meant, and the anomalies that RGA has."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.replication.crdts.codec import dumps, loads
from lessons.replication.crdts.dots import Context
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.text import GraphText, ListText, Text
from lessons.replication.crdts.text.listed import Edit
from tests.replication.crdts.histories import NAMES, STEPS, Group, Step

BOTH = pytest.mark.parametrize("kind", [ListText, GraphText])
EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(-3, 3), st.text(max_size=4)), max_size=40)


def written(kind: type[Text], text: str, by: str = "ann") -> Any:
    state = kind()
    if text:
        state.insert(by, 0, text)
    return state


def met(*states: Any) -> str:
    """Merge all into all; the text that they agree on."""
    for _ in states:
        for state in states:
            for other in states:
                state.merge(other)
    values = {state.value for state in states}
    assert len(values) == 1
    return str(values.pop())


@BOTH
@settings(max_examples=150, deadline=None, derandomize=True)
@given(edits=EDITS)
def test_alone_it_is_a_text_like_any_other(kind: type[Text], edits: list[tuple[int, int, str]]) -> None:
    state, plain = kind(), ""
    for chance, count, text in edits:
        if count < 0 and len(plain) >= -count:
            at = chance % (len(plain) + count + 1)
            state.delete("ann", at, -count)
            plain = plain[:at] + plain[at - count :]
        elif text:
            at = chance % (len(plain) + 1)
            state.insert("ann", at, text)
            plain = plain[:at] + text + plain[at:]
        assert len(state) == len(plain)
    assert state.value == plain
    again = state.copy()
    assert again.value == plain and again == state


@BOTH
def test_characters_count_and_not_bytes(kind: type[Text]) -> None:
    state = written(kind, "a€𝄞é")
    state.delete("ann", 2)
    state.insert("ann", 3, "中")
    assert state.value == "a€é中" and len(state) == 4


# What authors meant


@BOTH
def test_what_was_typed_between_two_characters_stays_between_them(kind: type[Text]) -> None:
    here = written(kind, "ac")
    there = here.copy()
    here.insert("ann", 1, "b")
    there.insert("bob", 0, ">>>")
    there.insert("bob", 5, "<<<")
    assert met(here, there) == ">>>abc<<<"


@BOTH
def test_a_deletion_deletes_the_character_that_was_meant_wherever_it_is_now(kind: type[Text]) -> None:
    here = written(kind, "say hello")
    there = here.copy()
    here.insert("ann", 0, "please ")
    there.delete("bob", 4, 5)
    assert met(here, there) == "please say "


@BOTH
def test_a_character_that_both_delete_is_deleted_once(kind: type[Text]) -> None:
    here = written(kind, "abcd")
    there = here.copy()
    here.delete("ann", 1, 2)
    there.delete("bob", 2, 2)
    assert met(here, there) == "a"


@BOTH
def test_what_is_typed_into_a_part_that_another_deletes_is_kept(kind: type[Text]) -> None:
    here = written(kind, "one two three")
    there = here.copy()
    here.delete("ann", 3, 10)
    there.insert("bob", 7, " and a half")
    assert met(here, there) == "one and a half"


@BOTH
def test_words_typed_at_one_place_by_two_stay_whole(kind: type[Text]) -> None:
    here = written(kind, "Hello!")
    there, third = here.copy(), here.copy()
    here.insert("ann", 5, " Alice")
    for at, letter in enumerate(" Charlie"):
        there.insert("bob", 5 + at, letter)
    third.insert("eve", 5, " Zoe")
    text = met(here, there, third)
    assert all(word in text for word in (" Alice", " Charlie", " Zoe"))
    assert len(text) == len("Hello! Alice Charlie Zoe")


@BOTH
@settings(max_examples=60, deadline=None, derandomize=True)
@given(words=st.lists(st.text("abc", min_size=1, max_size=8), min_size=2, max_size=3), at=st.integers(0, 4))
def test_what_is_typed_forwards_never_interleaves(kind: type[Text], words: list[str], at: int) -> None:
    start = written(kind, "....", "zoe")
    states = [start.copy() for _ in words]
    for number, (state, word) in enumerate(zip(states, words, strict=True)):
        for offset in range(len(word)):
            state.insert(NAMES[number], at + offset, chr(0x1000 * (number + 1) + offset))
    text = met(*states)
    for number, word in enumerate(words):
        assert "".join(chr(0x1000 * (number + 1) + offset) for offset in range(len(word))) in text


# What RGA does not promise


@BOTH
def test_what_is_typed_backwards_by_two_at_one_place_interleaves(kind: type[Text]) -> None:
    """The anomaly that Fugue avoids (Weidner and Kleppmann 2023): letters of two words alternate."""
    here, there = kind(), kind()
    for mine, theirs in zip("cba", "zyx", strict=True):
        here.insert("ann", 0, mine)
        there.insert("bob", 0, theirs)
    assert (here.value, there.value) == ("abc", "xyz")
    assert met(here, there) == "xaybzc"


@BOTH
def test_who_goes_back_to_type_in_front_of_his_word_may_find_another_word_in_between(kind: type[Text]) -> None:
    """The lesser anomaly of Kleppmann et al. 2019, figure 2."""
    here = written(kind, "Hello!", "zoe")
    there = here.copy()
    here.insert("ann", 5, " reader")
    here.insert("ann", 5, " dear")
    for at, letter in enumerate(" Alice"):
        there.insert("bob", 5 + at, letter)
    assert here.value == "Hello dear reader!"
    assert met(here, there) == "Hello dear Alice reader!"


# Both implementations, the same text


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_both_implementations_show_the_same_at_every_step(steps: list[Step]) -> None:
    plain, fast = Group(ListText), Group(GraphText)
    for step in steps:
        plain.play([step])
        fast.play([step])
        assert [state.value for state in plain.states] == [state.value for state in fast.states]
        assert [state.version for state in plain.states] == [state.version for state in fast.states]
    plain.settle()
    fast.settle()
    assert {state.value for state in (*plain.states, *fast.states)} == {plain.states[0].value}


@pytest.mark.parametrize("block", range(4))
def test_both_implementations_agree_after_200_long_histories(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        rng = Random(seed)
        choices = rng.choice(
            [["update"] * 3 + ["merge"], ["update"] * 8 + ["merge"], ["update"] * 4 + ["merge", "delta", "again"]]
        )
        steps = [(rng.choice(choices), rng.randrange(3), rng.randrange(10**6)) for _ in range(40)]
        plain, fast = Group(ListText).play(steps), Group(GraphText).play(steps)
        assert [state.value for state in plain.states] == [state.value for state in fast.states], f"seed {seed}"
        assert plain.settle().states[0].value == fast.settle().states[2].value, f"seed {seed}"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_there_is_one_order_of_all_characters_that_every_replica_always_showed(steps: list[Step]) -> None:
    """The strong list specification (Attiya et al. 2016, definition 5), for characters of all times."""
    group = Group(ListText)
    shown: list[list[Any]] = []
    for step in steps:
        group.play([step])
        shown += [state.visible() for state in group.states]
    last = group.settle().states[0].order
    place = {dot: at for at, dot in enumerate(last)}
    for view in shown:
        assert all(place[first] < place[then] for first, then in combinations(view, 2))


# Deltas


@BOTH
def test_a_delta_since_a_version_brings_what_that_version_lacks(kind: type[Text]) -> None:
    here = written(kind, "one ")
    there = here.copy()
    version = there.version
    here.insert("ann", 4, "two ")
    here.delete("ann", 0, 4)
    delta = here.since(version)
    assert delta.since(version) == delta
    assert there.merge(delta) is True and there.value == here.value == "two "
    assert here.since(here.version) == kind() and there.merge(here.since(version)) is False


@BOTH
def test_deltas_may_come_in_any_order_and_twice(kind: type[Text]) -> None:
    here, deltas = kind(), []
    for number, word in enumerate(["one", " two", " three", " four"]):
        before = here.version
        here.insert("ann", len(here), word)
        if number == 2:
            here.delete("ann", 0, 3)
        deltas.append(here.since(before))
    for seed in range(24):
        there = kind()
        for delta in Random(seed).sample(deltas * 2, 8):
            there.merge(delta)
        assert there.value == here.value == " two three four" and there == here


@BOTH
def test_an_edit_whose_cause_is_missing_waits_and_shows_nothing(kind: type[Text]) -> None:
    here = written(kind, "a")
    before = here.version
    here.insert("ann", 1, "b")
    there = kind()
    assert there.merge(here.since(before)) is True
    assert there.value == "" and len(there) == 0
    assert there.merge(here.since(before)) is False
    there.insert("bob", 0, "!")
    there.merge(here)
    assert sorted(there.value) == ["!", "a", "b"] and there.value.index("a") + 1 == there.value.index("b")


@BOTH
def test_a_clock_that_is_far_ahead_is_no_obstacle_and_what_is_typed_next_is_later(kind: type[Text]) -> None:
    fast = {
        ListText: '{"crdt":"text","entries":[["eve",1,[1000000,null,"x"]]],"context":{"vector":{"eve":1},"cloud":[]}}',
        GraphText: '{"crdt":"graph-text","events":[["eve",1,1000000,[],0,"x"]]}',
    }
    here, there = written(kind, "ab"), kind()
    here.merge(loads(fast[kind], kind))
    here.insert("ann", 1, "y")
    here.insert("ann", 1, "z")
    there.merge(loads(dumps(here), kind))
    assert here.value == there.value == "xzyab"


CLAIMS = st.dictionaries(
    st.tuples(st.sampled_from(["ann", "eve"]), st.integers(1, 4)),
    st.tuples(
        st.integers(1, 5),
        st.none() | st.tuples(st.sampled_from(["ann", "eve"]), st.integers(1, 4)),
        st.sampled_from("xy-"),
    ),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(claims=CLAIMS, data=st.data())
def test_whatever_edits_claim_the_text_depends_on_them_alone(claims: dict[Any, Any], data: st.DataObject) -> None:
    edits = {
        dot: Edit(clock, cause, "" if letter == "-" and cause else letter)
        for dot, (clock, cause, letter) in claims.items()
    }
    at_once, one_by_one = ListText(edits, Context.of(edits)), ListText()
    for dot in data.draw(st.permutations(list(edits))):
        one_by_one.merge(ListText({dot: edits[dot]}, Context.of([dot])))
    assert at_once.value == one_by_one.value and len(at_once) == len(at_once.value)


def test_a_context_larger_than_any_machine_can_count_to_does_no_harm() -> None:
    state = ListText({}, Context({"eve": 10**30}))
    state.insert("ann", 0, "ab")
    assert loads(dumps(state), ListText).value == "ab"


# Errors


@BOTH
@pytest.mark.parametrize("position", [-1, 4, 1.0, "1", None])
def test_an_insertion_outside_of_the_text_is_refused(kind: type[Text], position: Any) -> None:
    state = written(kind, "abc")
    with pytest.raises(IndexError, match=r"position is .*: it must be 0 to 3, the length of the text"):
        state.insert("ann", position, "x")
    assert state == written(kind, "abc")


@BOTH
@pytest.mark.parametrize("position", [True, 1.0])
def test_a_position_that_only_looks_like_the_end_of_the_last_edit_is_refused(kind: type[Text], position: Any) -> None:
    state = written(kind, "a")
    with pytest.raises(IndexError, match=r"position is .*: it must be 0 to 1, the length of the text"):
        state.insert("ann", position, "x")
    assert state == written(kind, "a")


@BOTH
@pytest.mark.parametrize(("position", "count"), [(-1, 1), (3, 1), (2, 2), (0, 4)])
def test_a_deletion_outside_of_the_text_is_refused(kind: type[Text], position: int, count: int) -> None:
    state = written(kind, "abc")
    with pytest.raises(IndexError, match=f"position is {position}, count is {count}: the text has 3 characters"):
        state.delete("ann", position, count)
    assert state == written(kind, "abc")


@BOTH
def test_edits_that_make_no_sense_are_refused(kind: type[Text]) -> None:
    state: Any = written(kind, "abc")
    for text, words in (
        ("", "text is ''"),
        (None, "text is None"),
        ("\ud800", "half a surrogate pair"),
        (b"x", "text is b"),
    ):
        with pytest.raises(BadState, match=words):
            state.insert("ann", 3, text)
    with pytest.raises(BadState, match="count is 0: it must be a whole number, 1 or more"):
        state.delete("ann", 0, 0)
    with pytest.raises(BadState, match="replica is '': a replica has a name"):
        state.insert("", 0, "x")
    assert state == written(kind, "abc")


# Forgetting, which the list does


def test_a_tombstone_goes_once_everybody_has_seen_it_and_nothing_hangs_on_it() -> None:
    here = ListText()
    here.insert("ann", 0, "abcd")
    here.delete("ann", 1, 3)
    there = here.copy()
    there.insert("bob", 1, "X")
    assert here.purge(Context({"ann": 5})) == 0, "c and d hang on b, and their deletions may not have been seen"
    assert here.purge(here.checkpoint()) == 3
    assert [letter for letter, _, _ in here.letters()] == ["a"]
    here.merge(there)
    assert here.value == "aX"
    there.merge(here)
    assert there.value == "aX" and len(there.order) == 2, "who hears of it forgets it too"


def test_a_tombstone_stays_while_a_character_that_was_typed_after_it_is_here() -> None:
    here = ListText()
    here.insert("ann", 0, "abc")
    here.delete("ann", 1)
    assert here.purge(here.checkpoint()) == 0
    here.delete("ann", 1)
    assert here.purge(here.checkpoint()) == 2


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS, more=STEPS, purges=st.lists(st.integers(0, 2), max_size=4))
def test_a_text_without_old_tombstones_behaves_like_one_that_has_them(
    steps: list[Step], more: list[Step], purges: list[int]
) -> None:
    group, twin = Group(ListText).play(steps).settle(), Group(ListText).play(steps).settle()
    for at in purges:
        group.states[at].purge(group.states[at].checkpoint())
    for step in more:
        if step[0] in ("update", "merge"):
            group.play([step])
            twin.play([step])
            assert [state.value for state in group.states] == [state.value for state in twin.states]
    assert [state.value for state in group.settle().states] == [state.value for state in twin.settle().states]
