"""Timeline: for each return in a history, which calls may take effect just before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lessons.check.consistency.calls import Call
from lessons.check.consistency.lookahead import Hope, Want
from lessons.check.consistency.steps import Row, States

NEVER = -1  # what no bits are equal to


class Choice(NamedTuple):
    """A call that may be next. With ``bits`` for the calls linearized, it may be when ``bits & mask == need``.

    ``mask`` has the call's own ``bit``, which must be clear, and the bits of ``need``, which must be set.
    """

    bit: int
    mask: int
    need: int
    row: Row
    call: Call


class Ahead(NamedTuple):
    """A state without ``hope`` leads nowhere, unless ``read`` is linearized or one of ``resets`` is not."""

    read: int
    resets: int
    hope: Hope


@dataclass(frozen=True, slots=True)
class Stop:
    """The return of ``call``, and what may come before it: calls made earlier that return at it or later."""

    call: Call
    bit: int
    reads: list[Choice]
    updates: list[Choice]
    ahead: list[Ahead]


class Timeline:
    """The returns of a history in order. A call has a bit from its call to its return, which is then used again.

    An operation that is called at the very time at which another one returns is concurrent with it, unless one
    client made both: a client's operations come one after the other. ``coming`` are reads to look ahead to, and
    of ``pairs`` the first call has to come before the second.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        states: States,
        coming: Iterable[Want] = (),
        pairs: Iterable[tuple[Call, Call]] = (),
    ) -> None:
        self.stops: list[Stop] = []
        self.width = 0
        self._states = states
        self._before, self._after = both_ways([*ties(calls), *pairs])
        self._returned: set[Call] = set()
        self._bits: dict[Call, int] = {}
        self._free: list[int] = []
        self._under_way: dict[Call, Choice] = {}
        self._open: dict[Hashable, int] = {}
        self._coming = sorted(coming, key=lambda want: want.begin, reverse=True)
        self._wants: list[Want] = []
        for call, returns in events(calls):
            if returns:
                self._end(call)
            else:
                self._begin(call)

    def _begin(self, call: Call) -> None:
        if not self._free:
            self._free.append(1 << self.width)
            self.width += 1
        self._bits[call] = self._free.pop()
        self._under_way[call] = self._choice(call)
        self._look_again(call)
        while self._coming and self._coming[-1].begin <= call.operation.called:
            self._wants.append(self._coming.pop())

    def _choice(self, call: Call) -> Choice:
        """The call, after those of its client that it must follow, or after another open call of its kind."""
        bit, row = self._bits[call], self._states.row(call)
        before = [each for each in self._before.get(call, ()) if each not in self._returned]
        need = sum(self._bits.get(each, 0) for each in before)
        if any(each not in self._bits for each in before):
            need = NEVER
        elif not call.required and call not in self._before:
            need, self._open[row.number] = self._open.get(row.number, 0), bit
        return Choice(bit, bit | need, need, row, call)

    def _end(self, call: Call) -> None:
        choices = sorted(self._under_way.values(), key=_lateness, reverse=True)
        self.stops.append(
            Stop(
                call,
                self._bits[call],
                [choice for choice in choices if choice.row.reads],
                [choice for choice in choices if not choice.row.reads],
                [self._ahead(want) for want in self._wants],
            )
        )
        self._wants = [want for want in self._wants if want.read is not call]
        self._free.append(self._bits.pop(call))
        self._returned.add(call)
        del self._under_way[call]
        self._look_again(call)

    def _look_again(self, call: Call) -> None:
        """What has to come after ``call`` depends on whether it is under way."""
        for follower in self._after.get(call, ()):
            if follower in self._under_way:
                self._under_way[follower] = self._choice(follower)

    def _ahead(self, want: Want) -> Ahead:
        return Ahead(self._bits.get(want.read, 0), sum(self._bits.get(each, 0) for each in want.resets), want.hope)


def _lateness(choice: Choice) -> float:
    """When the call must have taken effect: the last to be tried is the one with the most time left."""
    returned = choice.call.operation.returned
    return returned if choice.call.required and returned is not None else float("inf")


def events(calls: Sequence[Call]) -> Iterator[tuple[Call, bool]]:
    """Calls (False) and returns (True) in the order of their times; calls before returns at the same time."""
    marks = [(call.operation.called, False, place, call) for place, call in enumerate(calls)]
    marks += [(call.operation.returned or 0.0, True, place, call) for place, call in enumerate(calls) if call.required]
    for _, returns, _, call in sorted(marks, key=lambda mark: mark[:3]):
        yield call, returns


def ties(calls: Sequence[Call]) -> Iterator[tuple[Call, Call]]:
    """Pairs of calls of one client, the second made at the very time at which the first returned."""
    ended: dict[tuple[str, float | None], list[Call]] = defaultdict(list)
    for call in calls:
        operation = call.operation
        yield from ((earlier, call) for earlier in ended.get((operation.client, operation.called), ()))
        if call.required:
            ended[operation.client, operation.returned].append(call)


def both_ways(pairs: Iterable[tuple[Call, Call]]) -> tuple[dict[Call, list[Call]], dict[Call, list[Call]]]:
    """For each call the first of its pairs, and the second of its pairs."""
    before: dict[Call, list[Call]] = defaultdict(list)
    after: dict[Call, list[Call]] = defaultdict(list)
    for first, second in pairs:
        before[second].append(first)
        after[first].append(second)
    return dict(before), dict(after)
