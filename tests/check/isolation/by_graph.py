"""Adya's graph drawn by hand where the order of all appends is known, and every cycle in it, by enumeration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from random import Random

import networkx as nx

from lessons.check.isolation import Append, Read, Transaction

Step = tuple[str, str]  # kind of dependency and key
Orders = Mapping[str, Sequence[tuple[str, int]]]  # by key who appended what, in order


@dataclass
class Drawn:
    """A history of committed transactions, the last of which reads everything, and the order of all appends."""

    history: list[Transaction]
    orders: Orders


def drawn(chance: Random) -> Drawn:
    """Up to 5 transactions on up to 3 lists; each read shows some beginning of the list."""
    plans = plans_of(chance, "xyz"[: chance.randint(1, 3)])
    orders = {key: some_order(chance, plans, key) for key in "xyz"}
    history = [answered(chance, name, plan, orders) for name, plan in plans.items()]
    whole = [Read(key, [value for _, value in order]) for key, order in orders.items()]
    return Drawn([*history, Transaction("last", whole)], orders)


def plans_of(chance: Random, keys: str) -> dict[str, list[Append | Read]]:
    values = iter(range(100))
    return {
        f"T{number}": [
            Append(key, next(values)) if chance.random() < 0.5 else Read(key)
            for key in chance.choices(keys, k=chance.randint(1, 4))
        ]
        for number in range(chance.randint(2, 5))
    }


def some_order(chance: Random, plans: Mapping[str, Sequence[Append | Read]], key: str) -> list[tuple[str, int]]:
    """All appends to a list, those of one transaction in its own order."""
    waiting = {
        name: [step.value for step in plan if isinstance(step, Append) and step.key == key]
        for name, plan in plans.items()
    }
    names = [name for name, values in waiting.items() for _ in values]
    chance.shuffle(names)
    return [(name, waiting[name].pop(0)) for name in names]


def answered(chance: Random, name: str, plan: Sequence[Append | Read], orders: Orders) -> Transaction:
    """The plan with answers: a beginning of the list without the transaction's own appends, often the same again."""
    done: list[Append | Read] = []
    shown: dict[str, int] = {}
    for step in plan:
        if isinstance(step, Append):
            done.append(step)
        elif not any(isinstance(each, Append) and each.key == step.key for each in done):
            others = [writer for writer, _ in orders[step.key]]
            most = others.index(name) if name in others else len(others)
            if step.key not in shown or chance.random() < 0.3:
                shown[step.key] = chance.randint(0, most)
            done.append(Read(step.key, [value for _, value in orders[step.key][: shown[step.key]]]))
    return Transaction(name, done)


def timed(drawn: Drawn, chance: Random) -> list[Transaction]:
    """The history with three clients, and times of which many are equal; in any order but for the last one."""
    free = dict.fromkeys("abc", 0.0)
    history = []
    for each in drawn.history[:-1]:
        process = chance.choice("abc")
        start = max(free[process], float(chance.randint(0, 8)))
        free[process] = start + chance.randint(0, 4)
        history.append(replace(each, process=process, start=start, end=free[process]))
        free[process] += chance.choice((0.0, 1.0))
    chance.shuffle(history)
    return [*history, replace(drawn.history[-1], process="last", start=100.0, end=101.0)]


# The graph


def graph(drawn: Drawn) -> dict[tuple[str, str], set[Step]]:
    """For each pair of transactions how the second depends on the first (Adya 1999, chapter 3)."""
    found: dict[tuple[str, str], set[Step]] = defaultdict(set)
    for key, order in drawn.orders.items():
        for (one, _), (other, _) in pairwise(order):
            found[one, other].add(("ww", key))
        for transaction in drawn.history:
            for seen in answers(transaction, key):
                found["" if not seen else order[len(seen) - 1][0], transaction.name].add(("wr", key))
                found[transaction.name, "" if len(seen) == len(order) else order[len(seen)][0]].add(("rw", key))
    return {pair: steps for pair, steps in found.items() if "" not in pair and pair[0] != pair[1]}


def answers(transaction: Transaction, key: str) -> list[tuple[int, ...]]:
    return [tuple(each.value) for each in transaction.operations if isinstance(each, Read) and each.key == key]  # type: ignore[arg-type]


def cycles(drawn: Drawn) -> Iterator[tuple[Step, ...]]:
    """The steps of every cycle."""
    steps = graph(drawn)
    for around in nx.simple_cycles(nx.DiGraph(list(steps))):
        yield from product(*(sorted(steps[pair]) for pair in zip(around, [*around[1:], around[0]], strict=True)))


def kind(cycle: Sequence[Step]) -> str:
    """What Adya calls it; of two anti-dependencies at one key one write must have come before the other."""
    kinds = [step[0] for step in cycle]
    if "rw" not in kinds:
        return "G1c" if "wr" in kinds else "G0"
    if kinds.count("rw") == 1 or (kinds == ["rw", "rw"] and cycle[0][1] == cycle[1][1]):
        return "G-single"
    return "G2-item" if ("rw", "rw") in pairwise([*kinds, kinds[0]]) else "G-nonadjacent"


NAMES = {
    ("rw", "rw", False): "write skew",
    ("rw", "rw", True): "lost update",
    ("rw", "wr", False): "read skew",
    ("rw", "ww", True): "lost update",
}


def names(drawn: Drawn) -> set[str]:
    """The popular names that are due: by cycles of two, by pairs that updated one version, by answers that differ."""
    pairs = (sorted(cycle) for cycle in cycles(drawn) if len(cycle) == 2)
    found = {NAMES.get((one[0], other[0], one[1] == other[1]), "") for one, other in pairs} - {""}
    found |= {"lost update" for one, other in combinations(drawn.history, 2) if updated_one_version(one, other)}
    changing = any(len(set(answers(each, key))) > 1 for each in drawn.history for key in drawn.orders)
    return found | ({"non-repeatable read"} if changing else set())


def updated_one_version(one: Transaction, other: Transaction) -> bool:
    both = {each.key for each in one.operations if isinstance(each, Append)}
    both &= {each.key for each in other.operations if isinstance(each, Append)}
    return any(set(answers(one, key)) & set(answers(other, key)) for key in both)


# Orders of sessions and of time


def precedes(one: Transaction, other: Transaction, order: str) -> bool:
    """Whether the first surely comes before the second."""
    assert one.start is not None and one.end is not None and other.start is not None and other.end is not None
    if one is other or order == "none":
        return False
    if one.process == other.process and one.end <= other.start:
        return (one.start, one.end) < (other.start, other.end)
    return order == "real-time" and one.end < other.start


def writes(transaction: Transaction, state: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]] | None:
    """What a transaction leaves of the keys it appends to when it runs on ``state``; None if its answers differ."""
    left: dict[str, tuple[int, ...]] = {}
    for each in transaction.operations:
        now = left.get(each.key, state.get(each.key, ()))
        if isinstance(each, Append):
            left[each.key] = (*now, each.value)
        elif each.value != now:
            return None
    return left


def has_serial_order(history: Sequence[Transaction], order: str) -> bool:
    def goes_on(left: list[Transaction], state: Mapping[str, tuple[int, ...]]) -> bool:
        ready = [each for each in left if not any(precedes(other, each, order) for other in left)]
        after = [(each, writes(each, state)) for each in ready]
        return not left or any(
            goes_on([other for other in left if other is not each], {**state, **written})
            for each, written in after
            if written is not None
        )

    return goes_on(list(history), {})


def has_snapshots(history: Sequence[Transaction], order: str) -> bool:
    """Whether some starts and commits explain it; whoever comes after another in ``order`` starts after its commit."""
    Active = tuple[Transaction, Mapping[str, tuple[int, ...]], frozenset[str]]

    def goes_on(waiting: list[Transaction], active: list[Active], state: Mapping[str, tuple[int, ...]]) -> bool:
        if not waiting and not active:
            return True
        open_ = [*waiting, *(each for each, _, _ in active)]
        for each in waiting:
            if not any(precedes(other, each, order) for other in open_):
                rest = [other for other in waiting if other is not each]
                if goes_on(rest, [*active, (each, state, frozenset())], state):
                    return True
        for place, (each, snapshot, changed) in enumerate(active):
            written = writes(each, snapshot)
            if written is not None and not changed & set(written):
                others = [
                    (other, seen, keys | set(written)) for at, (other, seen, keys) in enumerate(active) if at != place
                ]
                if goes_on(waiting, others, {**state, **written}):
                    return True
        return False

    return goes_on(list(history), [], {})
