"""Sets: 10,000 elements are added one by one to an observed-remove set."""

from __future__ import annotations

from benchmarks.crdts.peers import Peer
from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.replication.crdts.orset import ORSet

ELEMENTS = 10_000
CRDTS, NEXUS, PYCRDT = "crdts ORSet", "nexus OR-set", "pycrdt Map"
GOALS = {CRDTS: 10.0, NEXUS: 10.0, PYCRDT: 2.0}


def names(count: int) -> list[str]:
    """The elements."""
    return [f"element {number}" for number in range(count)]


def ours(count: int) -> Work:
    """The set of this book; each addition also makes its delta."""
    elements, state = names(count), ORSet()

    def run() -> None:
        for element in elements:
            state.add("ann", element)

    return Work(run, lambda: len(state.value))


def crdts(count: int) -> Work:
    """A set in pure Python; each addition makes an update to be sent."""
    from crdts import ORSet as Peers

    elements, state = names(count), Peers()

    def run() -> None:
        for element in elements:
            state.observe(element)

    return Work(run, lambda: len(state.read()))


def nexus(count: int) -> Work:
    """A set in pure Python, in a map with a log of operations."""
    from nexus import NexusMap

    elements, state = names(count), NexusMap("ann").or_set("set")

    def run() -> None:
        for element in elements:
            state.add(element)

    return Work(run, lambda: len(state))


def pycrdt(count: int) -> Work:
    """Yrs has no set: keys of a map, each in a transaction of its own."""
    from pycrdt import Doc, Map

    elements = names(count)
    document: Doc[Map[bool]] = Doc()
    state: Map[bool] = Map()
    document["set"] = state

    def run() -> None:
        for element in elements:
            state[element] = True

    return Work(run, lambda: len(state))


def measure(repetitions: int, long: bool, count: int = ELEMENTS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = [
        Contestant("ORSet", lambda: ours(count)),
        Peer(CRDTS, lambda: crdts(count), "crdts", module="crdts"),
        Peer(NEXUS, lambda: nexus(count), "nexus-crdt", module="nexus"),
        Contestant(PYCRDT, lambda: pycrdt(count), "pycrdt"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "additions")
    return Report(
        name="crdt_set",
        title="additions to a set",
        workload=f"{count:,} different texts are added to an empty observed-remove set at one replica.",
        unit="additions a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[Goal(f"times {peer}", ratios[peer], goal) for peer, goal in GOALS.items() if peer in ratios],
        skipped=absent(everybody),
        conclusion=f"The set of this book, which makes a delta for every addition, is {spoken(ratios)}. "
        "The map of pycrdt is another type: a concurrent removal of a key may win there.",
        repetitions=repetitions,
    )
