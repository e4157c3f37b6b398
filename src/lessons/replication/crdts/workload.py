"""Workloads: random updates that make sense for a state, drawn from a generator."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from lessons.replication.crdts.maps import KINDS as CAUSAL

Choice = tuple[str, tuple[Any, ...]]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABET = 800  # letters of each replica
KEYS = {"cart": "or-set", "name": "mv-register", "seen": "counter", "gift": "enable-wins-flag", "note": "text"}


def _count(state: Any, rng: Random, replica: str) -> Choice:
    return "increment", (rng.randint(1, 3),)


def _up_or_down(state: Any, rng: Random, replica: str) -> Choice:
    return rng.choice(["increment", "decrement"]), (rng.randint(1, 3),)


def _add_or_reset(state: Any, rng: Random, replica: str) -> Choice:
    return ("reset", ()) if rng.random() < 0.2 else ("add", (rng.choice([-2, -1, 1, 2, 3]),))


def _grow(state: Any, rng: Random, replica: str) -> Choice:
    return "add", (rng.choice("abcdef"),)


def _add_or_remove(state: Any, rng: Random, replica: str) -> Choice:
    element = rng.choice("abc")
    return "remove" if element in state and rng.random() < 0.6 else "add", (element,)


def _once_each(state: Any, rng: Random, replica: str) -> Choice:
    fresh = sorted(set(LETTERS) - state.added)
    if state.value and (not fresh or rng.random() < 0.4):
        return "remove", (rng.choice(sorted(state.value)),)
    return "add", (rng.choice(fresh or ["after z"]),)


def _write(state: Any, rng: Random, replica: str) -> Choice:
    return "write", (rng.randrange(100),)


def _switch(state: Any, rng: Random, replica: str) -> Choice:
    return rng.choice(["enable", "disable"]), ()


def _change_a_key(state: Any, rng: Random, replica: str) -> Choice:
    key, kind = rng.choice(list(KEYS.items()))
    if key in state and rng.random() < 0.25:
        return "remove", (key,)
    name, args = CHOICES[kind](state.get(key, CAUSAL[kind]), rng, replica)
    return ("update", (key, kind, name, *args)) if name != "reset" else ("update", (key, kind, "add", 1))


def _type_or_delete(state: Any, rng: Random, replica: str) -> Choice:
    length = len(state)
    if length and rng.random() < 0.35:
        at = rng.randrange(length)
        return "delete", (at, min(rng.randint(1, 3), length - at))
    version = getattr(state, "version", None)  # a first draft has none
    first = rng.randrange(ALPHABET) if version is None else version.vector.get(replica, 0)
    typed = "".join(_letter(replica, first + number) for number in range(rng.randint(1, 3)))
    return "insert", (rng.choice([length, rng.randint(0, length)]), typed)


def _letter(replica: str, number: int) -> str:
    """A letter of this replica's own, and another one for each of its edits: specifications tell letters apart."""
    return chr(0x4E00 + ALPHABET * (ord(replica[0]) % 25) + number % ALPHABET)


#: By type of state: the function of state, generator and replica that chooses an update.
CHOICES: dict[str, Callable[[Any, Random, str], Choice]] = {
    "g-counter": _count,
    "pn-counter": _up_or_down,
    "counter": _add_or_reset,
    "g-set": _grow,
    "2p-set": _once_each,
    "lww-element-set": _add_or_remove,
    "tagged-set": _add_or_remove,
    "or-set": _add_or_remove,
    "lww-register": _write,
    "mv-register": _write,
    "enable-wins-flag": _switch,
    "disable-wins-flag": _switch,
    "map": _change_a_key,
    "text": _type_or_delete,
    "graph-text": _type_or_delete,
}


def choose(state: Any, rng: Random, replica: str) -> Choice:
    """An update of ``replica`` for ``state``: its name and its arguments."""
    return CHOICES[state.kind](state, rng, replica)
