"""Explorer: how soon it finds what breaks Raft's drafts, states a second, and how many fewer reductions leave."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import process_time

from benchmarks.report import Goal, Report, Row, rounded
from lessons.agreement.raft import Raft
from lessons.agreement.raft.hunts import HUNTS, Hunt
from lessons.check.explore import REDUCTIONS

DEPTH = 8  # moves
FEW = 4  # drafts: for the others there are very many schedules of so many moves
GOAL = 10.0
MOST_REPETITIONS = 3


def measure(repetitions: int, long: bool, hunts: Sequence[Hunt] = HUNTS[:FEW]) -> Report:
    """See ``benchmarks.catalogue.Benchmark``; ``long`` takes all drafts, without reductions too."""
    turns = min(repetitions, MOST_REPETITIONS)
    rows = [row(hunt, turns) for hunt in (HUNTS if long else hunts)]
    least = min(float(each["times fewer"]) for each in rows)
    return Report(
        name="explore",
        title="looking at every schedule of a small cluster",
        workload=f"A draft of Raft on three or four servers until the shortest schedule that breaks it is found; and "
        f"all schedules of Raft itself up to {DEPTH} moves, with all reductions and with none.",
        unit="processor time",
        rows=rows,
        goals=[Goal(f"times fewer states up to {DEPTH} moves, least", least, GOAL)],
        conclusion=(
            "There is no peer to run beside: no package for Python explores nodes that send messages. A state is one "
            "of the whole cluster, put together from what single servers did: few events are ever run. The number "
            "of schedules grows with each move by more than that of states does, so the ratio grows with the depth."
        ),
        repetitions=turns,
    )


def row(hunt: Hunt, repetitions: int) -> Row:
    """A row of the table."""
    spent = []
    for _ in range(repetitions):
        start = process_time()
        found = hunt.look(hunt.draft)
        spent.append(process_time() - start)
    few, many = (hunt.look(Raft, depth=DEPTH, without=without).states for without in ((), REDUCTIONS))
    return {
        "draft": hunt.draft.__name__,
        "breaks": str(found.invariant),
        "moves": len(found.schedule),
        "states": found.states,
        "events run": found.effort.learned,
        "seconds": rounded(median(spent)),
        "states a second": rounded(found.states / median(spent)),
        f"up to {DEPTH} moves: states": few,
        "schedules": many,
        "times fewer": rounded(many / few),
    }
