"""The nemesis: random faults, drawn from the seed, composed, and healed again.

It plans before the run: the result is a list of actions like one written by hand, so that a failing
run can be shrunk by leaving actions out. Jepsen's nemesis is the model (Kingsbury, jepsen.io).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from lessons.node.bounds import LARGEST, LEAST, within
from lessons.sim.actions import Action

Draw = Callable[[Random, Sequence[str]], tuple[Action, Action]]


def _pair(name: str, undo: str, args: dict[str, object], undo_args: dict[str, object]) -> tuple[Action, Action]:
    return Action(0.0, name, args), Action(0.0, undo, undo_args)


def _on_one(rng: Random, nodes: Sequence[str], name: str, undo: str) -> tuple[Action, Action]:
    node = rng.choice(nodes)
    return _pair(name, undo, {"node": node}, {"node": node})


def _crash(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    return _on_one(rng, nodes, "crash", "restart")


def _pause(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    return _on_one(rng, nodes, "pause", "resume")


def _partition(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    side = sorted(rng.sample(list(nodes), rng.randint(1, max(1, len(nodes) // 2))))
    return _pair("partition", "heal", {"groups": [side]}, {})


def _one_way(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    sender, to = rng.sample(list(nodes), 2)
    return _pair("cut", "heal", {"sender": sender, "to": to}, {})


def _bridge(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    node, *others = rng.sample(list(nodes), len(nodes))
    half = len(others) // 2
    sides = {"left": sorted(others[:half]), "right": sorted(others[half:])}
    return _pair("bridge", "heal", {"node": node, **sides}, {})


def _storm(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    worse = {"loss": round(0.5 * rng.random(), 3), "duplicate": round(0.3 * rng.random(), 3)}
    return _pair("weather", "weather", dict(worse), {})


def _step(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    node, seconds = rng.choice(nodes), round(2.0 * rng.random() - 1.0, 3)
    return _pair(
        "step_clock", "step_clock",
        {"node": node, "seconds": seconds}, {"node": node, "seconds": -seconds},
    )  # fmt: skip


def _drift(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    node, rate = rng.choice(nodes), round(0.5 + rng.random(), 3)
    return _pair("drift_clock", "drift_clock", {"node": node, "rate": rate}, {"node": node, "rate": 1.0})


def _slow(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    node = rng.choice(nodes)
    return _pair("slow_disk", "slow_disk", {"node": node, "factor": 20.0}, {"node": node, "factor": 1.0})


def _full(rng: Random, nodes: Sequence[str]) -> tuple[Action, Action]:
    node = rng.choice(nodes)
    return _pair("limit_disk", "limit_disk", {"node": node, "capacity": 0}, {"node": node, "capacity": None})


#: Kinds of faults by name, and how many nodes each needs.
KINDS: dict[str, tuple[int, Draw]] = {
    "crash": (1, _crash),
    "pause": (1, _pause),
    "partition": (2, _partition),
    "one_way": (2, _one_way),
    "bridge": (3, _bridge),
    "storm": (1, _storm),
    "clock_step": (1, _step),
    "clock_drift": (1, _drift),
    "slow_disk": (1, _slow),
    "full_disk": (1, _full),
}

COMMON = ("crash", "pause", "partition", "one_way", "bridge", "storm", "clock_drift", "slow_disk")


@dataclass(frozen=True)
class Nemesis:
    """Draws faults: of which ``kinds``, one ``every`` so many seconds, each ``lasting`` so long.

    Both are means of a uniform draw between half and one and a half times the value. Faults overlap.
    Everything is undone by the end of the plan.
    """

    kinds: tuple[str, ...] = COMMON
    every: float = 1.0
    lasting: float = 1.0

    def __post_init__(self) -> None:
        unknown = set(self.kinds) - set(KINDS)
        if unknown or not self.kinds:
            raise ValueError(f"kinds is {self.kinds!r}: choose from {', '.join(KINDS)}")
        for name in ("every", "lasting"):
            if not within(getattr(self, name), LEAST, LARGEST):
                raise ValueError(f"{name} is {getattr(self, name)!r}: it must be over 0 seconds")

    def plan(self, rng: Random, nodes: Sequence[str], start: float, until: float) -> list[Action]:
        """The faults between two times, with their repairs, in the order of their times."""
        if not within(until, start, LARGEST):
            raise ValueError(f"until is {until!r}: it must be a time from now ({start:g} s) on")
        possible = [kind for kind in self.kinds if KINDS[kind][0] <= len(nodes)]
        if not possible:
            raise ValueError(f"nodes is {list(nodes)!r}: too few for any of {', '.join(self.kinds)}")
        actions = [action for pair in self._draw(rng, nodes, possible, start, until) for action in pair]
        return sorted(actions, key=lambda action: action.at)

    def _draw(
        self, rng: Random, nodes: Sequence[str], possible: list[str], start: float, until: float
    ) -> Iterator[tuple[Action, Action]]:
        time = start
        while (time := time + self.every * (0.5 + rng.random())) < until:
            fault, repair = KINDS[rng.choice(possible)][1](rng, nodes)
            begins = min(until, round(time, 6))
            over = min(until, begins + self.lasting * (0.5 + rng.random()))
            yield Action(begins, fault.name, fault.args), Action(over, repair.name, repair.args)
