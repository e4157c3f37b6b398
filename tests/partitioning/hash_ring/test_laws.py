"""The laws hold for the placements that promise them, whatever the nodes, and each can be broken."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.partitioning.hash_ring import HashRing, KetamaRing, Maglev, Member, Modulo, Rendezvous
from lessons.partitioning.hash_ring.laws import agreed, apart, balanced, distinct, settled
from tests.partitioning.hash_ring.kinds import KEYS, KINDS, MANY, MONOTONE, SOME, members, several, weights

FEW = KEYS[:150]


@pytest.mark.parametrize("kind", MONOTONE)
@MANY
@given(nodes=several)
def test_a_join_moves_keys_to_the_newcomer_alone(kind: str, nodes: list[str]) -> None:
    placement = KINDS[kind](nodes[:-1])
    assert settled(placement, placement.with_node(nodes[-1]), FEW) is None


@pytest.mark.parametrize("kind", ["ring", "rendezvous"])
@MANY
@given(nodes=several, data=st.data())
def test_a_leave_moves_the_keys_of_the_leaver_alone(kind: str, nodes: list[str], data: st.DataObject) -> None:
    placement = KINDS[kind](nodes)
    assert settled(placement, placement.without(data.draw(st.sampled_from(nodes))), FEW) is None


@pytest.mark.parametrize("kind", ["ring", "rendezvous"])
@MANY
@given(nodes=members(least=2), weight=weights, data=st.data())
def test_a_change_of_weight_moves_keys_only_to_or_from_that_node(
    kind: str, nodes: list[Member], weight: float, data: st.DataObject
) -> None:
    placement = KINDS[kind](nodes)
    name = data.draw(st.sampled_from(sorted(placement.members)))
    assert settled(placement, placement.with_weight(name, weight), FEW) is None


@pytest.mark.parametrize("kind", ["ring", "rendezvous", "jump", "modulo", "maglev", "ketama"])
@SOME
@given(nodes=several)
def test_who_comes_and_goes_leaves_no_trace(kind: str, nodes: list[str]) -> None:
    placement = KINDS[kind](nodes[:-1])
    assert placement.with_node(nodes[-1]).without(nodes[-1]).owners(FEW) == placement.owners(FEW)


@pytest.mark.parametrize("kind", ["ring", "rendezvous"])
@SOME
@given(nodes=several, data=st.data())
def test_a_leave_takes_the_leaver_out_of_a_preference_and_changes_nothing_else(
    kind: str, nodes: list[str], data: st.DataObject
) -> None:
    placement, name = KINDS[kind](nodes), data.draw(st.sampled_from(nodes))
    for key in FEW[:10]:
        others = [other for other in placement.preference(key) if other != name]
        assert list(placement.without(name).preference(key)) == others


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (Modulo, 1.3),
        (partial(HashRing, vnodes=160), 1.5),
        (KetamaRing, 1.5),
        (KINDS["jump"], 1.3),
        (Rendezvous, 1.3),
        (partial(Maglev, size=1009), 1.3),
        (KINDS["bounded"], 1.255),
    ],
)
def test_keys_are_spread_evenly(make: object, most: float) -> None:
    placement = make([f"n{number}" for number in range(10)])  # type: ignore[operator]
    assert balanced(placement, KEYS, most, 0.5) is None


def test_each_law_says_what_breaks_it() -> None:
    assert agreed(["a", "b"], ["a", "c"], ["k", "l"]) == "one process looks for 'l' on b, another on c"
    modulo = Modulo(["a", "b"])
    said = settled(modulo, modulo.with_node("c"), KEYS)
    assert said is not None and said.endswith("and neither of them has changed")
    one_point = HashRing([f"n{number}" for number in range(10)], vnodes=1)
    said = balanced(one_point, KEYS, 1.5)
    assert said is not None and "times what their weights say, not 0 to 1.5" in said


class Stuck(HashRing):
    """Puts every copy on the owner."""

    def replicas(self, key: str | bytes, count: int) -> list[str]:
        return [self.owner(key)] * count


class ZoneBlind(HashRing):
    """Takes the next nodes and asks no one for their zone."""

    def replicas(self, key: str | bytes, count: int) -> list[str]:
        return list(self.preference(key))[:count]


def test_copies_on_one_node_and_in_one_zone_are_noticed() -> None:
    nodes = [Member("a", zone="e"), Member("b", zone="e"), Member("c", zone="w")]
    assert "2 copies of 'user:0' were asked for, and they are on 1 nodes" in str(distinct(Stuck(nodes), KEYS, 2))
    assert "are in 1 of 2 zones: on " in str(apart(ZoneBlind(nodes), KEYS, 2))
    assert apart(HashRing(nodes), KEYS, 2) is None
