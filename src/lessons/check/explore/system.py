"""The system: its nodes' automata put together with the messages under way and all that is used up so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lessons.check.explore.automaton import Automaton, Local, Step
from lessons.check.explore.bounds import Bounds
from lessons.check.explore.driver import ON_THE_NETWORK
from lessons.check.explore.judge import Finding, Judge
from lessons.check.explore.moves import Kind, Move, Packet
from lessons.check.explore.runs import Alone, Together, View, Views
from lessons.sim import Action, Faults, Simulation

Cuts = frozenset[tuple[str, str]]


class State(NamedTuple):
    """A state of the whole system, in small numbers.

    ``nodes`` are the places of each node's state in its automaton, ``flight`` those of the packets under way,
    sorted; ``used`` counts by charge what the bounds allow, up to the last that is not 0; ``script`` says how many
    planned faults have happened, ``cuts`` which links are cut, ``memory`` what the invariants remember.
    """

    nodes: tuple[int, ...]
    flight: tuple[int, ...]
    used: tuple[int, ...]
    script: int
    cuts: int
    memory: int


class System:
    """What may happen in each state, and what it leads to. ``thrifty`` leaves out moves to dominated states."""

    def __init__(
        self, build: Callable[[], Simulation], first: Together, after: float | None, bounds: Bounds, thrifty: bool
    ) -> None:
        self.packets, views = first.packets, Views()
        self.names = list(first.world.machines)
        self.automata = [
            Automaton(lambda name=name: Alone(build(), self.packets, after, name), bounds, views)  # type: ignore[misc]
            for name in self.names
        ]
        self.judge = Judge(first.world.rules)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._bounds, self._thrifty = bounds, thrifty
        self._of_packets: list[tuple[int, list[Move]]] = []
        self._acts = [Move(Kind.ACT, _place_of(action), action) for action in first.script]
        self._cuts: list[Cuts] = []
        self._scratch = build().world
        cuts = self._number(frozenset(first.world.traffic.cuts))
        flight = tuple(sorted(packet.place for packet, events in first.under_way.items() for _ in events))
        self.start = State(tuple(0 for _ in self.names), flight, (), 0, cuts, 0)

    # What may happen

    def moves(self, state: State) -> Iterator[Move]:
        """Everything that may happen next: messages, then what nodes do by themselves, then the next planned fault."""
        nodes = [automaton.states[place] for automaton, place in zip(self.automata, state.nodes, strict=True)]
        used, limits = state.used, self._bounds.limits
        for move in self._candidates(state, nodes):
            charge = move.charge
            if charge is None or charge >= len(used) or used[charge] < limits[charge]:
                yield move

    def _candidates(self, state: State, nodes: list[Local]) -> Iterator[Move]:
        cuts, last = self._cuts[state.cuts], -1
        for place in state.flight:
            if place != last:
                last = place
                receiver, moves = self._arrivals(place)
                if nodes[receiver].up and not (cuts and self._is_cut(cuts, place)):
                    yield from moves
        for node in nodes:
            yield from node.moves
        if state.script < len(self._acts):
            yield self._acts[state.script]

    def _arrivals(self, place: int) -> tuple[int, list[Move]]:
        """The receiver of a packet, and what may become of it."""
        while len(self._of_packets) <= place:
            packet = self.packets.all[len(self._of_packets)]
            self._of_packets.append((self._places[packet.to], self._fates(packet)))
        return self._of_packets[place]

    def _fates(self, packet: Packet) -> list[Move]:
        moves = [Move(Kind.DELIVER, packet.to, packet)]
        for kind, what in ((Kind.COPY, "copies"), (Kind.LOSE, "losses")):
            may, charge = self._bounds.message(what)
            if may and not (self._thrifty and kind is Kind.LOSE):
                moves.append(Move(kind, packet.to, packet, charge))
        return moves

    def _is_cut(self, cuts: Cuts, place: int) -> bool:
        packet = self.packets.all[place]
        return (packet.sender, packet.to) in cuts

    # What it leads to

    def after(self, state: State, move: Move) -> tuple[State, Finding | None] | None:
        """The state after ``move``, and what is broken in it; None if that state is dominated, and left out.

        An exception of a node's code passes through.
        """
        used = _charged(state.used, move.charge)
        flight = state.flight
        if move.kind in (Kind.DELIVER, Kind.LOSE):
            at = flight.index(move.what.place)
            flight = flight[:at] + flight[at + 1 :]
        script = state.script + (move.kind is Kind.ACT)
        if move.kind is Kind.LOSE or not move.node:
            cuts = self._number(self._cut(state, move.what)) if not move.node else state.cuts
            return State(state.nodes, flight, used, script, cuts, state.memory), None
        place = self._places[move.node]
        step = self._step(state, move)
        if self._thrifty and not step.sends and step.to.place == state.nodes[place] and move.kind in _ARRIVALS:
            return None
        nodes = (*state.nodes[:place], step.to.place, *state.nodes[place + 1 :])
        memory, broken = self.judge.ask(state.memory, self.views(nodes)) if step.shows else (state.memory, None)
        return State(nodes, self._with(flight, step.sends, state.cuts), used, script, state.cuts, memory), broken

    def _step(self, state: State, move: Move) -> Step:
        place = self._places[move.node]
        automaton = self.automata[place]
        return automaton.step(automaton.states[state.nodes[place]], move)

    def _with(self, flight: tuple[int, ...], sends: tuple[int, ...], cuts: int) -> tuple[int, ...]:
        """The packets under way, and those that were sent now, unless they are lost at a cut."""
        if cuts and sends:
            sends = tuple(place for place in sends if not self._is_cut(self._cuts[cuts], place))
        return tuple(sorted(flight + sends)) if sends else flight

    def views(self, nodes: tuple[int, ...]) -> tuple[View, ...]:
        """What the invariants see of all nodes."""
        return tuple([automaton.states[place].view for automaton, place in zip(self.automata, nodes, strict=True)])

    def _cut(self, state: State, action: Action) -> Cuts:
        """The links that are cut after a fault of the network."""
        traffic = self._scratch.traffic
        traffic.heal()
        traffic.cut(self._cuts[state.cuts])
        action.perform(Faults(self._scratch))
        return frozenset(traffic.cuts)

    def _number(self, cuts: Cuts) -> int:
        """The place of a set of cut links; 0 is that of none."""
        for known in (frozenset(), cuts):
            if known not in self._cuts:
                self._cuts.append(known)
        return self._cuts.index(cuts)

    # What commutes

    def commute(self, state: State, one: Move, other: Move) -> bool:
        """Whether two moves that were both tried in ``state``, or slept in it, lead to the same in either order."""
        if one.node == other.node or not one.node or not other.node:
            return False
        return not (self.judge.remembers and self._shows(state, one) and self._shows(state, other))

    def _shows(self, state: State, move: Move) -> bool:
        return move.kind is not Kind.LOSE and self._step(state, move).shows


_ARRIVALS = (Kind.DELIVER, Kind.COPY)


def _place_of(action: Action) -> str:
    """The node that a planned fault concerns, "" for the network."""
    return "" if action.name in ON_THE_NETWORK else str(action.args.get("node", action.args.get("client")))


def _charged(used: tuple[int, ...], charge: int | None) -> tuple[int, ...]:
    """What is used up when one more of ``charge`` is."""
    if charge is None:
        return used
    longer = used + (0,) * (charge + 1 - len(used))
    return (*longer[:charge], longer[charge] + 1, *longer[charge + 1 :])
