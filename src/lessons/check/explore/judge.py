"""Judges: invariants over states that are put together, with what they remember of the states before.

A rule that is a class remembers, and its verdict may depend on the way by which a state was reached. So what the
rules remember is part of the state of a search; equal memories are one, and each is asked about each state once.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from lessons.check.explore.reading import Reader, Reading
from lessons.check.explore.runs import View
from lessons.node import snapshot
from lessons.sim import State
from lessons.sim.rules import Test

Memory = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Finding:
    """A broken invariant: its name, and why."""

    invariant: str
    why: str


class Judge:
    """Asks ``rules``; memory 0 is what they remember now."""

    def __init__(self, rules: Sequence[Test]) -> None:
        self._rules = rules
        self._rememberers = [rule.predicate for rule in rules if _remembers(rule.predicate)]
        self._memories: list[Memory] = []
        self._places: dict[Reading, int] = {}
        self._asked: dict[tuple[int, tuple[View, ...]], tuple[int, Finding | None]] = {}
        self._state = State()
        self._memorize()

    @property
    def remembers(self) -> bool:
        """Whether a verdict may depend on earlier states."""
        return bool(self._rememberers)

    def ask(self, memory: int, views: tuple[View, ...]) -> tuple[int, Finding | None]:
        """What is remembered after a state in which nodes look like this, and what is broken in it."""
        if (memory, views) not in self._asked:
            self._asked[memory, views] = self._ask(memory, views)
        return self._asked[memory, views]

    def _ask(self, memory: int, views: tuple[View, ...]) -> tuple[int, Finding | None]:
        for rule, remembered in zip(self._rememberers, self._memories[memory], strict=True):
            vars(rule).clear()
            vars(rule).update(_copy(remembered))
        for view in views:
            self._state.add(view.state)
        broken = self._broken()
        return self._memorize(), broken

    def _broken(self) -> Finding | None:
        for rule in self._rules:
            why = rule.broken(self._state)
            if why is not None:
                return Finding(rule.rule.name, why)
        return None

    def _memorize(self) -> int:
        """Keep what the rules remember now, and return its number."""
        inside = [vars(rule) for rule in self._rememberers]
        reading = Reader().read(inside)
        if reading not in self._places:
            self._places[reading] = len(self._memories)
            self._memories.append(tuple(map(_copy, inside)))
        return self._places[reading]


def _remembers(rule: object) -> bool:
    return not isinstance(rule, FunctionType | BuiltinFunctionType | MethodType) and hasattr(rule, "__dict__")


def _copy(remembered: dict[str, Any]) -> dict[str, Any]:
    """A copy that the rule may change; plain data, which shares what can't change, is the usual case."""
    try:
        return dict(snapshot(remembered))
    except TypeError:
        return deepcopy(remembered)
