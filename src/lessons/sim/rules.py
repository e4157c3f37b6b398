"""Invariants as the simulator sees them: something to call with the state after every event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lessons.node import AuthorError
from lessons.sim.state import State
from lessons.trace import Rule

Verdict = str | bool | None
Predicate = Callable[[State], Verdict]


@dataclass(frozen=True)
class Test:
    """An invariant of one run: its name and words, and the function that judges a state."""

    rule: Rule
    predicate: Predicate

    def broken(self, state: State) -> str | None:
        """Why it does not hold in ``state``; None when it holds.

        The predicate says so by returning a text, or False; None and True mean that it holds.
        """
        verdict = self.predicate(state)
        if verdict is None or verdict is True:
            return None
        if not isinstance(verdict, bool | str):
            raise AuthorError(
                f"{self.rule.name} returns {verdict!r}: a rule returns None or True while it holds, "
                "and False or a text that says why when it does not"
            )
        return verdict or self.rule.says


def as_test(invariant: Callable[..., object]) -> Test:
    """Make a test of a function of the state, or of a class whose instances are such functions.

    A class is instantiated here, once a run, so that a rule may remember earlier states.
    """
    predicate = invariant() if isinstance(invariant, type) else invariant
    if not callable(predicate):
        raise TypeError(f"invariant is {invariant!r}: it must be a function of the state, or a class of such")
    name = getattr(invariant, "name", None) or getattr(invariant, "__name__", repr(invariant))
    doc = str(getattr(invariant, "__doc__", None) or name)
    says = getattr(invariant, "says", None) or doc.strip().splitlines()[0]
    cite = getattr(invariant, "cite", None) or ""
    return Test(Rule(str(name), str(says), str(cite)), predicate)  # type: ignore[arg-type]
