"""The search: breadth first through all states of a system, with as few moves as will do.

*Merging*: a state that was met before is not looked at again. Without it, the search is one of all schedules.

*Sleeping* (Godefroid 1996, "Partial-Order Methods for the Verification of Concurrent Systems", chapter 5; here in
the form for searches that keep states, section 5.3). Two moves at different nodes commute: done in either order they
lead to the same state. After a move has been tried in a state, it sleeps in the states that other moves lead to from
there, until something happens that it does not commute with. A sleeping move is not tried: it would complete a
square of which three sides are known. All states are still met, and at the same depth; only moves are saved. Moves
that share a bound do not commute, and if a rule remembers, two moves that show do not either, for it may tell in
which order they came.

*Domination*: if a message changes nothing at its receiver, or is lost, then what can happen afterwards could
also have happened without that: any message may be late as long as it likes. Invariants see nodes and no messages,
so such moves are left out; this is the simplest case of the order on states by which systems with lossy channels
are decided (Abdulla and Jonsson 1996, "Verifying Programs with Unreliable Channels").
"""

from __future__ import annotations

from collections.abc import Iterator

from lessons.check.explore.judge import Finding
from lessons.check.explore.moves import Move, in_words
from lessons.check.explore.system import State, System

#: What makes a search smaller, and leaves its verdict as it is.
REDUCTIONS = ("merging", "sleeping", "domination")

Asleep = frozenset[Move]
NOTHING: Asleep = frozenset()


class Search:
    """One search, level by level: all states that are met after 1 move, then those after 2, and so on.

    ``sleeping`` says whether moves may sleep, ``merging`` whether equal states are met once; without merging the
    states are those of the tree of all schedules. ``depth`` is that of the level that is being looked at.
    """

    def __init__(self, system: System, sleeping: bool, merging: bool) -> None:
        self._system, self._sleeping, self._merging = system, sleeping, merging
        self.states: list[State] = []
        self.depth = self.transitions = 0
        self.finding: Finding | None = None
        self._came: list[tuple[int, Move | None]] = []  # by state: the one before it, and the move between
        self._asleep: list[Asleep] = []
        self._places: dict[State, int] = {}
        self._expanded: set[int] = set()
        self._next: dict[int, set[Move] | None] = {}  # states to look at next: the moves to try, None for all
        self._arrive(0, None, system.start, NOTHING)
        self.frontier = self._next

    def run(self, depth: float) -> Iterator[None]:
        """Search until all states were looked at that are less than ``depth`` moves away, or something is broken.

        It stops after each state. Whatever is in ``frontier`` at the end was not looked at.
        """
        while self.frontier and self.finding is None and self.depth < depth:
            self._next = {}
            for place, wanted in self.frontier.items():
                self._expand(place, wanted)
                yield
                if self.finding is not None:
                    return
            self.frontier = self._next
            self.depth += 1
        possible = self._system.moves
        self.frontier = {place: todo for place, todo in self.frontier.items() if any(possible(self.states[place]))}

    def _expand(self, place: int, wanted: set[Move] | None) -> None:
        """Try the moves that are possible in a state, and neither asleep nor tried before."""
        system, state = self._system, self.states[place]
        self._expanded.add(place)
        tried: list[Move] = []
        for move in system.moves(state):
            asleep = self._asleep[place]
            if move in asleep or (wanted is not None and move not in wanted):
                continue
            try:
                after = system.after(state, move)
            except Exception as error:
                error.add_note(f"(in the schedule\n{in_words((*self.schedule(place), move))})")
                raise
            if after is None:
                continue
            self.transitions += 1
            self._arrive(place, move, after[0], self._sleepers(state, move, asleep, tried))
            if after[1] is not None:
                self.finding = after[1]
                return
            tried.append(move)

    def _sleepers(self, state: State, move: Move, asleep: Asleep, tried: list[Move]) -> Asleep:
        """What sleeps after ``move``: what slept before or was tried before, and commutes with it."""
        if not self._sleeping:
            return NOTHING
        commute = self._system.commute
        return frozenset([other for other in (*asleep, *tried) if commute(state, other, move)])

    def _arrive(self, before: int, move: Move | None, state: State, asleep: Asleep) -> None:
        """Meet a state, perhaps once more, and then with less of it asleep."""
        place = self._places.get(state) if self._merging else None
        if place is None:
            place = len(self.states)
            self.states.append(state)
            self._came.append((before, move))
            self._asleep.append(asleep)
            self._next[place] = None
            if self._merging:
                self._places[state] = place
        elif not self._asleep[place] <= asleep:
            self._wake(place, asleep)

    def _wake(self, place: int, asleep: Asleep) -> None:
        woken = self._asleep[place] - asleep
        self._asleep[place] &= asleep
        if place in self._expanded:
            wanted = self._next.setdefault(place, set())
            assert wanted is not None
            wanted |= woken

    def schedule(self, place: int = -1) -> tuple[Move, ...]:
        """The moves that lead to a state, by the shortest way; to the state met last, unless given."""
        moves = []
        before, move = self._came[place]
        while move is not None:
            moves.append(move)
            before, move = self._came[before]
        return tuple(reversed(moves))
