"""etcd, whose log is Raft's, without its leader and then without a majority."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lessons.real import Etcd, etcd, eventually, if_installed
from lessons.viz import table
from lessons.viz.table import Table

COLUMNS = ["what happens", "a member that is up is asked to", "answer"]
CAPTION = "Three members of etcd on this machine"
PATIENCE = 1.0  # seconds, for one attempt


@if_installed
def lost_members() -> Table:
    """Kill the leader of three members of etcd, and then one more; what a member that is left does and tells."""
    with etcd(members=3) as cluster:
        return table(list(_steps(cluster)), CAPTION, COLUMNS)


def _steps(cluster: Etcd) -> Iterator[list[str]]:
    leader = cluster.leader()
    asked, other = cluster.others(leader)
    yield ["all three are up", "write x = 1", insist(lambda: asked.put("x", "1"))]
    leader.kill()
    yield ["the leader is killed", "write x = 2, until that is done", insist(lambda: asked.put("x", "2", PATIENCE))]
    yield ["", "read x", insist(lambda: asked.get("x", timeout=PATIENCE))]
    other.kill()
    yield ["one more is killed", "read x", answer(lambda: asked.get("x", timeout=PATIENCE))]
    yield ["", "read x, serializable", insist(lambda: asked.get("x", serializable=True))]
    leader.start()
    yield ["the first one is started again", "read x", insist(lambda: asked.get("x", timeout=PATIENCE))]


def answer(ask: Callable[[], object]) -> str:
    """What one attempt gives."""
    try:
        return told(ask())
    except OSError:
        return "none"


def insist(ask: Callable[[], object]) -> str:
    """What the first attempt gives that gets an answer; who asks again must not mind if it is done twice."""
    return told(eventually(ask))


def told(result: object) -> str:
    """A value as it is; of a write only that it is done, for its revision depends on how often it was tried."""
    return result if isinstance(result, str) else "done"
