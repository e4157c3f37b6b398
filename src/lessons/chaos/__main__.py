"""Soak a cluster of processes in faults: python -m lessons.chaos CHAPTER [--seconds S] [--nodes N] [--clients N]"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from lessons.chaos.soak import find
from lessons.chaos.trial import Outcome, Trial, plan
from lessons.net import Folder
from lessons.net.clusters import find as find_cluster
from lessons.node import LessonsError
from lessons.sim import Action

HELD, FAILED, USAGE = 0, 1, 2
SHOWN = 10  # complaints


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a trial and say what came of it; the exit code is 0 if all held, 1 if not, 2 if it could not be begun."""
    parser = argparse.ArgumentParser(
        prog="python -m lessons.chaos",
        description="Run a chapter's cluster as processes while they are killed, stopped and cut off from each other.",
    )
    parser.add_argument("chapter", help="such as agreement/replicated_kv")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="of faults (20)")
    parser.add_argument("--nodes", type=int, default=5, metavar="N", help="how many servers (5)")
    parser.add_argument("--clients", type=int, default=8, metavar="N", help="how many clients (8)")
    parser.add_argument("--seed", type=int, default=0, help="chooses the faults (0)")
    parser.add_argument("--actions", type=Path, metavar="FILE", help="a JSON list of actions, instead of the seed's")
    parser.add_argument("--at", type=Path, metavar="FOLDER", help="a new folder to keep (one that is removed again)")
    parser.add_argument("--record", action="store_true", help="let the servers put what they do on record")
    chosen = parser.parse_args(arguments)
    try:
        return run(chosen)
    except (LessonsError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE


def run(chosen: argparse.Namespace) -> int:
    """Do what the command line says."""
    names, soak = find_cluster(chosen.chapter).servers(chosen.nodes), find(chosen.chapter)
    actions = read(chosen.actions) if chosen.actions else plan(chosen.seed, names, chosen.seconds)
    path = chosen.at or Path(mkdtemp(prefix="chaos-")) / "cluster"
    folder = Folder.make(path, chosen.chapter, names)
    trial = Trial(folder, soak.clients(names, chosen.clients), seed=chosen.seed, record=chosen.record)
    outcome = asyncio.run(trial.run(actions, soak.finish))
    complaints = [each for complaint in soak.complaints for each in complaint(outcome)]
    print(sentence(outcome))
    for complaint in complaints[:SHOWN]:
        print(f"BROKEN: {complaint}")
    if len(complaints) > SHOWN:
        print(f"and {len(complaints) - SHOWN:,} more")
    if complaints:
        print(f"What the servers said stands in {path}/logs")
    elif not chosen.at:
        rmtree(path.parent)
    return FAILED if complaints else HELD


def sentence(outcome: Outcome) -> str:
    """What happened, in words."""
    done = sum(operation.outcome == "ok" for operation in outcome.history)
    recovery = "never" if outcome.recovered is None else f"after {outcome.recovered:.2f} s"
    return (
        f"{len(outcome.actions)} faults and repairs, {len(outcome.history):,} operations, {done:,} of them known to be "
        f"done; all clients were served again {recovery}."
    )


def read(path: Path) -> list[Action]:
    """The actions in a file. Raises ValueError for what is none."""
    return [Action.from_json(item) for item in json.loads(path.read_text(encoding="utf8"))]


if __name__ == "__main__":
    sys.exit(main())
