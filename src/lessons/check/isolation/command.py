"""The command ``isolation``: judge the history of transactions in a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from lessons.check.console import say
from lessons.check.isolation.files import read_history
from lessons.check.isolation.history import BadHistory
from lessons.check.isolation.levels import LEVELS, Level, level
from lessons.check.isolation.verdict import Isolation


def add_isolation(commands: Any) -> None:
    """Add the command to ``commands``, the subparsers of a command line; its ``run`` takes the arguments."""
    names = ", ".join(each.name.replace(" ", "-") for each in LEVELS)
    parser = commands.add_parser(
        "isolation",
        help="judge the isolation of a history of transactions",
        description="Judge a history of transactions: its anomalies, and whether a level of isolation forbids one. "
        "Exit code 0: no anomaly that the level forbids; 1: there is one; 2: the history can't be read. "
        "The format stands in the docstring of lessons.check.isolation.files.",
        epilog=f"Levels: {names}.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="transactions as JSON, one a line")
    parser.add_argument("--level", type=_level, default=level("serializable"), metavar="LEVEL", help="(serializable)")
    parser.set_defaults(run=judge)


def _level(name: str) -> Level:
    try:
        return level(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def judge(arguments: argparse.Namespace) -> int:
    """Print the verdict on the file; returns the exit code."""
    asked: Level = arguments.level
    try:
        verdict = read_history(arguments.file).check(asked.order)
    except (OSError, BadHistory) as error:
        why = error.strerror if isinstance(error, OSError) else error
        say(f"{arguments.file}: {why}", sys.stderr)
        return 2
    say(f"{arguments.file}: {told(verdict, asked)}", sys.stdout)
    return 0 if verdict.allows(asked.name) else 1


def told(verdict: Isolation, asked: Level) -> str:
    """The verdict as text, and its last word on the level that was asked for."""
    forbidden = len(verdict.against(asked.name))
    count = "no anomaly" if forbidden == 0 else "1 anomaly" if forbidden == 1 else f"{forbidden:,} anomalies"
    return f"{verdict.text()}\n\n{count} that {asked.name} forbids"
