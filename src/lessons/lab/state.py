"""The state of a lab: all that a run is made from, as plain data of bounded size that is checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from lessons.lab.fields import Refused
from lessons.node.compact import compact
from lessons.sim import Action
from lessons.trace.encode import EXACT

FORMAT = "lessons-lab/1"
MOST_ACTIONS = 300
MOST_JSON = 65_536  # characters of a state's JSON
MOST_SEED = 40  # characters of a seed that is a text
NAMES = ("node", "sender", "to", "client", "wish")  # arguments of actions
MOST_DEPTH = 12  # of lists in lists
MOST_TIME = 100_000.0  # virtual seconds: with nothing to do in them they are run in a second


@dataclass(frozen=True)
class State:
    """Which lab, with which seed, parameters and actions, run until which virtual second.

    ``parameters`` are plain data, and only those that differ from the lab's own. To undo is to have an earlier state
    again: a run is replayed from its state, and never kept in another form.
    """

    lab: str
    seed: int | str
    until: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data, as it is saved in a file."""
        return {
            "format": FORMAT,
            "lab": self.lab,
            "seed": self.seed,
            "parameters": dict(self.parameters),
            "actions": [action.to_json() for action in self.actions],
            "until": self.until,
        }

    @classmethod
    def from_json(cls, data: Any) -> State:
        """The inverse of ``to_json``; raises Refused for anything else, whoever made it."""
        demand(isinstance(data, Mapping), "this is no lab: it is not an object")
        demand(data.get("format") == FORMAT, f"format is {data.get('format')!r}: this book reads {FORMAT!r}")
        demand(isinstance(data.get("lab"), str), f"lab is {data.get('lab')!r}: it must be a text")
        parameters = data.get("parameters", {})
        demand(isinstance(parameters, Mapping), "parameters is no object: it must map names to values")
        seed = check_seed(data.get("seed"))
        check_plain(data)
        until = check_time("until", data.get("until"))
        actions = read_actions(data.get("actions", ()), until)
        return cls(data["lab"], seed, until, dict(parameters), actions)

    def before(self, time: float) -> tuple[Action, ...]:
        """The actions up to a time."""
        return tuple(action for action in self.actions if action.at <= time)

    def fork(self, time: float, *actions: Action) -> State:
        """The same up to ``time``; what was planned after it is gone, and these actions are done. Raises Refused."""
        kept = (*self.before(time), *actions)
        demand(len(kept) <= MOST_ACTIONS, f"actions has {len(kept)} of them: a lab takes at most {MOST_ACTIONS}")
        return replace(self, actions=kept)

    def until_at(self, time: float) -> State:
        """The same, run until another time."""
        return replace(self, until=time)

    def until_at_most(self, time: float) -> State:
        """The same as far as ``time``."""
        return replace(self.fork(time), until=min(self.until, time))


def read_actions(data: Any, until: float) -> tuple[Action, ...]:
    """The actions of a state, in the order of their times; raises Refused when one can't be."""
    demand(isinstance(data, Iterable) and not isinstance(data, str | Mapping), "actions is no list")
    rows = list(data)
    demand(len(rows) <= MOST_ACTIONS, f"actions has {len(rows)} of them: a lab takes at most {MOST_ACTIONS}")
    actions = [_action(row) for row in rows]
    for action in actions:
        demand(action.at <= until, f"at of {action.name} is {action.at:g}: it must be at most until ({until:g} s)")
    return tuple(sorted(actions, key=lambda action: action.at))


def _action(row: Any) -> Action:
    demand(isinstance(row, Mapping) and isinstance(row.get("do"), str), "an action is no object that says what to do")
    check_time("at", row.get("at"))
    try:
        action = Action.from_json(row)
        action.check()
    except (TypeError, ValueError) as error:
        raise Refused(str(error)) from None
    _check_arguments(action)
    return action


def _check_arguments(action: Action) -> None:
    """Raise Refused for arguments that could not even be told; the world has the last word on them."""
    for name, value in action.args.items():
        if name in NAMES:
            demand(isinstance(value, str), f"{name} of {action.name} is {value!r}: it must be a text")
    seconds, groups = action.args.get("seconds", 0), action.args.get("groups", [])
    demand(isinstance(seconds, int | float), f"seconds of {action.name} are {seconds!r}: they must be a number")
    told = isinstance(groups, list) and all(isinstance(name, str) for group in groups for name in _items(group))
    demand(told, f"groups are {groups!r}: they must be lists of names")


def _items(group: Any) -> Iterable[Any]:
    return group if isinstance(group, list | str) else (group,)


def check_time(name: str, value: Any) -> float:
    """A virtual time; raises Refused."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    demand(number and 0 <= value <= MOST_TIME, f"{name} is {value!r}: it must be a time, 0 to {MOST_TIME:,.0f} seconds")
    return float(value)


def check_seed(seed: Any) -> int | str:
    """A seed; raises Refused."""
    whole = isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) <= EXACT
    text = isinstance(seed, str) and 0 < len(seed) <= MOST_SEED
    demand(whole or text, f"seed is {seed!r}: it must be a whole number, or a text of at most {MOST_SEED} characters")
    return seed  # type: ignore[no-any-return]


def check_plain(data: Any, depth: int = 0) -> None:
    """Raise Refused for numbers that no page can have, for lists that are too deep, and for too much of it all."""
    demand(depth <= MOST_DEPTH, f"it has lists in lists, {depth} deep: at most {MOST_DEPTH} are read")
    if isinstance(data, float):
        demand(isfinite(data), f"it has the number {data!r}: every number must be finite")
    if isinstance(data, int):
        demand(abs(data) <= EXACT, "it has a whole number of more than 16 digits")
    inside = data.values() if isinstance(data, Mapping) else data if isinstance(data, list | tuple) else ()
    for item in inside:
        check_plain(item, depth + 1)
    if depth == 0:
        demand(len(compact(data)) <= MOST_JSON, f"it is too long: a lab reads {MOST_JSON:,} characters")


def from_text(text: str) -> State:
    """The state in the text of a file; raises Refused for anything else."""
    demand(len(text) <= MOST_JSON, f"the file has {len(text):,} characters: a lab reads {MOST_JSON:,}")
    try:
        return State.from_json(json.loads(text))
    except Refused:
        raise
    except (ValueError, RecursionError):  # also a number of thousands of digits
        raise Refused("the file is no JSON: choose one that was saved from a lab") from None


def demand(condition: object, problem: str) -> None:
    """Raise Refused unless the condition holds."""
    if not condition:
        raise Refused(problem)
