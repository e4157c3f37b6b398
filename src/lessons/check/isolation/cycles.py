"""Cycles of the dependency graph: strongly connected components first, then short cycles within each."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from lessons.check.isolation.anomalies import Cycle, kind_of, name_of
from lessons.check.isolation.edges import Edge

#: How many edges of a component a search starts from: one is enough to find a cycle, more find shorter ones.
MOST_STARTS = 60

State = tuple[str, bool]  # a transaction, and whether an rw edge led to it, where that matters


class Step(NamedTuple):
    """An edge as a step between states; every search walks over steps."""

    source: State
    target: State
    edge: Edge


@dataclass(frozen=True)
class Search:
    """One kind of cycle: the edges that it is made of, and one that it must have.

    ``must`` is a kind of edge, or an order that an edge must rest on. ``rw`` says how the anti-dependencies
    stand: anyhow, no two next to each other ("apart"), or somewhere two next to each other ("together").
    """

    kinds: str
    must: str
    rw: Literal["anyhow", "apart", "together"] = "anyhow"

    def steps(self, edges: Iterable[Edge]) -> Iterator[Step]:
        """The edges that this search may use, as steps."""
        kinds = self.kinds.split()
        for edge in edges:
            if edge.kind in kinds:
                is_rw = edge.kind == "rw" and self.rw != "anyhow"
                for after_rw in (False, True) if self._both(is_rw) else (False,):
                    yield Step((edge.source, after_rw), (edge.target, is_rw), edge)

    def _both(self, is_rw: bool) -> bool:
        return self.rw == "together" or (self.rw == "apart" and not is_rw)

    def starts(self, step: Step) -> bool:
        """Whether a cycle of this kind may begin with ``step``: it has what the cycle must have."""
        if self.rw == "together":
            return step.edge.kind == self.must and step.source[1]
        return self.must in (step.edge.kind, step.edge.rule.rests_on)


#: For each order that a cycle may need ("" is none) what to search for, in the order of Adya's levels.
SEARCHES = {
    "": (
        Search("ww", "ww"),
        Search("ww wr", "wr"),
        Search("ww wr rw", "rw", "apart"),
        Search("ww wr rw", "rw", "together"),
    ),
    **{
        order: (
            Search("ww process realtime", order),
            Search("ww wr process realtime", order),
            Search("ww wr rw process realtime", order, "apart"),
            Search("ww wr rw process realtime", order),
        )
        for order in ("process", "realtime")
    },
}


def cycles(edges: Sequence[Edge], place: Mapping[str, int]) -> Iterator[Cycle]:
    """Short cycles of every kind that there is, in every component of the graph; some may come twice.

    First come the strongly connected components of the whole graph (Tarjan 1972), so that what has no
    part in a cycle costs no more than that. ``place`` is the position of each transaction in the history; each
    cycle begins with its first one.
    """
    for component in components(edges):
        for cycle in in_component(component, place):
            first = min(range(len(cycle)), key=lambda at: place[cycle[at].source])
            yield cycle[first:] + cycle[:first]


def in_component(edges: Sequence[Edge], place: Mapping[str, int]) -> Iterator[Cycle]:
    """Cycles of one component: of data alone, then those that need the order of sessions, then that of time.

    One that needs an order is of interest only where it is worse than all that do with less.
    """
    yield from of_names(edges, place)
    usable: list[Edge] = []
    worst = len(SEARCHES[""])
    for order, searches in SEARCHES.items():
        new = [edge for edge in edges if edge.rule.rests_on == order]
        usable += new
        for severity, search in enumerate(searches[: worst if order else None] if new else ()):
            found = list(Walk(search, usable, place).cycles())
            worst = min(worst, severity) if found else worst
            yield from found


def of_names(edges: Sequence[Edge], place: Mapping[str, int]) -> Iterator[Cycle]:
    """Of every name that cycles of two transactions have, one such cycle: of those next to each other, if there are."""
    between: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        between[edge.source, edge.target].append(edge)
    found: dict[str, Cycle] = {}
    for edge in sorted(edges, key=lambda edge: distance(edge, place)):
        for back in between.get((edge.target, edge.source), ()):
            found.setdefault(name_of((edge, back)), (edge, back))
    yield from (cycle for name, cycle in found.items() if name)


def distance(edge: Edge, place: Mapping[str, int]) -> int:
    """How far apart in the history the ends of an edge are: cycles are shortest among neighbours."""
    return abs(place[edge.source] - place[edge.target])


def components(edges: Sequence[Edge]) -> list[list[Edge]]:
    """The edges within each strongly connected component that has more than one transaction."""
    part = parts((edge.source, edge.target) for edge in edges)
    inside: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        number = part.get(edge.source)
        if number is not None and number == part.get(edge.target):
            inside[number].append(edge)
    return list(inside.values())


def parts(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, int]:
    """The number of the strongly connected component of each node that is on a cycle of the graph of ``pairs``."""
    import networkx

    graph: networkx.DiGraph[Any] = networkx.DiGraph()
    graph.add_edges_from(pairs)
    found = networkx.strongly_connected_components(graph)
    large = (nodes for nodes in found if len(nodes) > 1)
    return {node: number for number, nodes in enumerate(large) for node in nodes}


@dataclass
class Walk:
    """One search in one component."""

    search: Search
    edges: Sequence[Edge]
    place: Mapping[str, int]
    onward: dict[State, list[Step]] = field(default_factory=lambda: defaultdict(list))

    def cycles(self) -> Iterator[Cycle]:
        """Of each component of the states, the shortest cycles that are found."""
        steps = list(self.search.steps(self.edges))
        part = parts((step.source, step.target) for step in steps)
        starts: dict[int, list[Step]] = defaultdict(list)
        for step in steps:
            number = part.get(step.source)
            if number is not None and number == part.get(step.target):
                self.onward[step.source].append(step)
                if self.search.starts(step):
                    starts[number].append(step)
        for each in starts.values():
            yield from self._shortest(each)

    def _shortest(self, starts: list[Step]) -> Iterator[Cycle]:
        """One cycle of each kind that is found, none longer than those found before it."""
        starts.sort(key=lambda step: distance(step.edge, self.place))
        found: dict[str, Cycle] = {}
        longest = len(self.onward)
        for start in starts[:MOST_STARTS]:
            path = self._path(start.target, start.source, longest - 1)
            if path is not None:
                cycle = simple((start.edge, *path), self.search.rw == "apart")
                longest = min(longest, len(cycle))
                if len(cycle) < len(found.get(kind_of(cycle), (*cycle, start.edge))):
                    found[kind_of(cycle)] = cycle
        yield from found.values()

    def _path(self, source: State, goal: State, most: int) -> tuple[Edge, ...] | None:
        """A shortest way of at most ``most`` steps; None if there is none."""
        came: dict[State, Step | None] = {source: None}
        queue = deque([(source, 0)])
        while queue and goal not in came:
            state, length = queue.popleft()
            for step in self.onward[state] if length < most else ():
                if step.target not in came:
                    came[step.target] = step
                    queue.append((step.target, length + 1))
        return _traced(came, goal) if goal in came else None


def _traced(came: Mapping[State, Step | None], goal: State) -> tuple[Edge, ...]:
    path: list[Edge] = []
    step = came[goal]
    while step is not None:
        path.append(step.edge)
        step = came[step.source]
    return tuple(reversed(path))


def simple(walk: Cycle, apart: bool) -> Cycle:
    """A cycle that a closed walk contains, through its first edge if that can be.

    If ``apart``, no two rw edges stand next to each other in the walk, nor in the cycle: where the walk
    comes twice to a transaction it falls into two, and not both of them can join rw to rw.
    """
    first: dict[str, int] = {}
    for at, edge in enumerate(walk):
        begin = first.setdefault(edge.source, at)
        if begin < at:
            halves = [walk[:begin] + walk[at:], walk[begin:at]]
            halves.sort(key=lambda half: walk[0] not in half)
            fit = (half for half in halves if not (apart and half[-1].kind == half[0].kind == "rw"))
            return simple(next(fit), apart)
    return walk
