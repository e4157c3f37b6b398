"""The command ``linearizable``: judge the histories of clients in files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lessons.check.consistency.budget import STATES
from lessons.check.consistency.calls import check
from lessons.check.consistency.judgement import Judgement
from lessons.check.consistency.linearizability import linearizable
from lessons.check.consistency.models import CASRegister, KeyValue, Lock, Model, Queue, Register, Set
from lessons.check.console import say
from lessons.check.histories import Recorded, Unreadable, from_json, jepsen_etcd, jepsen_kv, read_text

HOLDS, BROKEN, UNREADABLE, GAVE_UP = 0, 1, 2, 3
WORST = (HOLDS, GAVE_UP, BROKEN, UNREADABLE)
SECONDS = 60.0

MODELS: dict[str, Callable[[], Model]] = {
    "register": Register,
    "cas-register": CASRegister,
    "kv": KeyValue,
    "kv-text": partial(KeyValue, missing=""),
    "queue": Queue,
    "lock": Lock,
    "set": Set,
}
#: Format: how it is read, and the model unless the file or the command line names one.
FORMATS: dict[str, tuple[Callable[[str], Recorded], str | None]] = {
    "jepsen-etcd": (jepsen_etcd, "cas-register"),
    "jepsen-kv": (jepsen_kv, "kv-text"),
    "json": (from_json, None),
}


def add_linearizable(commands: Any) -> None:
    """Add the command to ``commands``, the subparsers of a command line; its ``run`` takes the arguments."""
    parser = commands.add_parser(
        "linearizable",
        help="judge whether what clients of an object saw is linearizable",
        description="Judge whether the history of an object's clients is linearizable. Exit code 0: it is; 1: it is "
        "not; 2: a file can't be read, or written; 3: not decided within the limits. Of several files, the worst: "
        "2, 1, 3, 0. The JSON format stands in the docstring of lessons.check.histories.plain.",
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="histories")
    parser.add_argument("--format", choices=FORMATS, default="json", help="how they are written (json)")
    parser.add_argument("--model", choices=MODELS, help="the object; kv-text is kv with '' for a key without a value")
    parser.add_argument("--seconds", type=_positive(float), default=SECONDS, metavar="S", help="most time a file (60)")
    parser.add_argument("--states", type=_positive(int), default=STATES, metavar="N", help="most memory (1000000)")
    parser.add_argument("--svg", type=Path, metavar="OUT", help="write the picture of the last file's verdict")
    parser.set_defaults(run=judge)


def _positive(kind: type) -> Callable[[str], Any]:
    def number(text: str) -> Any:
        if not 0 < (value := kind(text)) < float("inf"):
            raise ValueError(text)
        return value

    number.__name__ = "positive number"  # what argparse calls a value that is not one
    return number


def judge(arguments: argparse.Namespace) -> int:
    """Print the verdict on each file; returns the exit code."""
    codes = []
    for file in arguments.files:
        try:
            verdict = judged(file, arguments)
        except (OSError, Unreadable) as error:
            say(f"{file}: {error.strerror if isinstance(error, OSError) else error}", sys.stderr)
            codes.append(UNREADABLE)
            continue
        say(f"{file}: {verdict.text()}", sys.stdout)
        codes.append({True: HOLDS, False: BROKEN, None: GAVE_UP}[verdict.holds])
        if arguments.svg is not None and not is_drawn(verdict, arguments.svg):
            codes.append(UNREADABLE)
    return max(codes, key=WORST.index)


def is_drawn(verdict: Judgement, place: Path) -> bool:
    """Write the picture of a verdict; False, after saying why, when that is not possible."""
    try:
        place.write_text(verdict.picture().svg(), encoding="utf-8")
    except OSError as error:
        say(f"{place}: {error.strerror}", sys.stderr)
        return False
    return True


def judged(file: Path, arguments: argparse.Namespace) -> Judgement:
    """The verdict on one file; raises Unreadable, with the line, or OSError."""
    read, usual = FORMATS[arguments.format]
    recorded = read(read_text(file))
    model = _model(arguments.model or recorded.model or usual)
    for line, operation in zip(recorded.lines, recorded.operations, strict=True):
        try:
            check(operation, model)
        except ValueError as error:
            raise Unreadable(line, str(error)) from error
    return linearizable(
        recorded.operations, model, states=arguments.states, seconds=arguments.seconds, unit=recorded.unit
    )


def _model(name: str | None) -> Model:
    if name not in MODELS:
        said = "the file names no model" if name is None else f"there is no model {name!r}"
        raise Unreadable(1, f"{said}: choose --model from {', '.join(MODELS)}")
    return MODELS[name]()
