"""The search for cycles: components first, short cycles within each, and closed walks that fall into cycles."""

from __future__ import annotations

import pytest

from lessons.check.isolation import Edge, Rule
from lessons.check.isolation.anomalies import kind_of
from lessons.check.isolation.cycles import MOST_STARTS, components, cycles, simple


def walk(text: str) -> tuple[Edge, ...]:
    """Edges from a text such as "A rw B ww A"."""
    words = text.split()
    steps = zip(words[::2], words[1::2], words[2::2], strict=False)
    return tuple(Edge(source, target, kind, "x", None, None, Rule.GIVEN) for source, kind, target in steps)


def names(cycle: tuple[Edge, ...]) -> str:
    return " ".join(f"{edge.source} {edge.kind}" for edge in cycle)


def found(*walks: str) -> set[str]:
    edges = [edge for each in walks for edge in walk(each)]
    place = {
        name: number for number, name in enumerate(sorted({edge.source for edge in edges} | {e.target for e in edges}))
    }
    return {names(cycle) for cycle in cycles(edges, place)}


def test_a_graph_without_a_cycle_has_no_component() -> None:
    assert components(walk("A ww B wr C rw D")) == [] and found("A ww B wr C rw D") == set()


def test_only_edges_within_a_component_are_searched() -> None:
    assert components(walk("A ww B wr A rw C ww D ww C")) == [list(walk("A ww B wr A")), list(walk("C ww D ww C"))]


def test_each_component_shows_its_cycles() -> None:
    assert found("A ww B wr A rw C rw D ww C") == {"A ww B wr", "C rw D ww"}


def test_of_a_component_the_shortest_cycle_of_a_kind_is_shown() -> None:
    assert found("A ww B ww C ww D ww A", "C ww A") == {"A ww B ww C ww"}


def test_kinds_in_one_component_are_each_shown() -> None:
    assert found("A ww B ww A", "A wr C ww A", "C rw D rw C") == {"A ww B ww", "A wr C ww", "C rw D rw"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A ww B ww A", "G0"),
        ("A ww B wr A", "G1c"),
        ("A rw B wr A", "G-single"),
        ("A rw B ww C rw D wr A", "G-nonadjacent"),
        ("A rw B rw C wr A", "G2-item"),
        ("A rw B ww C rw A", "G2-item"),
        ("A rw B rw A", "G-single"),
    ],
)
def test_the_kind_of_a_cycle_is_told_by_its_anti_dependencies(text: str, kind: str) -> None:
    assert kind_of(walk(text)) == kind


def test_a_walk_that_comes_twice_to_a_transaction_falls_into_two() -> None:
    """The half through the first edge is taken, but not where it would join rw to rw."""
    twice = walk("A rw B ww C rw A ww D ww A")
    assert names(simple(twice, apart=False)) == "A rw B ww C rw"
    assert names(simple(twice, apart=True)) == "A ww D ww"
    assert names(simple(walk("A ww B ww C ww B ww A"), apart=True)) == "A ww B ww"


def test_a_cycle_is_found_though_few_of_many_edges_are_tried() -> None:
    """Most rw edges of the component are on long ways round; the search ends, and finds a cycle all the same."""
    size = 3 * MOST_STARTS
    around = " ".join(f"{1000 + number} rw" for number in range(size))
    assert len(found(f"{around} 1000")) == 1
