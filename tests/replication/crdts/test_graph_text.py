"""The event graph behind the fast text: the buffer, the walker, what it refuses, and its packed form."""

from __future__ import annotations

import zlib
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.text import GraphText
from lessons.replication.crdts.text.buffer import Buffer
from lessons.replication.crdts.text.events import DELETE, INSERT, Events, canonical, distinct
from lessons.replication.crdts.text.graphed import MOST_WAITING
from lessons.replication.crdts.text.packing import MAGIC, pack, unpack
from tests.replication.crdts.histories import STEPS, Group, Step


@pytest.mark.parametrize("seed", range(30))
def test_the_buffer_is_a_text(seed: int) -> None:
    rng, buffer, plain = Random(seed), Buffer(), ""
    for _ in range(300):
        if plain and rng.random() < 0.4:
            at = rng.randrange(len(plain))
            count = min(len(plain) - at, rng.choice([1, 1, 2, 50, 3000]))
            buffer.delete(at, count)
            plain = plain[:at] + plain[at + count :]
        else:
            at, text = rng.randint(0, len(plain)), rng.choice("abc") * rng.choice([1, 1, 1, 700, 5000])
            buffer.insert(at, text)
            plain = plain[:at] + text + plain[at:]
    assert buffer.text() == plain


def typed(*strokes: tuple[int, int, str]) -> GraphText:
    state = GraphText()
    for position, deleted, text in strokes:
        if deleted:
            state.delete("ann", position, deleted)
        else:
            state.insert("ann", position, text)
    return state


@pytest.mark.parametrize(
    ("strokes", "runs", "value"),
    [
        ([(0, 0, "a"), (1, 0, "b"), (2, 0, "cd")], [(INSERT, 0, 4)], "abcd"),
        ([(0, 0, "abcd"), (3, 1, ""), (2, 1, ""), (1, 1, "")], [(INSERT, 0, 4), (-1, 3, 3)], "a"),
        ([(0, 0, "abcd"), (1, 1, ""), (1, 1, "")], [(INSERT, 0, 4), (DELETE, 1, 2)], "ad"),
        ([(0, 0, "abcd"), (1, 2, ""), (0, 1, "")], [(INSERT, 0, 4), (DELETE, 1, 2), (DELETE, 0, 1)], "d"),
        ([(0, 0, "abcd"), (3, 1, ""), (1, 2, "")], [(INSERT, 0, 4), (DELETE, 3, 1), (DELETE, 1, 2)], "a"),
        ([(0, 0, "ab"), (0, 0, "cd"), (2, 0, "e")], [(INSERT, 0, 2), (INSERT, 0, 3)], "cdeab"),
        ([(0, 0, "你"), (1, 0, "好"), (2, 0, "é"), (3, 0, "a")], [(INSERT, 0, 4)], "你好éa"),
    ],
)
def test_strokes_that_continue_each_other_are_one_run(strokes: Any, runs: Any, value: str) -> None:
    state = typed(*strokes)
    assert [(run.step, run.position, run.length) for run in state.graph.runs] == runs
    assert state.value == value and state.copy().value == value


def test_typing_on_after_a_merge_begins_a_new_run_that_comes_after_it() -> None:
    here, there = typed((0, 0, "ab")), GraphText()
    there.insert("bob", 0, "x")
    here.merge(there)
    here.insert("ann", len(here), "c")
    assert here.events()[-1].parents == (("ann", 2), ("bob", 1))


def test_the_walker_lets_go_of_what_everybody_has_seen() -> None:
    here, there = GraphText(), GraphText()
    for turn in range(50):
        here.insert("ann", 0, "a")
        there.insert("bob", 0, "b")
        there.merge(here)
        here.merge(there)
        assert here.value == there.value, f"turn {turn}"
    walker = here._walker
    assert walker is not None and walker.size - walker.base <= 4


def test_long_branches_merge_in_time_that_grows_with_their_length() -> None:
    work = []
    for length in (500, 1000):
        here, there = GraphText(), GraphText()
        for at in range(length):
            here.insert("ann", at // 2, "a")
            there.insert("bob", at // 3, "b")
        here.merge(there)
        walker = here._walker
        assert walker is not None
        work.append(len(walker.touched))
    assert work == [1000, 2000]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            Events("eve", 1, 9, (("bob", 1),), INSERT, 4, 1, "x"),
            "position is 4: the text that its author saw",
        ),
        (
            Events("eve", 1, 9, (("bob", 1),), DELETE, 2, 2, ""),
            "position is 2: the text that its author saw",
        ),
        (Events("eve", 1, 9, (("bob", 1),), -1, 0, 2, ""), "position is 0: the text that its author saw"),
        (Events("eve", 1, 9, (("ann", 1),), INSERT, 9, 1, "x"), "it is outside of the text that its author saw"),
        (Events("eve", 1, 9, (("ann", 1),), DELETE, 0, 2, ""), "it is outside of the text that its author saw"),
        (Events("eve", 1, 9, (("ann", 1),), -1, 0, 2, ""), "it is outside of the text that its author saw"),
        (Events("eve", 1, 2, (("ann", 2),), INSERT, 0, 1, "x"), "clock of .* is 2: it must be over that of what came"),
    ],
)
def test_events_that_contradict_themselves_change_nothing(events: Events, words: str) -> None:
    state, there = typed((0, 0, "ab")), GraphText()
    there.merge(state)
    there.insert("bob", 2, "c")
    state.merge(there)
    before = state.events()
    good = Events("zoe", 1, 4, (("bob", 1),), INSERT, 0, 1, "!")
    for came in ([events], [events, good]):
        with pytest.raises(BadState, match=words):
            state.receive(came)
        assert state.events() == before and state.value == "abc" and len(state) == 3
        assert state.version.vector == {"ann": 2, "bob": 1} and state.waiting == []
    state.receive([good])
    state.insert("ann", 0, "still alive ")
    assert state.value == "still alive !abc"


@pytest.mark.parametrize(
    "liar",
    [
        Events("eve", 1, 1, (("bob", 2),), INSERT, 0, 1, "x"),
        Events("eve", 1, 9, (("bob", 2),), INSERT, 9, 1, "x"),
        Events("eve", 1, 9, (("bob", 2),), DELETE, 0, 9, ""),
    ],
    ids=["clock", "position", "length"],
)
def test_what_waited_and_proves_wrong_is_forgotten_and_keeps_nothing_out(liar: Events) -> None:
    state, bob = typed((0, 0, "ab")), GraphText()
    assert state.receive([liar]) is True and state.waiting == [liar]
    bob.insert("bob", 0, "cd")
    assert state.merge(bob) is True
    assert state.waiting == [] and sorted(state.value) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("number", [1, 5])
def test_a_few_bytes_cannot_make_a_replica_wait_for_a_million_million_deletions(number: int) -> None:
    state, many = typed((0, 0, "ab")), 10**12
    with pytest.raises(BadState, match=rf"1,000,000,000,000 of them would wait .* at most {MOST_WAITING:,} may"):
        state.receive([Events("eve", number, 9, (("zoe", 9),), DELETE, 0, many, "")])
    with pytest.raises(BadState, match="would wait"):
        GraphText.of({"events": [["eve", number, 9, [["zoe", 9]], 0, many]]})
    assert state.value == "ab" and state.waiting == []


def test_whatever_clocks_and_causes_events_claim_replicas_that_accept_the_same_show_the_same() -> None:
    for seed in range(300):
        rng, known, events = Random(seed), list[Dot](), list[Events]()
        for name, count in (("ann", rng.randint(1, 4)), ("eve", rng.randint(1, 4))):
            for number in range(1, count + 1):
                parents = tuple(sorted(rng.sample(known, min(len(known), rng.randint(0, 2)))))
                step = rng.choice([INSERT, INSERT, DELETE])
                letter = rng.choice("xyz") if step == INSERT else ""
                events.append(Events(name, number, rng.randint(1, 6), parents, step, rng.randint(0, 1), 1, letter))
                known.append((name, number))
        shown: dict[str, str] = {}
        for _ in range(6):
            state = GraphText()
            for each in rng.sample(events, len(events)):
                with suppress(BadState):
                    state.receive([each])
            here = str(sorted(state.graph.version().vector.items()))
            assert shown.setdefault(here, state.value) == state.value, f"seed {seed}"


@settings(max_examples=80, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_the_canonical_form_depends_on_the_events_alone(steps: list[Step]) -> None:
    group = Group(GraphText).play(steps).settle()
    first, second, third = (state.events() for state in group.states)
    assert first == second == third
    assert canonical(reversed(first)) == first == canonical(distinct([*first, *first]))
    strokes = [each.before(1) if at == 0 else each.after(at).before(1) for each in first for at in range(each.length)]
    assert canonical(strokes) == first


@settings(max_examples=80, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_what_is_packed_is_unpacked(steps: list[Step]) -> None:
    group = Group(GraphText).play(steps)
    for state in (*group.states, *(delta for delta, _, _ in group.deltas)):
        again = unpack(pack(state))
        assert again == state and again.value == state.value and pack(again) == pack(state)


def test_a_packed_text_that_is_damaged_is_refused_in_words_or_is_a_text() -> None:
    group = Group(GraphText)
    group.play([("update", at % 3, at) for at in range(30)] + [("merge", 0, 1), ("merge", 0, 2), ("update", 0, 4)])
    packed = pack(group.states[0])
    content = bytearray(zlib.decompress(packed[len(MAGIC) :]))
    for seed in range(500):
        rng, damaged = Random(seed), bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        try:
            state = unpack(MAGIC + zlib.compress(damaged))
        except BadState as error:
            assert ":" in str(error) or "column" in str(error)
        else:
            assert isinstance(state.value, str)
    for cut in (packed[:-3], packed + b"x", packed[3:], b"", MAGIC, MAGIC + zlib.compress(b"")):
        with pytest.raises(BadState, match="data "):
            unpack(cut)


def test_a_small_file_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.replication.crdts.text.packing.MOST", 10_000)
    with pytest.raises(BadState, match="they must unfold to at most 10000"):
        unpack(MAGIC + zlib.compress(bytes(1_000_000)))
