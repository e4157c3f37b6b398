"""Runs of the store that are kept word for word in tests/agreement/replicated_kv/golden.

``python -m tests.agreement.replicated_kv.stories`` prints what they are on this Python; with ``--write`` it renews the
files, which is right only when a change is meant to change the store's runs. Needs the standard library alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from lessons.agreement.replicated_kv.breaks import lost_answer, old_read
from lessons.agreement.replicated_kv.lab import kv_lab
from lessons.agreement.replicated_kv.runs import TROUBLE, kv_run
from lessons.agreement.replicated_kv.server import KVServer
from lessons.trace import Trace

GOLDEN = Path(__file__).parent / "golden"


def retry() -> Trace:
    """An answer is lost, the client asks again, and the answer is given again."""
    return lost_answer(KVServer).run(0.52)


def deposed() -> Trace:
    """A read at a leader that is none any more."""
    return old_read(KVServer).run(0.8)


def trouble() -> Trace:
    """Three servers under random faults, two clients and a watcher."""
    return kv_run(7, 3, KVServer, steps=3, trouble=TROUBLE, until=1.0).run(until=1.5)


def lease() -> Trace:
    """A key on a lease, watched, kept alive once, and gone; with reads at a follower, bounded and stale ones."""
    sim = kv_lab(seed=4, compact_after=4)
    wishes = [
        (0.50, "bob", "watch", ["", 1, "n2"]),
        (0.55, "ann", "hold", ["lock", "ann", 0.3]),
        (0.70, "ann", "keep_alive", []),
        (0.75, "bob", "get", ["lock", "linearizable", "n3"]),
        (0.80, "bob", "get", ["lock", "bounded", "n3", 0.2]),
        (1.20, "bob", "get", ["lock", "stale", "n1"]),
        (1.25, "ann", "cas", ["lock", None, "ann"]),
        (1.30, "ann", "move", ["lock", "key"]),
        (1.35, "bob", "status", []),
    ]
    for at, client, wish, args in wishes:
        sim.at(at).ask(client, wish, args)
    return sim.run(until=1.5)


STORIES: dict[str, Callable[[], Trace]] = {story.__name__: story for story in (retry, deposed, trouble, lease)}


def told(name: str) -> str:
    """A story as text, with an end of line at its end."""
    return STORIES[name]().transcript() + "\n"


if __name__ == "__main__":
    for name in STORIES:
        text = told(name)
        print(name, sha256(text.encode()).hexdigest())
        if "--write" in sys.argv:
            (GOLDEN / f"{name}.txt").write_text(text, encoding="utf8")
