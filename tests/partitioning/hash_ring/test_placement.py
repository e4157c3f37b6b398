"""What every placement has in common: errors in words, an owner for each key, copies apart, changes that copy."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.node import UnknownNode
from lessons.partitioning.hash_ring import HashRing, Jump, Maglev, Member, Modulo, Placement, Rendezvous
from lessons.partitioning.hash_ring.laws import apart, distinct
from tests.partitioning.hash_ring.kinds import KINDS, SOME, WEIGHTED, keys, members, names

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_no_nodes_at_all_are_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="nodes is empty"):
        KINDS[kind]([])


@every_kind
def test_a_name_twice_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="node 'a' is there twice"):
        KINDS[kind](["a", "b", "a"])
    with pytest.raises(ValueError, match="node 'a' is there twice"):
        KINDS[kind](["a", "b"]).with_node("a")


@every_kind
def test_an_unknown_node_is_refused(kind: str) -> None:
    placement = KINDS[kind](["a", "b"])
    for change in (placement.without, placement.member, placement.share):
        with pytest.raises(UnknownNode, match="no node 'x'; known nodes: a, b"):
            change("x")
    with pytest.raises(UnknownNode):
        placement.with_weight("x", 2)


@every_kind
def test_the_last_node_cannot_leave(kind: str) -> None:
    with pytest.raises(ValueError, match="nodes is empty"):
        KINDS[kind](["a"]).without("a")


@every_kind
@pytest.mark.parametrize("count", [0, -1, 3, 1.5, True, "2"])
def test_copies_for_which_there_are_no_nodes_are_refused(kind: str, count: Any) -> None:
    with pytest.raises(ValueError, match=r"count is .*: it must be 1 to 2, the number of nodes"):
        KINDS[kind](["a", "b"]).replicas("k", count)


@pytest.mark.parametrize("weight", [0, -1, nan, inf, -0.0, 10**400, 1.7e308, 5e-324])
def test_a_weight_that_is_no_number_over_0_to_count_with_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match=r"weight of 'a' is .*: it must be a number over 0, 1e-100 to 1e100"):
        Member("a", weight)
    with pytest.raises(ValueError, match="weight of 'a'"):
        HashRing(["a"]).with_weight("a", weight)


@pytest.mark.parametrize("weight", [1e-100, 1e100])
def test_the_least_and_the_greatest_weights_still_add_up_to_fair_shares(weight: float) -> None:
    placement = Rendezvous([Member("a", weight), Member("b", weight)])
    owners = placement.owners([str(number) for number in range(1000)])
    assert placement.share("a") == 0.5 and 440 < owners.count("a") < 560


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("",), ValueError, "name is ''"),
        (("\ud800",), ValueError, "name is .*: it has half of a surrogate pair"),
        ((5,), TypeError, "name is 5"),
        (("a", 1, 5), TypeError, "zone is 5"),
        (("a", "2"), TypeError, "weight of 'a' is '2'"),
        (("a", True), TypeError, "weight of 'a' is True"),
    ],
)
def test_a_member_that_makes_no_sense_is_refused(arguments: tuple[Any, ...], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        Member(*arguments)


def test_a_name_alone_is_no_list_of_nodes_and_a_hash_must_be_a_function() -> None:
    with pytest.raises(TypeError, match="nodes is 'abc': give a list of names"):
        HashRing("abc")
    with pytest.raises(TypeError, match="nodes is None: give a list of names"):
        HashRing(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="hash is 'md5'"):
        HashRing(["a"], hash="md5")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Modulo, Jump])
def test_who_knows_no_weights_refuses_them(kind: type[Placement]) -> None:
    with pytest.raises(ValueError, match=rf"weight of 'b' is 2: {kind.__name__} knows no weights"):
        kind(["a", Member("b", 2)])
    with pytest.raises(ValueError, match="knows no weights"):
        kind(["a", "b"]).with_weight("a", 0.5)


@every_kind
@pytest.mark.parametrize("key", [5, None, ("a",)])
def test_a_key_that_is_no_text_is_refused_by_every_look_up(kind: str, key: Any) -> None:
    placement = KINDS[kind](["a", "b"])
    for look_up in (placement.owner, lambda key: list(placement.preference(key))):
        with pytest.raises(TypeError, match="it must be text or bytes"):
            look_up(key)
    with pytest.raises(TypeError, match="it must be text or bytes"):
        placement.owners(["a", key])


@every_kind
@SOME
@given(nodes=names, keys=keys)
def test_every_key_has_an_owner_the_same_for_one_and_for_many(kind: str, nodes: list[str], keys: list[Any]) -> None:
    placement = KINDS[kind](nodes)
    owners = [placement.owner(key) for key in keys]
    assert set(owners) <= set(nodes)
    assert placement.owners(keys) == owners
    assert set(placement.place(keys)) == set(keys)
    assert all(placement.cost(key) >= 1 for key in keys) and placement.entries >= len(nodes)


@every_kind
@SOME
@given(nodes=names, keys=keys)
def test_a_preference_begins_with_the_owner_and_names_each_node_once(
    kind: str, nodes: list[str], keys: list[Any]
) -> None:
    placement = KINDS[kind](nodes)
    for key in keys[:10]:
        preference = list(placement.preference(key))
        assert sorted(preference) == sorted(nodes)
        assert kind == "bounded" or preference[0] == placement.owner(key)


@every_kind
@SOME
@given(nodes=names, data=st.data())
def test_copies_are_on_different_nodes_and_the_first_is_preferred(
    kind: str, nodes: list[str], data: st.DataObject
) -> None:
    placement = KINDS[kind](nodes)
    count = data.draw(st.integers(1, len(nodes)))
    assert distinct(placement, ["k1", "k2", "k3"], count) is None
    assert [placement.replicas(key, count)[0] for key in ("k1", "k2")] == [
        next(placement.preference(key)) for key in ("k1", "k2")
    ]


@pytest.mark.parametrize("kind", WEIGHTED)
@SOME
@given(data=st.data())
def test_copies_are_in_as_many_zones_as_there_are(kind: str, data: st.DataObject) -> None:
    nodes = data.draw(members(zones=("east", "west", "north", None)))
    placement = KINDS[kind](nodes)
    count = data.draw(st.integers(1, len(nodes)))
    assert apart(placement, ["k1", "k2", "k3"], count) is None
    assert distinct(placement, ["k1", "k2", "k3"], count) is None


def test_no_zone_gets_a_third_copy_before_another_has_its_second() -> None:
    nodes = [Member(f"{zone}{number}", zone=zone) for zone in ("e", "w") for number in range(5)]
    for key in map(str, range(200)):
        zones = [name[0] for name in HashRing(nodes).replicas(key, 6)]
        assert sorted(zones) == ["e"] * 3 + ["w"] * 3
        assert zones[0] != zones[1] and zones[2] != zones[3]


def test_a_change_makes_a_new_placement_and_leaves_the_old_one_as_it_was() -> None:
    for make in KINDS.values():
        old = make(["a", "b", "c"])
        before = old.place([str(number) for number in range(50)])
        larger, smaller = old.with_node("d"), old.without("b")
        assert set(larger.members) == {"a", "b", "c", "d"} and set(smaller.members) == {"a", "c"}
        assert type(larger) is type(smaller) is type(old)
        assert old.place(list(before)) == before
        with pytest.raises(TypeError):
            old.members["x"] = Member("x")  # type: ignore[index]


def test_a_change_keeps_zones_weights_and_options() -> None:
    ring = HashRing([Member("a", 2, "east"), "b"], vnodes=7)
    changed = ring.with_node("c", 3, "west").with_weight("b", 4).without("a")
    assert list(changed.members.values()) == [Member("b", 4), Member("c", 3, "west")]
    assert changed.vnodes == 7
    assert Maglev(["a"], size=11).with_node("b").size == 11


@pytest.mark.parametrize("kind", ["ring", "ketama", "rendezvous", "maglev"])
@SOME
@given(data=st.data())
def test_the_order_of_the_nodes_does_not_matter(kind: str, data: st.DataObject) -> None:
    nodes = data.draw(members())
    shuffled = data.draw(st.permutations(nodes))
    keys = [str(number) for number in range(60)]
    one, other = KINDS[kind](nodes), KINDS[kind](shuffled)
    assert one.owners(keys) == other.owners(keys)
    assert [list(one.preference(key)) for key in keys[:5]] == [list(other.preference(key)) for key in keys[:5]]


def test_a_placement_says_who_is_in_it() -> None:
    assert repr(Rendezvous(["a", Member("b", 2)])) == "Rendezvous(a, b)"
