"""Check worlds of the book, and recordings of your own: python -m lessons.check COMMAND ..."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lessons.check.consistency.command import add_linearizable
from lessons.check.isolation.command import add_isolation
from lessons.check.shrinking.command import add_replay
from lessons.check.sweeps.command import add_sweep

#: Each adds its command to the command line, with a ``run`` that takes the arguments and returns the exit code.
COMMANDS = (add_linearizable, add_isolation, add_sweep, add_replay)
UNHEARD = 141  # as shells say it: ended by signal 13, nobody reads what is written


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code of the command, or ``UNHEARD``."""
    parser = argparse.ArgumentParser(prog="python -m lessons.check", description="Check worlds and recordings.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would fail once more at its end
        return UNHEARD
    return code


if __name__ == "__main__":
    sys.exit(main())
