"""Specifications: what a replica that has seen some updates has to show, whoever brought them, in whatever way.

The value is a function of the updates and of which of them saw which, and of nothing else (Burckhardt et
al. 2014). That is what every type, by state, by delta and by operation, is tested against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lessons.node import render
from lessons.replication.crdts.dots import Vector


@dataclass(frozen=True)
class Update:
    """One update: number ``number`` of ``replica``, and how many updates of each replica it had seen."""

    replica: str
    number: int
    name: str
    args: tuple[Any, ...]
    past: Vector

    def saw(self, other: Update) -> bool:
        """Whether ``other`` happened before it."""
        return other.number <= self.past.get(other.replica, 0)


Bounds = tuple[Any, Any]


def latest(updates: Sequence[Update]) -> list[Update]:
    """Those that no other of them has seen."""
    return [update for update in updates if not any(other.saw(update) for other in updates)]


def _exactly(value: Any) -> Bounds:
    return value, value


def _sum(updates: Sequence[Update]) -> Bounds:
    return _exactly(
        sum((update.args[0] if update.args else 1) * (-1) ** (update.name == "decrement") for update in updates)
    )


def _unreset(updates: Sequence[Update]) -> Bounds:
    resets = [update for update in updates if update.name == "reset"]
    left = [update for update in updates if update.name == "add" and not any(reset.saw(update) for reset in resets)]
    return _exactly(sum(update.args[0] if update.args else 1 for update in left))


def _ever(updates: Sequence[Update]) -> Bounds:
    return _exactly({update.args[0] for update in updates if update.name == "add"})


def _never_removed(updates: Sequence[Update]) -> Bounds:
    removed = {update.args[0] for update in updates if update.name == "remove"}
    return _exactly(_ever(updates)[0] - removed)


def _by_element(updates: Sequence[Update]) -> dict[Any, list[Update]]:
    parts: dict[Any, list[Update]] = {}
    for update in updates:
        parts.setdefault(update.args[0], []).append(update)
    return parts


def _added_last(updates: Sequence[Update]) -> Bounds:
    """In, if a last update of the element added it: the addition wins."""
    last = {element: latest(part) for element, part in _by_element(updates).items()}
    return _exactly({element for element, part in last.items() if any(update.name == "add" for update in part)})


def _added_or_removed_last(updates: Sequence[Update]) -> Bounds:
    """In, if every last update of the element added it; in or out, if they differ."""
    last = {element: latest(part) for element, part in _by_element(updates).items()}
    sure = {element for element, part in last.items() if all(update.name == "add" for update in part)}
    return sure, _added_last(updates)[0]


def _one_of_the_last(updates: Sequence[Update]) -> Bounds:
    return set(), {update.args[0] for update in latest(updates)} or {None}


def _all_of_the_last(updates: Sequence[Update]) -> Bounds:
    return _exactly({update.args[0] for update in latest(updates)})


def _enabled(wins: Callable[[Iterable[bool]], bool]) -> Callable[[Sequence[Update]], Bounds]:
    def bounds(updates: Sequence[Update]) -> Bounds:
        last = [update.name == "enable" for update in latest(updates)]
        return _exactly(bool(last) and wins(last))

    return bounds


def _letters(updates: Sequence[Update]) -> Bounds:
    """What was typed, less what was deleted, which is the third argument of a deletion; no letter is typed twice."""
    typed = Counter("".join(update.args[1] for update in updates if update.name == "insert"))
    return _exactly(typed - Counter("".join(set("".join(u.args[2] for u in updates if u.name == "delete")))))


def _by_key(updates: Sequence[Update]) -> Bounds:
    """Each key by the specification of its type, over the updates that no removal of the key has seen."""
    removals = [update for update in updates if update.name == "remove"]
    parts: dict[tuple[str, str], list[Update]] = {}
    for update in updates:
        if update.name == "update" and not any(r.args[0] == update.args[0] and r.saw(update) for r in removals):
            key, kind, name, *args = update.args
            inner = Update(update.replica, update.number, name, tuple(args), update.past)
            parts.setdefault((key, kind), []).append(inner)
    values = {key: _frozen(SPECIFIED[kind](part)[0]) for (key, kind), part in parts.items()}
    return _exactly({(key, value) for key, value in values.items() if value != frozenset()})


def _frozen(value: Any) -> Any:
    return frozenset(value) if isinstance(value, set | list | str | Counter) else value


#: By type of state: the function of the updates that gives the least and the most that may be shown.
SPECIFIED: dict[str, Callable[[Sequence[Update]], Bounds]] = {
    "g-counter": _sum,
    "pn-counter": _sum,
    "counter": _unreset,
    "g-set": _ever,
    "2p-set": _never_removed,
    "lww-element-set": _added_or_removed_last,
    "tagged-set": _added_last,
    "or-set": _added_last,
    "lww-register": _one_of_the_last,
    "mv-register": _all_of_the_last,
    "enable-wins-flag": _enabled(any),
    "disable-wins-flag": _enabled(all),
    "map": _by_key,
    "text": _letters,
    "graph-text": _letters,
}


def shown(kind: str, value: Any) -> Any:
    """A value in the form in which specifications state their bounds: something that can be compared."""
    if kind == "lww-register":
        return {value}
    if kind in ("text", "graph-text"):
        return Counter(value)
    if kind == "map":
        frozen = {(key, _frozen(inner)) for key, inner in value.items()}
        return {(key, inner) for key, inner in frozen if inner != frozenset()}
    return set(value) if isinstance(value, list) else value


def told(value: Any) -> str:
    """A value in a few letters."""
    if isinstance(value, Counter):
        value = "".join(sorted(value.elements()))
    if value in (None, ""):
        return "nothing"
    if isinstance(value, set | frozenset | list):
        return f"{{{', '.join(map(str, sorted(value, key=str)))}}}" if value else "{ }"
    return value if isinstance(value, str) else render(value)
