"""Actions in words and as Python: what was done, in a list for the reader and in a cell that does it again."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any

from lessons.node import render
from lessons.sim import Action, Faults

if TYPE_CHECKING:
    from lessons.lab.lab import Declared
    from lessons.lab.state import State


def sentence(action: Action) -> str:
    """An action in a few words: ``crash n2``, ``ask ann: propose 'x'``."""
    args = dict(action.args)
    match action.name:
        case "ask":
            given = ", ".join(map(render, args.get("args", ())))
            whom = f"ask {args['client']}: " if args["client"] else ""
            return f"{whom}{args['wish'].replace('_', ' ')} {given}".rstrip()
        case "partition":
            return f"partition {' | '.join(', '.join(group) for group in _groups(args))}".rstrip()
        case "drop" | "delay" as name:
            late = f" by {args['seconds']:g} s" if name == "delay" else ""
            return f"{name} message {args['number']} from {args['sender']} to {args['to']}{late}"
        case "cut":
            return f"cut {args['sender']} to {args['to']}"
    subject = args.pop("node", "")
    rest = ", ".join(f"{name} {render(value)}" for name, value in args.items())
    return " ".join(filter(None, [action.name.replace("_", " "), subject, rest]))


def _groups(args: Mapping[str, Any]) -> list[list[str]]:
    """The groups of a partition; a name may stand for itself alone."""
    return [[group] if isinstance(group, str) else list(group) for group in args.get("groups", ())]


def program(lab: Declared, state: State) -> str:
    """A cell that makes the run of a state again and shows it: plain Python, to be read and changed."""
    part, chapter = state.lab.split("/")
    given = "".join(f", {name}={value!r}" for name, value in state.parameters.items())
    made = [f"from lessons.{part}.{chapter}.lab import LAB", "", f"{lab.made} = LAB.make({state.seed!r}{given})"]
    return "\n".join([*made, *map(lab.call, state.actions), lab.shown_by(state)]) + "\n"


def fault_call(action: Action) -> str:
    """A method of ``Faults`` with its arguments: ``crash('n1')``."""
    plain: Mapping[str, Any] = action.to_json()
    arguments = {name: plain[name] for name in signature(getattr(Faults, action.name)).parameters if name in plain}
    if action.name == "weather":
        return f"weather({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
    groups = arguments.pop("groups", [])
    return f"{action.name}({', '.join(map(repr, [*groups, *arguments.values()]))})"
