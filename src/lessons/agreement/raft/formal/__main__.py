"""Check Raft against its specification: python -m lessons.agreement.raft.formal COMMAND ..."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lessons.agreement.raft.breaks import BREAKS
from lessons.agreement.raft.formal.model import MODELS, visit
from lessons.agreement.raft.formal.runs import END, stormy
from lessons.agreement.raft.formal.validation import validate
from lessons.net import Folder, read_trace
from lessons.net.folder import RECORDS
from lessons.real import Missing

FINE, WRONG, USAGE = 0, 1, 2
TOGETHER = 20  # runs for one start of Java


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says. Returns 0: as it should be; 1: it is not; 2: Java or TLC is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.agreement.raft.formal", description="Check Raft against its specification, with TLC."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    model = commands.add_parser("model", help="visit every state of a small Raft")
    model.add_argument("name", nargs="*", help="; ".join(f"{name}: {what}" for name, what in MODELS.items()))
    model.set_defaults(run=visit_models)
    runs = commands.add_parser("runs", help="judge simulated runs with faults, restarts and snapshots")
    runs.add_argument("--seeds", type=int, default=20, metavar="N", help="how many (20)")
    runs.add_argument("--from", type=int, default=0, dest="start", metavar="N", help="the first one (0)")
    runs.add_argument("--servers", type=int, default=3, choices=(3, 5), help="how many servers (3)")
    runs.set_defaults(run=judge_runs)
    commands.add_parser("drafts", help="judge the first drafts of the chapter").set_defaults(run=judge_drafts)
    record = commands.add_parser("record", help="judge a cluster of processes that was run with --record")
    record.add_argument("folder", type=Path, help="the cluster's folder")
    record.set_defaults(run=judge_record)
    chosen = parser.parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
        return code
    except (Missing, LookupError) as error:
        print(error.args[0], file=sys.stderr)
        return USAGE


def visit_models(arguments: argparse.Namespace) -> int:
    """Visit all states of the models that were named, of all if none is."""
    code = FINE
    for name in arguments.name or MODELS:
        found = visit(name)
        states = f"{found.distinct:,} states, {found.generated:,} steps between them, at most {found.depth} in a row"
        print(f"{name}: {f'{found.broken} is broken after' if found.broken else 'every promise holds in'} {states}")
        if found.broken:
            print(found.text[found.text.index("Error:") :])  # the states that lead there
            code = WRONG
    return code


def judge_runs(arguments: argparse.Namespace) -> int:
    """Judge runs of the seeds that were asked for."""
    code = FINE
    seeds = range(arguments.start, arguments.start + arguments.seeds)
    for first in range(0, len(seeds), TOGETHER):
        some = seeds[first : first + TOGETHER]
        for seed, verdict in zip(
            some, validate(stormy(each, arguments.servers).run(END) for each in some), strict=True
        ):
            print(f"seed {seed}: {verdict}")
            code = code if verdict.accepted else WRONG
    return code


def judge_record(arguments: argparse.Namespace) -> int:
    """Judge what the processes of a cluster have put on record."""
    folder = Folder.read(arguments.folder)
    (verdict,) = validate([read_trace(folder.path / RECORDS, folder.cluster.vocabulary.values)])
    print(verdict)
    return FINE if verdict.accepted else WRONG


def judge_drafts(arguments: argparse.Namespace) -> int:
    """Judge the run that breaks each first draft; what the specification does not speak of, it can't reject."""
    for broken in BREAKS:
        try:
            print(f"{broken.name}: {validate([broken.run(broken.draft)])[0]}")
        except ValueError as outside:
            print(f"{broken.name}: not judged: {outside}")
    return FINE


if __name__ == "__main__":
    sys.exit(main())
