"""Actions in words and as Python: what was done, in a list for the reader and in a cell that does it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.lab.state import State
from lessons.node import render
from lessons.sim import Action


def sentence(action: Action) -> str:
    """An action in a few words: ``crash n2``, ``ask ann: propose 'x'``."""
    args = dict(action.args)
    match action.name:
        case "ask":
            given = ", ".join(map(render, args.get("args", ())))
            return f"ask {args['client']}: {args['wish'].replace('_', ' ')} {given}".rstrip()
        case "partition":
            return "partition " + " | ".join(", ".join(group) for group in args["groups"])
        case "drop" | "delay" as name:
            late = f" by {args['seconds']:g} s" if name == "delay" else ""
            return f"{name} message {args['number']} from {args['sender']} to {args['to']}{late}"
        case "cut":
            return f"cut {args['sender']} to {args['to']}"
    subject = args.pop("node", "")
    rest = ", ".join(f"{name} {render(value)}" for name, value in args.items())
    return " ".join(filter(None, [action.name.replace("_", " "), subject, rest]))


def program(state: State) -> str:
    """A cell that makes the run of a state again and shows it: plain Python, to be read and changed."""
    part, chapter = state.lab.split("/")
    given = "".join(f", {name}={value!r}" for name, value in state.parameters.items())
    lines = [
        f"from lessons.{part}.{chapter}.lab import LAB",
        "",
        f"sim = LAB.sim({state.seed!r}{given})",
        *(f"sim.at({action.at!r}).{_call(action)}" for action in state.actions),
        f"LAB.play(sim.run(until={state.until!r}))",
    ]
    return "\n".join(lines) + "\n"


def _call(action: Action) -> str:
    """The method of ``Faults`` with its arguments."""
    plain: Mapping[str, Any] = action.to_json()
    groups = [repr(group) for group in plain.get("groups", ())]
    named = [f"{name}={value!r}" for name, value in plain.items() if name not in ("at", "do", "groups")]
    return f"{action.name}({', '.join([*groups, *named])})"
