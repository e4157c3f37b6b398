"""The command ``replay``: run one case again, as a line of ``sweep`` or ``shrink`` tells it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from typing import Any

from lessons.check.console import say
from lessons.check.shrinking.plain import NotPlain, from_plain, load
from lessons.check.shrinking.run import replay
from lessons.check.sweeps.case import Seed, Sweep
from lessons.check.sweeps.catalogue import UnknownWorld, find_one
from lessons.check.sweeps.verdict import Judged
from lessons.sim import Action

HELD, FAILED, USAGE = 0, 1, 2


def add_replay(commands: Any) -> None:
    """Add the command to ``commands``, the subparsers of a command line; its ``run`` takes the arguments."""
    parser = commands.add_parser(
        "replay",
        help="run one case of a sweep again",
        description="Run one case of a sweep again. It imports what the line names: run only lines that you trust. "
        "Exit code 0: nothing is broken; 1: something is; 2: there is no such world, or the JSON can't be read.",
    )
    parser.add_argument("world", metavar="WORLD", help="agreement/raft:three, or package.module:function")
    parser.add_argument("seed", type=seed, metavar="SEED", help="a whole number, or a text")
    parser.add_argument("--until", type=float, metavar="SECONDS", help="virtual time to run to (what the world says)")
    parser.add_argument("--parameters", type=parameters, default={}, metavar="JSON", help="for what builds it")
    parser.add_argument("--actions", type=actions, metavar="JSON", help="faults in place of those that the world plans")
    parser.add_argument(
        "--complaint", type=imported, action="append", default=[], metavar="MODULE:NAME", help="judge its end by this"
    )
    parser.add_argument("--transcript", action="store_true", help="print every event")
    parser.set_defaults(run=run)


def seed(text: str) -> Seed:
    """A whole number, or the text that it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, int | str) else text


def parameters(text: str) -> dict[str, Any]:
    """The parameters that a JSON object tells of; see ``lessons.check.shrinking.plain``."""
    try:
        return {str(name): from_plain(value) for name, value in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise argparse.ArgumentTypeError(f"these are no parameters: {error}") from error


def actions(text: str) -> tuple[Action, ...]:
    """The faults that a JSON list tells of."""
    try:
        found = tuple(Action.from_json(item) for item in json.loads(text))
        for action in found:
            action.check()
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(f"these are no faults: {error}") from error
    return found


def imported(place: str) -> Any:
    """What stands at ``module:name``."""
    try:
        return load(place)
    except NotPlain as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def run(arguments: argparse.Namespace) -> int:
    """Run the case, and say what is wrong with it; returns the exit code."""
    try:
        world: Sweep = find_one(arguments.world)
        if arguments.complaint:
            world = replace(world, complaints=tuple(arguments.complaint))
    except (UnknownWorld, TypeError) as error:
        say(str(error), sys.stderr)
        return USAGE
    judged = replay(
        world, arguments.seed, until=arguments.until, parameters=arguments.parameters, actions=arguments.actions
    )
    say(told(judged, arguments.transcript), sys.stdout)
    return HELD if judged.finding is None else FAILED


def told(judged: Judged, transcript: bool) -> str:
    """What came of a run, as text."""
    parts = [judged.sim.trace.transcript()] if transcript and judged.sim is not None else []
    if judged.finding is not None and judged.finding.traceback:
        parts.append(judged.finding.traceback.rstrip())
    return "\n".join([*parts, repr(judged)])
