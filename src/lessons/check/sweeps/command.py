"""The command ``sweep``: run many seeds of a chapter's worlds, and shrink the first failure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lessons.check.console import say
from lessons.check.shrinking import line_of, shrink
from lessons.check.sweeps.case import Sweep
from lessons.check.sweeps.catalogue import UnknownWorld, chapters, find
from lessons.check.sweeps.engines import EngineLost
from lessons.check.sweeps.result import Swept
from lessons.check.sweeps.run import sweep
from lessons.check.sweeps.verdict import Kind

SHOWN = 10  # failures
HELD, FAILED, USAGE, STOPPED, INTERRUPTED = 0, 1, 2, 3, 130


def add_sweep(commands: Any) -> None:
    """Add the command to ``commands``, the subparsers of a command line; its ``run`` takes the arguments."""
    parser = commands.add_parser(
        "sweep",
        help="run many seeds of a world",
        description="Run many seeds of the worlds that a chapter offers, and make the first failure small. "
        "Exit code 0: every seed holds; 1: one fails; 2: there is no such world or engine; 3: the engine was lost; "
        "130: interrupted, after saying what was done.",
    )
    parser.add_argument(
        "world", nargs="?", metavar="WORLD", help="agreement/raft, agreement/raft:three, or package.module:function"
    )
    number = whole(1)
    parser.add_argument("--seeds", type=number, default=1000, metavar="N", help="how many, of each world (1000)")
    parser.add_argument("--from", type=whole(0), default=0, dest="start", metavar="N", help="the first one (0)")
    parser.add_argument(
        "--engine", default="processes", help="serial, processes, dask, or the address of a Dask cluster (processes)"
    )
    parser.add_argument("--workers", type=number, metavar="N", help="processes on this machine (one for each core)")
    parser.add_argument("--chunk", type=number, default=20, metavar="N", help="seeds that travel together (20)")
    parser.add_argument("--until", type=float, metavar="SECONDS", help="virtual time to run to (what the world says)")
    either = argparse.BooleanOptionalAction
    parser.add_argument("--shrink", action=either, default=True, help="make the first failure small")
    parser.add_argument("--progress", action=either, help="draw a bar (where a terminal is)")
    parser.add_argument("--list", action="store_true", help="say which chapters offer worlds, and run nothing")
    parser.set_defaults(run=run)


def whole(least: int) -> Callable[[str], int]:
    """A type of arguments: whole numbers from ``least`` on."""

    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} must be {least} or more")
        return int(text)

    number.__name__ = "whole number"
    return number


def run(arguments: argparse.Namespace) -> int:
    """Sweep what was asked for; returns the exit code."""
    if arguments.list:
        say("\n".join(chapters()), sys.stdout)
        return HELD
    try:
        if arguments.world is None:
            raise UnknownWorld(f"WORLD is missing: name a chapter that offers worlds, {', '.join(chapters())}")
        worlds = find(arguments.world)
        code = HELD
        for world in worlds:
            code = max(code, swept(world, arguments))
            if code == INTERRUPTED:
                break
        return code
    except (UnknownWorld, EngineLost, ValueError, ModuleNotFoundError) as error:
        say(str(error), sys.stderr)
        return USAGE


def swept(world: Sweep, arguments: argparse.Namespace) -> int:
    """Sweep one world, and say what came out; returns the exit code."""
    asked = world if arguments.until is None else replace(world, until=arguments.until)
    result = sweep(
        asked,
        range(arguments.start, arguments.start + arguments.seeds),
        engine=arguments.engine,
        workers=arguments.workers,
        chunk=arguments.chunk,
        progress=arguments.progress,
    )
    name = f"{world.name}: " if world.name else ""
    say(f"{name}{result.sentence} ({result.rate:.3g} seeds a second)", sys.stdout)
    tell_failures(result, arguments)
    return code_of(result)


def tell_failures(result: Swept, arguments: argparse.Namespace) -> None:
    """Say which seeds failed, and have the first one in a line: the smallest, unless somebody is in a hurry."""
    if result.first is None:
        return
    for failure in result.failures[:SHOWN]:
        say(f"  {failure}", sys.stdout)
    if len(result.failures) > SHOWN:
        say(f"  and {len(result.failures) - SHOWN:,} more", sys.stdout)
    if result.first.finding.kind is Kind.WORKER or result.stopped or not arguments.shrink:
        say(f"{result.first.traceback}{line_of(result.first.case)}", sys.stdout)
        return
    small = shrink(result.first, progress=arguments.progress)
    say(f"Shrunk, {small.sentence}\n{small.failure.traceback}{small.line}", sys.stdout)


def code_of(result: Swept) -> int:
    """The exit code for a result."""
    if result.left:
        return INTERRUPTED if result.stopped == "interrupted" else STOPPED
    return FAILED if result.failures else HELD
