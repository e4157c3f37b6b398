"""Invariants: named rules over the watched state, evaluated after every event of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def invariant(says: str, cite: str = "") -> Callable[[F], F]:
    """Mark a rule with the sentence that states it and the source that it comes from.

    A rule is a function of the ``State``: it returns None (or True) while it holds, and a text that
    says why (or False) when it does not. A rule that must remember earlier states is a class whose
    instances are such functions; every run gets an instance of its own.

        @invariant("At most one leader is elected in a given term.", cite="Raft, section 5.2")
        def ElectionSafety(state): ...

    Raises ValueError when ``says`` is empty.
    """
    if not says.strip():
        raise ValueError(f"says is {says!r}: an invariant needs a sentence that states it")

    def mark(rule: F) -> F:
        rule.says, rule.cite = says, cite  # type: ignore[attr-defined]
        return rule

    return mark
