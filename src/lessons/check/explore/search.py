"""The search: breadth first through all states of a system, with as few moves as will do.

*Merging*: a state that was met before is not looked at again. Without it, the search is one of all schedules.

*Sleeping* is that of Godefroid 1996, "Partial-Order Methods for the Verification of Concurrent Systems", chapter 5.
Moves at different nodes commute: done in either order they lead to the same state. After a move has been tried in a
state, it sleeps in those states that other moves lead to from there, until something happens that it does not commute
with. A sleeping move is not tried: it completes a square of which three sides are known. No state is missed so, only
moves are saved. If a rule remembers, two moves that show do not commute, for it may tell in which order they came.

A depth-first search that merges states must look at a state again when it comes there with less of it asleep. This
one need not, because it looks at states in the order in which it met them. *Claim*: if a move t sleeps in a state S,
then the state after it was met before S was looked at. *Proof*, by that order: S was first met from a state R by a
move b. Either t was tried in R before b, or it slept in R, and then the claim holds there; in both cases the state
after t in R was met before S, and was looked at before S. There b was tried, which gave the state after t in S, or b
slept there, and then the claim holds for it. So states are also met at the same depth as without sleeping.

*Domination*: if a message changes nothing at its receiver, or is lost, then what can happen afterwards could
also have happened without that: any message may be late as long as it likes. Invariants see nodes and no messages,
so such moves are left out; this is the simplest case of the order on states by which systems with lossy channels
are decided (Abdulla and Jonsson 1996, "Verifying Programs with Unreliable Channels").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from lessons.check.explore.judge import Finding

#: What makes a search smaller, and leaves its verdict as it is.
REDUCTIONS = ("merging", "sleeping", "domination")

S = TypeVar("S")
M = TypeVar("M")


class Possible(Protocol[S, M]):
    """What is searched."""

    start: S

    def moves(self, state: S, /) -> Iterable[M]:
        """What may happen next."""

    def after(self, state: S, move: M, /) -> tuple[S, Finding | None] | None:
        """The state after a move, and what is broken in it; None if that state need not be looked at."""

    def commute(self, state: S, one: M, other: M, /) -> bool:
        """Whether two moves that are possible in a state lead to the same in either order."""


class Search(Generic[S, M]):
    """One search, level by level: all states that are met after 1 move, then those after 2, and so on.

    ``sleeping`` says whether moves may sleep, ``merging`` whether equal states are met once; without merging the
    states are those of the tree of all schedules. ``depth`` is that of the level that is being looked at,
    ``waiting`` are the places of the states of the next one, ``broken`` is what the last ``attempt`` has broken.
    """

    def __init__(self, system: Possible[S, M], sleeping: bool, merging: bool) -> None:
        self._system, self._sleeping, self._merging = system, sleeping, merging
        self.states: list[S] = []
        self.depth = self.transitions = 0
        self.broken: Finding | None = None
        self.waiting: list[int] = []
        self._last: tuple[int, M | None] = 0, None
        self._came: list[tuple[int, M | None]] = []  # by state: the one before it, and the move between
        self._asleep: dict[int, Collection[M]] = {}  # by state, until it is looked at
        self._known: set[S] = set()
        self._meet(0, None, system.start, ())

    def run(self, depth: float) -> Iterator[None]:
        """Search until all states were looked at that are less than ``depth`` moves away, or something is broken.

        It stops after each state. At the end ``waiting`` has those states in which more might happen.
        """
        while self.waiting and self.depth < depth:
            level, self.waiting = self.waiting, []
            for place in level:
                self._look_at(place)
                yield
                if self.broken is not None:
                    return
            self.depth += 1
        self.waiting = [place for place in self.waiting if any(self._system.moves(self.states[place]))]

    def _look_at(self, place: int) -> None:
        """Try the moves that are possible in a state, and not asleep."""
        system, state, asleep = self._system, self.states[place], self._asleep.pop(place)
        tried: list[M] = []
        for move in system.moves(state):
            if move in asleep:
                continue
            self._last = place, move
            after = system.after(state, move)
            if after is None:
                continue
            self.transitions += 1
            self.broken = after[1]
            if self.broken is not None:
                return
            if after[0] not in self._known:
                self._meet(place, move, after[0], self._sleepers(state, move, asleep, tried))
            tried.append(move)

    def _sleepers(self, state: S, move: M, asleep: Collection[M], tried: list[M]) -> Collection[M]:
        """What sleeps after ``move``: what slept before or was tried before, and commutes with it."""
        if not self._sleeping:
            return ()
        commute = self._system.commute
        return {other for known in (asleep, tried) for other in known if commute(state, other, move)}

    def _meet(self, before: int, move: M | None, state: S, asleep: Collection[M]) -> None:
        """Meet a state for the first time."""
        place = len(self.states)
        self.states.append(state)
        self._came.append((before, move))
        self._asleep[place] = asleep
        self.waiting.append(place)
        if self._merging:
            self._known.add(state)

    def schedule(self, place: int) -> tuple[M, ...]:
        """The moves that lead to a state, by a shortest way."""
        return self._way(self._came[place])

    def attempt(self) -> tuple[M, ...]:
        """The moves that lead to where the search has just been, the one that was tried last included."""
        return self._way(self._last)

    def _way(self, end: tuple[int, M | None]) -> tuple[M, ...]:
        moves = []
        before, move = end
        while move is not None:
            moves.append(move)
            before, move = self._came[before]
        return tuple(reversed(moves))
