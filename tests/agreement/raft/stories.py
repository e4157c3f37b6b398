"""Runs of Raft that are kept word for word in tests/agreement/raft/golden.

``python -m tests.agreement.raft.stories`` prints what they are on this Python; with ``--write`` it renews the files,
which is right only when a change is meant to change Raft's runs. Needs the standard library alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from lessons.agreement.raft import Raft
from lessons.agreement.raft.breaks import older_term
from lessons.agreement.raft.lab import raft_lab
from lessons.agreement.raft.runs import TROUBLE, raft_run
from lessons.trace import Trace

GOLDEN = Path(__file__).parent / "golden"


def election() -> Trace:
    """Five servers elect a leader and execute two commands."""
    return raft_run(12, 5, commands=2).run(until=0.5)


def trouble() -> Trace:
    """Three servers under random faults."""
    return raft_run(7, 3, commands=4, trouble=TROUBLE, until=1.5).run(until=2.5)


def figure_8() -> Trace:
    """An entry of an older term on a majority, which is overwritten and then proposed again."""
    return older_term(Raft).run(until=1.3)


def changes() -> Trace:
    """A server learns by snapshot, becomes a voter and then the leader; the cluster shrinks again; somebody reads."""
    sim = raft_lab(seed=3, servers=3, spares=1, compact_after=3, chunk=8)
    wishes = [
        (0.5, "propose", ["blue"]),
        (0.6, "propose", ["green"]),
        (0.7, "change_members", [["n1", "n2", "n3"], ["n4"]]),
        (0.9, "change_members", [["n1", "n2", "n3", "n4"], [], False]),
        (1.1, "transfer_leadership", ["n4"]),
        (1.4, "change_members", [["n2", "n4"]]),
        (1.7, "query", []),
    ]
    for at, wish, args in wishes:
        sim.at(at).ask("ann", wish, args)
    return sim.run(until=2.0)


STORIES: dict[str, Callable[[], Trace]] = {story.__name__: story for story in (election, trouble, figure_8, changes)}


def told(name: str) -> str:
    """A story as text, with an end of line at its end."""
    return STORIES[name]().transcript() + "\n"


if __name__ == "__main__":
    for name in STORIES:
        text = told(name)
        print(name, sha256(text.encode()).hexdigest())
        if "--write" in sys.argv:
            (GOLDEN / f"{name}.txt").write_text(text, encoding="utf8")
