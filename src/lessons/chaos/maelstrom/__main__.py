"""Try a node with a workload of Maelstrom: python -m lessons.chaos.maelstrom WORKLOAD [options] [-- COMMAND ...]"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from lessons.chaos.maelstrom.router import Weather
from lessons.chaos.maelstrom.trial import Plan, run_trial
from lessons.chaos.maelstrom.workloads import WORKLOADS
from lessons.node import LessonsError

HELD, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a trial and say what came of it; the exit code is 0 if all held, 1 if not, 2 if it could not be run."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.chaos.maelstrom",
        usage="%(prog)s WORKLOAD [options] [-- COMMAND ...]",
        description="Run nodes that speak Maelstrom's protocol while messages between them get lost, and judge them. "
        "COMMAND runs one node; without it they are the book's own.",
    )
    usual = Plan()
    parser.add_argument("workload", help=", ".join(WORKLOADS))
    parser.add_argument("--nodes", type=int, default=usual.nodes, metavar="N", help="how many (3)")
    parser.add_argument("--clients", type=int, default=usual.clients, metavar="N", help="how many (4)")
    parser.add_argument("--seconds", type=float, default=usual.seconds, metavar="S", help="of requests (5)")
    parser.add_argument("--period", type=float, default=usual.period, metavar="S", help="of partitions; 0: none (1)")
    parser.add_argument("--latency", type=float, default=5.0, metavar="MS", help="in the mean, in milliseconds (5)")
    parser.add_argument("--loss", type=float, default=0.0, metavar="P", help="share of messages that are lost (0)")
    parser.add_argument("--seed", type=int, default=0, help="chooses requests and faults (0)")
    own, command = parted(sys.argv[1:] if arguments is None else arguments)
    chosen = parser.parse_args(own)
    try:
        weather = Weather(chosen.latency / 1000, chosen.loss)
        plan = Plan(chosen.nodes, chosen.clients, chosen.seconds, chosen.period, weather, chosen.seed)
        outcome = asyncio.run(run_trial(chosen.workload, plan, command))
    except (LessonsError, LookupError, ValueError, OSError) as error:
        print(error.args[0] if isinstance(error, LookupError) else error, file=sys.stderr)
        return USAGE
    print(outcome)
    return FAILED if outcome.complaints else HELD


def parted(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is before ``--``, and what is behind it."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], arguments[place + 1 :]


if __name__ == "__main__":
    sys.exit(main())
