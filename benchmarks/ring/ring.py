"""Hash ring: look-ups a second, one key at a time and many at once, and building, beside uhashring and jump hash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from benchmarks.race import Contestant, Work, absent, present, race
from benchmarks.report import Goal, Report, Row, comparison, rounded
from lessons.partitioning.hash_ring import HashRing, balance, crc

NODES, KEYS = 100, 100_000
ONE, MANY, BUILD = "one key", "many keys", "building"
DEFAULT, XXHASH, JUMP = "uhashring", "uhashring with xxhash", "jump-consistent-hash, whole numbers"


def names(nodes: int) -> list[str]:
    """The names of the nodes."""
    return [f"node{number}" for number in range(nodes)]


def users(keys: int) -> list[str]:
    """The keys."""
    return [f"user:{number}" for number in range(keys)]


@dataclass(frozen=True)
class Peer(Contestant):
    """A contestant of others: its modules, and the distribution that has the version."""

    modules: tuple[str, ...] = ()

    @property
    def missing(self) -> str | None:
        gone = [module for module in self.modules if find_spec(module) is None]
        return f"the package {gone[0]} is not installed" if gone else None

    @property
    def label(self) -> str:
        return f"{self.name} ({self.package} {version(str(self.package))})"


def each(look_up: Callable[[Any], object], keys: list[Any]) -> Work:
    """Look every key up, one call each."""
    found: list[object] = []

    def run() -> None:
        append = found.append
        for key in keys:
            append(look_up(key))

    return Work(run, lambda: len(found))


def all_at_once(look_up: Callable[[Any], list[str]], keys: list[str]) -> Work:
    """Look all keys up in one call."""
    found: list[str] = []
    return Work(lambda: found.extend(look_up(keys)), lambda: len(found))


def built(make: Callable[[list[str]], object], nodes: int) -> Work:
    """Build a ring; the work is the number of its points."""
    rings: list[object] = []
    return Work(lambda: rings.append(make(names(nodes))), lambda: 160 * nodes * len(rings))


def uhashring(nodes: list[str]) -> Any:
    """The peer as it comes: MD5."""
    return import_module("uhashring").HashRing(nodes)


def with_xxhash(nodes: list[str]) -> Any:
    """The peer with a fast hash."""
    digest = import_module("xxhash").xxh64_intdigest
    return import_module("uhashring").HashRing(nodes, hash_fn=lambda key: digest(key.encode()))


def jump(keys: int, nodes: int) -> Work:
    """Jump hash in C: keys are whole numbers already, and nothing is hashed."""
    look_up = import_module("jump").hash
    return each(lambda key: look_up(key, nodes), list(range(keys)))


def singles(keys: int, nodes: int) -> list[Contestant]:
    """Who looks up one key at a time; the first is ours."""
    return [
        Contestant("HashRing", lambda: each(HashRing(names(nodes)).owner, users(keys))),
        Contestant("HashRing with crc", lambda: each(HashRing(names(nodes), hash=crc).owner, users(keys))),
        Peer(DEFAULT, lambda: each(uhashring(names(nodes)).get_node, users(keys)), "uhashring", modules=("uhashring",)),
        Peer(
            XXHASH,
            lambda: each(with_xxhash(names(nodes)).get_node, users(keys)),
            "uhashring",
            modules=("uhashring", "xxhash"),
        ),
        Peer(JUMP, lambda: jump(keys, nodes), "jump-consistent-hash", modules=("jump",)),
    ]


def batches(keys: int, nodes: int) -> list[Contestant]:
    """Who looks up many keys; the peers have no call for that, so they are called for each."""
    quick, plain = HashRing(names(nodes), hash=crc), HashRing(names(nodes))
    return [
        Contestant("HashRing.owners with crc", lambda: all_at_once(quick.owners, users(keys))),
        Contestant("HashRing.owners", lambda: all_at_once(plain.owners, users(keys))),
        *singles(keys, nodes)[2:4],
    ]


def builders(nodes: int) -> list[Contestant]:
    """Who builds a ring of 160 points a node."""
    return [
        Contestant("HashRing", lambda: built(HashRing, nodes)),
        Peer(DEFAULT, lambda: built(uhashring, nodes), "uhashring", modules=("uhashring",)),
        Peer(XXHASH, lambda: built(with_xxhash, nodes), "uhashring", modules=("uhashring", "xxhash")),
    ]


def measure(repetitions: int, long: bool, keys: int = KEYS, nodes: int = NODES) -> Report:
    """See ``benchmarks.catalogue.Benchmark``."""
    entrants = {ONE: singles(keys, nodes), MANY: batches(keys, nodes), BUILD: builders(nodes)}
    rows: list[Row] = []
    ratios: dict[str, float] = {}
    for work, everybody in entrants.items():
        per = "points" if work == BUILD else "keys"
        found, compared = comparison(race(present(everybody), repetitions), per)
        rows += [{"work": work, **{_column(name): cell for name, cell in row.items()}} for row in found]
        ratios |= {f"{peer}, {work}": ratio for peer, ratio in compared.items() if "HashRing" not in peer}
    most = rounded(balance(HashRing(names(nodes)), users(keys)).most)
    goals = {f"{DEFAULT}, {ONE}": 1.2, f"{XXHASH}, {MANY}": 3.0, f"{DEFAULT}, {BUILD}": 1.5}
    return Report(
        name="ring",
        title="a hash ring and its peers",
        workload=(
            f"A ring of {nodes} nodes with 160 points each; {keys:,} keys such as user:17. One key: a call for each. "
            "Many keys: one call for all, where there is one. Building: the ring from the names."
        ),
        unit="keys looked up, or points built, a second of processor time",
        rows=rows,
        ratios=ratios,
        goals=[
            *(Goal(f"times {name}", ratios[name], limit) for name, limit in goals.items() if name in ratios),
            Goal("keys of the fullest node, to the mean", most, 1.30, at_least=False),
        ],
        skipped={name: why for everybody in entrants.values() for name, why in absent(everybody).items()},
        conclusion=conclusion(ratios, most),
        repetitions=repetitions,
    )


def _column(name: str) -> str:
    """One name for columns that count keys and for those that count points."""
    return name.replace("keys a second", "a second").replace("points a second", "a second")


def conclusion(ratios: dict[str, float], most: float) -> str:
    """What the ratios say."""
    spoken = "; ".join(f"{ratio:g} times {name}" for name, ratio in ratios.items()) or "alone: no peer is here"
    return (
        f"Ours to theirs: {spoken}. The fullest node has {most:g} times the mean. Jump hash has no ring and no names, "
        "and its keys are numbers: it shows what is left when nothing is hashed and nothing is searched. uhashring "
        "takes a new ring's nodes one at a time later on, which ours answers with a new ring."
    )
