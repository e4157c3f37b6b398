"""The failing window of a history: which operations contradict each other, and how every order of them ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lessons.check.consistency.calls import Call
from lessons.check.consistency.models import Model
from lessons.check.consistency.reasons import reasons, states_after
from lessons.check.consistency.shrink import Problem, Shrinker, past
from lessons.check.consistency.steps import States
from lessons.check.consistency.words import span
from lessons.trace import Operation


@dataclass(frozen=True)
class Window:
    """A part of a history that is not linearizable by itself.

    ``core`` are the operations that contradict each other. ``others`` may have taken effect in the window as
    well: with them or without them, no order is right. ``from_any_state`` says that this is so whatever the
    state was at ``begin``; else the window begins with the history, in the initial state. ``why`` says in
    words how the orders end.

    The window ends at the first return that no order explains and begins as late as possible; then as few
    operations as possible are left in the core. Where that would take too long, it is larger than it need be.
    """

    begin: float
    end: float
    core: tuple[Operation, ...]
    others: tuple[Operation, ...]
    from_any_state: bool
    why: tuple[str, ...]

    def sentence(self, unit: str = "s") -> str:
        """What the window shows, in a sentence."""
        state = "whatever the state was before" if self.from_any_state else "from the initial state on"
        return f"{span(self.begin, self.end, unit).capitalize()}: no order of these operations is right, {state}."


def smallest_window(calls: Sequence[Call], model: Model) -> Window:
    """The window of ``calls``, which no order explains."""
    problem = Shrinker(model).shrink(calls)
    core = [call.operation for call in problem.calls if call.required]
    begin = min(operation.called for operation in core)
    end = max(operation.returned or begin for operation in core)
    others = [call.operation for call in problem.calls if not call.required and call.operation.called <= end]
    from_any_state = problem.starts != (model.initial,)
    before = states_after(Problem(past(calls, begin), (model.initial,)), model) if from_any_state else ()
    why = reasons(replace(problem, starts=before or problem.starts), States(model))
    return Window(begin, end, tuple(core), tuple(others), from_any_state, tuple(why))
