"""Messages on the wire: what was sent comes back equal and of the same types, and nothing else gets in."""

from __future__ import annotations

import json
from enum import Enum, IntEnum
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.agreement.raft import Entry, Kind, Raft
from lessons.agreement.raft.messages import Appended, AppendEntries, InstallSnapshot, NotLeader, Propose
from lessons.agreement.raft.user import Proposer
from lessons.agreement.replicated_kv import KVClient, KVServer
from lessons.agreement.replicated_kv.messages import Consistency, Read
from lessons.net.errors import Malformed
from lessons.net.vocabulary import Vocabulary
from lessons.node import AuthorError, Node, Series, message
from lessons.node.compact import compact

LAWS = settings(derandomize=True, deadline=None, max_examples=200)


class Colour(Enum):
    RED = "red"
    BLUE = 2


class Level(IntEnum):
    LOW = 1


@message
class Leaf:
    text: str = ""


@message
class Tree:
    """A field of every kind, and trees in it."""

    number: int
    share: float
    flag: bool
    data: bytes
    maybe: str | None
    either: int | Leaf
    pair: tuple[str, int]
    trees: tuple[Tree, ...]
    names: frozenset[str]
    colour: Colour
    level: Level
    anything: Any


VOCABULARY = Vocabulary([Tree])

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False)
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
plain = st.recursive(
    scalars | st.sampled_from([Colour.RED, Colour.BLUE, Level.LOW, Leaf("leaf")]) | st.frozensets(st.integers()),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=12,
)
trees = st.recursive(
    st.builds(
        Tree, st.integers(), st.floats(allow_nan=False) | st.integers(), st.booleans(), st.binary(),
        st.none() | st.text(), st.integers() | st.builds(Leaf, st.text()), st.tuples(st.text(), st.integers()),
        st.just(()), st.frozensets(st.text()), st.sampled_from(Colour), st.just(Level.LOW), plain,
    ),
    lambda inner: st.builds(lambda tree, below: replaced(tree, tuple(below)), inner, st.lists(inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip


def replaced(tree: Tree, below: tuple[Tree, ...]) -> Tree:
    values = {name: getattr(tree, name) for name in Tree.__slots__}
    return Tree(**{**values, "trees": below})


def over_the_wire(vocabulary: Vocabulary, sent: Any) -> Any:
    return vocabulary.unpack(*json.loads(compact(vocabulary.pack(sent))))


def shape(value: Any) -> Any:
    """A value with the types in it, so that 1 is not True and a tuple no list."""
    if isinstance(value, tuple | list | set | frozenset):
        items = [shape(item) for item in value]
        return type(value), items if isinstance(value, tuple | list) else sorted(items, key=repr)
    if isinstance(value, dict):
        return dict, [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, Tree):
        return Tree, [shape(getattr(value, name)) for name in Tree.__slots__]
    return type(value), value


@given(trees)
@LAWS
def test_a_message_comes_back_equal_and_of_the_same_types(tree: Tree) -> None:
    assert shape(over_the_wire(VOCABULARY, tree)) == shape(tree)


@given(plain)
@LAWS
def test_any_plain_data_comes_back_equal_and_of_the_same_types(value: Any) -> None:
    values = VOCABULARY.values
    assert shape(values.decode(json.loads(compact(values.encode(value))))) == shape(value)


def test_numbers_that_json_does_not_have_come_back() -> None:
    values = VOCABULARY.values
    text = compact(values.encode([inf, -inf, nan]))
    assert "Infinity" not in text and "NaN" not in text
    first, second, third = values.decode(json.loads(text))
    assert (first, second) == (inf, -inf) and isnan(third)


def test_what_is_too_deep_is_refused_in_few_words() -> None:
    deep: Any = ["l"]
    for _ in range(900):
        deep = ["t", deep]
    with pytest.raises(Malformed) as refused:
        VOCABULARY.values.decode(deep)
    assert len(str(refused.value)) < 100
    trees: list[Any] = []
    for _ in range(900):
        trees = [[*GOOD[:7], trees, *GOOD[8:]]]
    with pytest.raises(Malformed, match="too deep"):
        VOCABULARY.unpack(VOCABULARY.messages.index(Tree), trees[0])
    nested: Any = ["?"]
    for _ in range(50):
        nested = ["t", nested]
    with pytest.raises(Malformed) as refused:
        VOCABULARY.values.decode(nested)
    assert len(str(refused.value)) < 100


def test_a_series_comes_back_as_a_tuple_that_is_equal_to_it() -> None:
    values = VOCABULARY.values
    assert values.decode(values.encode(Series((1, "two")))) == Series((1, "two"))


@pytest.mark.parametrize(
    "sent",
    [
        AppendEntries(3, 2, 1, (Entry(1, Kind.NOOP), Entry(3, Kind.COMMAND, "x=1")), 2, 9),
        AppendEntries(3, 2, 1, (), 2, 9),
        Appended(3, True, 4, 9),
        InstallSnapshot(1, 2, 3, "n1,n2", 0, b"\x00\xff", True, 4),
        NotLeader(None),
        NotLeader("n2"),
        Read("get", Consistency.BOUNDED, 0.5),
        Read("get", Consistency.BOUNDED, 1),
    ],
    ids=str,
)
def test_messages_of_chapters_come_back(sent: Any) -> None:
    vocabulary = Vocabulary.of(KVServer, KVClient)
    assert shape(over_the_wire(vocabulary, sent)) == shape(sent)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=14) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(st.integers(-2, 30) | json_data, json_data)
@LAWS
def test_whatever_comes_is_a_message_or_refused(index: Any, fields: Any) -> None:
    for vocabulary in (VOCABULARY, Vocabulary.of(Raft, Proposer)):
        try:
            got = vocabulary.unpack(index, fields)
        except Malformed:
            continue
        assert type(got) in vocabulary.messages


GOOD = [1, 0.5, True, "AA==", None, 5, ["a", 1], [], ["b"], "red", 1, None]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, True), (0, 1.0), (0, "1"), (1, "x"), (1, True), (2, 1), (3, "no base64!"), (3, 7), (4, 5),
        (4, ["b", "AA=="]), (5, "text"), (5, ["m", "Tree", []]), (6, ["a"]), (6, ["a", "1"]), (7, {}), (7, [[]]),
        (8, [1]), (8, "b"),
        (9, "green"), (9, ["red"]), (10, 2), (11, ["m", "Nobody", []]), (11, ["e", "Colour", "green"]), (11, []),
        (11, ["?", 1]), (11, {"a": 1}), (11, ["d", [1]]), (11, ["d", [["l"], 1]]), (11, ["z", ["l"]]),
        (11, ["e", "Leaf", "x"]),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused(place: int, value: Any) -> None:
    index = VOCABULARY.messages.index(Tree)
    assert VOCABULARY.unpack(index, [*GOOD]).colour is Colour.RED
    with pytest.raises(Malformed):
        VOCABULARY.unpack(index, [*GOOD[:place], value, *GOOD[place + 1 :]])


@pytest.mark.parametrize("fields", [GOOD[:-1], [*GOOD, 1], {"number": 1}, None, "tree"], ids=repr)
def test_a_missing_or_surplus_field_is_refused(fields: Any) -> None:
    with pytest.raises(Malformed, match="Tree"):
        VOCABULARY.unpack(VOCABULARY.messages.index(Tree), fields)


@pytest.mark.parametrize("index", [-1, 2, True, 1.0, "0", None])
def test_a_class_that_nobody_agreed_on_is_refused(index: Any) -> None:
    with pytest.raises(Malformed, match="there is no message"):
        VOCABULARY.unpack(index, [""])


def test_a_message_with_wrong_values_is_not_sent() -> None:
    with pytest.raises(AuthorError, match=r"Propose\(command=7\) can't be sent as its class says: 7 is no str"):
        Vocabulary.of(Raft).pack(Propose(7))  # type: ignore[arg-type]


def test_a_message_of_another_cluster_is_not_sent() -> None:
    with pytest.raises(AuthorError, match="no message of this cluster, which knows Leaf, Tree"):
        VOCABULARY.pack(Propose("x"))


def test_two_classes_of_one_name_are_refused() -> None:
    @message
    class Leaf:
        other: int

    with pytest.raises(ValueError, match="two classes Leaf"):
        Vocabulary([Tree, Leaf])


def test_a_vocabulary_finds_what_the_modules_of_nodes_and_their_bases_know() -> None:
    class Mine(Node):
        """Its module knows two messages."""

    assert [kind.__name__ for kind in Vocabulary.of(Mine).messages if kind.__module__ == __name__] == ["Leaf", "Tree"]
    assert {AppendEntries, Entry, Propose} <= set(Vocabulary.of(KVServer).messages)


def test_the_digest_tells_other_fields_apart() -> None:
    @message
    class Word:
        text: str

    first = Word

    @message  # type: ignore[no-redef]
    class Word:
        text: int

    assert Vocabulary([first]).digest == Vocabulary([first]).digest != Vocabulary([Word]).digest


RAFT = Vocabulary.of(Raft, Proposer)
APPEND = RAFT.messages.index(AppendEntries)


def test_many_messages_go_by_columns_and_what_all_have_is_said_once() -> None:
    entries = tuple(Entry(3, Kind.COMMAND, text) for text in "abc")
    index, fields = RAFT.pack(AppendEntries(3, 2, 1, entries, 2, 9))
    assert index == APPEND and fields[3] == {"columns": [[3], ["command"], ["a", "b", "c"]]}
    one = RAFT.pack(AppendEntries(3, 2, 1, entries[:1], 2, 9))
    assert one[1][3] == [(3, Kind.COMMAND, "a")]


@pytest.mark.parametrize(
    "entries",
    [
        {}, {"columns": []}, {"columns": None}, {"columns": [3, "command", "a"]}, {"rows": [[3], ["command"], ["a"]]},
        {"columns": [[3], ["command"]]}, {"columns": [[3], ["command"], ["a"], ["b"]]},
        {"columns": [[3], ["command"], []]}, {"columns": [[3, 4], ["command"], ["a", "b", "c"]]},
        {"columns": [[3, 4, 5], ["command"], ["a"]]}, {"columns": [[3], ["order"], ["a", "b"]]},
        {"columns": [[3, True], ["command"], ["a", "b"]]}, {"columns": [[3], [["command"]], ["a", "b"]]},
        {"columns": [[3], ["command"], ["a", 1]]}, {"columns": [[3], ["command"], ["a", "b"]], "more": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_columns_that_are_not_as_they_should_be_are_refused(entries: Any) -> None:
    assert RAFT.unpack(APPEND, [3, 2, 1, {"columns": [[3], ["command"], ["a", "b"]]}, 2, 9]).entries[1].data == "b"
    with pytest.raises(Malformed, match="Entry"):
        RAFT.unpack(APPEND, [3, 2, 1, entries, 2, 9])
