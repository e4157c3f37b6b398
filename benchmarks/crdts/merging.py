"""Merging: a set of 10,000 elements takes in another one with as many, from its bytes and from memory."""

from __future__ import annotations

from benchmarks.crdts.peers import Peer
from benchmarks.crdts.sets import names
from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, comparison, spoken
from lessons.replication.crdts.codec import dumps, loads
from lessons.replication.crdts.orset import ORSet

ELEMENTS = 10_000
NEXUS, PYCRDT, MEMORY = "nexus OR-set", "pycrdt Map", "ORSet, from memory"


def filled(replica: str, elements: list[str]) -> ORSet:
    """A set of this book."""
    state = ORSet()
    for element in elements:
        state.add(replica, element)
    return state


def halves(count: int) -> tuple[list[str], list[str]]:
    """Two lists of so many elements; half of them are in both."""
    elements = names(count + count // 2)
    return elements[:count], elements[-count:]


def ours(count: int, from_memory: bool = False) -> Work:
    """The set of this book, from the JSON of the other one, or from the other one itself."""
    mine, theirs = halves(count)
    here, there = filled("ann", mine), filled("bob", theirs)
    text = dumps(there)
    run = (lambda: here.merge(there)) if from_memory else (lambda: here.merge(loads(text, ORSet)))
    return Work(run, lambda: len(here.value) - count // 2)


def nexus(count: int) -> Work:
    """A set in pure Python, from the bytes of the other one."""
    from nexus import NexusMap

    documents = []
    for replica, elements in zip(("ann", "bob"), halves(count), strict=True):
        document = NexusMap(replica)
        for element in elements:
            document.or_set("set").add(element)
        documents.append(document)
    here, there = documents
    data = there.encode()
    return Work(lambda: here.merge(data), lambda: len(here.or_set("set")) - count // 2)


def pycrdt(count: int) -> Work:
    """The keys of a map of Yrs, from an update of the other one."""
    from pycrdt import Doc, Map

    documents = []
    for elements in halves(count):
        document: Doc[Map[bool]] = Doc()
        state: Map[bool] = Map()
        document["set"] = state
        with document.transaction():
            for element in elements:
                state[element] = True
        documents.append(document)
    here, there = documents
    update = there.get_update()
    return Work(lambda: here.apply_update(update), lambda: len(here["set"]) - count // 2)


def measure(repetitions: int, long: bool, count: int = ELEMENTS) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    everybody = [
        Contestant("ORSet, from JSON", lambda: ours(count)),
        Contestant(MEMORY, lambda: ours(count, from_memory=True)),
        Peer(NEXUS, lambda: nexus(count), "nexus-crdt", module="nexus"),
        Contestant(PYCRDT, lambda: pycrdt(count), "pycrdt"),
    ]
    rows, ratios = comparison(race(present(everybody), repetitions), "elements")
    others = {peer: ratio for peer, ratio in ratios.items() if peer != MEMORY}
    return Report(
        name="crdt_merge",
        title="merging two sets",
        workload=f"A set of {count:,} texts takes in another replica's set of {count:,}, half of them the same. "
        "Reading and checking its bytes is part of the work, but for one contestant.",
        unit="elements of the other set a second of processor time",
        rows=rows,
        ratios=others,
        goals=[Goal(f"times {NEXUS}", ratios[NEXUS], 10.0)] if NEXUS in ratios else [],
        skipped=absent(everybody),
        conclusion=f"The set of this book, read from JSON and checked, is {spoken(others)}. Most of the time is the "
        "reading: merging what is in memory already is several times faster.",
        repetitions=repetitions,
    )
