"""Causal consistency: every client sees all writes in an order that fits what causes what, each perhaps in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from lessons.check.consistency.budget import STATES, Budget
from lessons.check.consistency.calls import Call, calls_of
from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.models import Model
from lessons.check.consistency.orders import Orders
from lessons.check.consistency.sequential import program_order
from lessons.check.consistency.values import exact
from lessons.check.consistency.words import named
from lessons.trace import Operation

DEFINITION = "causally consistent"
Views = tuple[tuple[str, tuple[int, ...]], ...]  # for each client, the calls in the order in which it sees them


def causally_consistent(
    history: Iterable[Operation],
    model: Model,
    *,
    states: int = STATES,
    seconds: float | None = None,
    unit: str = "s",
) -> Judgement:
    """Judge whether ``history`` is causal memory (Ahamad, Neiger, Burns, Kohli and Hutto, 1995).

    One operation causes another when the same client made it before, or when it is the write that the other
    one reads, or through a third one. The history is causal if for each client there is an order of all
    writes and its own reads that explains its answers and never has an effect before its cause. Where several
    writes may be the one that a read sees, all combinations are tried: the check is for small histories.

    ``model`` must be a memory: its operations read, or write whatever was there before. Limits, units and
    errors are those of ``linearizable``; ValueError also for an operation that does neither.
    """
    operations = tuple(history)
    budget = Budget(states, seconds)
    memory = Memory(calls_of(operations, model), model, budget)
    views = memory.views()
    if views is not None:
        return Judgement(DEFINITION, operations, model, True, orders=views, unit=unit)
    holds, why = (None, budget.why_not) if budget.why_not else (False, memory.why)
    return Judgement(DEFINITION, operations, model, holds, why, unit=unit)


class Memory:
    """The reads and writes of a history, and which write each read may see."""

    def __init__(self, calls: Sequence[Call], model: Model, budget: Budget) -> None:
        for call in calls:
            check_memory(call, model)
        self.model, self.budget = model, budget
        self.calls = [call for call in calls if call.required or call.name not in model.readers]
        self.reads = [number for number, call in enumerate(self.calls) if call.name in model.readers]
        self.program = program_order(self.calls)
        self.clients = list(dict.fromkeys(call.operation.client for call in self.calls))
        self.why = ""

    def views(self) -> Views | None:
        """For each client an order that it may have seen; None if there are none, or the budget is spent."""
        sources = [list(self._sources(self.calls[number])) for number in self.reads]
        if [] in sources:
            orphan = self.calls[self.reads[sources.index([])]]
            self.why = f"{named(orphan.operation, self.model)}: nobody wrote that."
            return None
        for seen in product(*sources):
            self.budget.spend(1)
            views = self._views(seen)
            if views is not None or self.budget.why_not:
                return views
        return None

    def _sources(self, read: Call) -> Iterator[int | None]:
        """The writes of what ``read`` answers, and None if that was there from the start."""
        key = self.model.key(read.name, read.args)
        for number, call in enumerate(self.calls):
            here = call.name not in self.model.readers and self.model.key(call.name, call.args) == key
            if here and exact(self.model.resets(call.name, call.args)) == exact((read.answer,)):
                yield number
        if exact(self.model.initial) == exact(read.answer):
            yield None

    def _views(self, seen: Sequence[int | None]) -> Views | None:
        """What each client saw, if read number i of the history saw write ``seen[i]``."""
        causes = self._causes(seen)
        if any(causes[number] >> number & 1 for number in range(len(self.calls))):
            self.why = "An operation would be its own cause."
            return None
        found = []
        for client in self.clients:
            order = self._view(client, causes, {write for write in seen if write is not None})
            if order is None:
                self.why = f"No order of all writes and the reads of {client} fits what causes what."
                return None
            found.append((client, tuple(call.number for call in order)))
        return tuple(found)

    def _causes(self, seen: Sequence[int | None]) -> list[int]:
        """For each call, as bits, all that comes before it causally."""
        direct = list(self.program)
        for read, write in zip(self.reads, seen, strict=True):
            direct[read] |= 0 if write is None else 1 << write
        for middle in range(len(direct)):
            direct = [each | direct[middle] if each >> middle & 1 else each for each in direct]
        return direct

    def _view(self, client: str, causes: Sequence[int], written: set[int]) -> list[Call] | None:
        """An order of all writes that took effect, and the reads of ``client``."""
        shown = [
            number
            for number, call in enumerate(self.calls)
            if (call.operation.client == client if number in self.reads else call.required or number in written)
        ]
        before = [sum(1 << at for at, other in enumerate(shown) if causes[each] >> other & 1) for each in shown]
        calls = [replace(self.calls[number], required=True) for number in shown]
        return Orders(calls, self.model, before, self.budget).find()


def check_memory(call: Call, model: Model) -> None:
    """Raise ValueError unless ``call`` reads, or writes whatever was there before."""
    writes = call.name in model.silent and model.resets(call.name, call.args)
    if not writes and call.name not in model.readers:
        raise ValueError(f"operation {call.number} is {call.name!r}: causal memory has reads and writes only")
