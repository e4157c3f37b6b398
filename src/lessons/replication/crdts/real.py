"""Valkey where this chapter merges: its replication, cut in two, beside a counter and a set that are joined."""

from __future__ import annotations

from typing import Any

from lessons.real import Valkey, eventually, if_installed, valkey
from lessons.replication.crdts.counters import PNCounter
from lessons.replication.crdts.orset import ORSet
from lessons.viz import table, verdict
from lessons.viz.table import Table, Verdict

COLUMNS = ["what happens", "first server", "second server", "counter and set of this chapter"]
CAPTION = "Two servers that are cut apart and both take writes: a count, and a set"


class Joined:
    """The same updates at two replicas of a counter and a set."""

    def __init__(self) -> None:
        self.counts = {"first": PNCounter(), "second": PNCounter()}
        self.sets = {"first": ORSet(), "second": ORSet()}

    def meet(self) -> None:
        """Merge both ways."""
        for states in (self.counts, self.sets):
            one, other = states.values()
            one.merge(other)  # type: ignore[arg-type]
            other.merge(one)  # type: ignore[arg-type]

    def __str__(self) -> str:
        shown = {told(self.counts[name].value, self.sets[name].value) for name in self.counts}
        return " | ".join(sorted(shown))


def told(count: int, elements: set[Any]) -> str:
    """A count and a set in a few letters."""
    return f"{count}, {{{', '.join(sorted(elements))}}}"


def read(server: Any) -> str:
    """What a Valkey server shows."""
    return told(int(server.get("count") or 0), server.smembers("cart"))


@if_installed
def split_brain() -> Table:
    """Let a replica of Valkey be promoted while its primary still takes writes; what each shows, step by step."""
    with valkey(replicas=1) as servers:
        return table(_steps(servers), CAPTION, COLUMNS)


def _steps(servers: Valkey) -> list[list[str]]:
    first, second, joined = servers.primary.client(), servers.replicas[0].client(), Joined()
    rows: list[list[str]] = []

    def row(what: str) -> None:
        rows.append([what, read(first), read(second), str(joined)])

    first.incrby("count", 5)
    first.sadd("cart", "milk")
    joined.counts["first"].increment("first", 5)
    joined.sets["first"].add("first", "milk")
    confirmed = first.wait(1, 5000)
    joined.meet()
    row(f"5 counted, milk added; WAIT: {confirmed} replica has it")

    second.replicaof("NO", "ONE")
    eventually(lambda: first.info("replication")["connected_slaves"] == 0)
    first.incrby("count", 3)
    first.sadd("cart", "tea")
    joined.counts["first"].increment("first", 3)
    joined.sets["first"].add("first", "tea")
    row(f"a cut, the second is promoted; at the first 3 counted, tea added; WAIT: {first.wait(1, 50)}")

    second.incrby("count", 2)
    second.srem("cart", "milk")
    joined.counts["second"].increment("second", 2)
    joined.sets["second"].remove("milk")
    row("at the second 2 counted, milk removed")

    first.replicaof("127.0.0.1", servers.replicas[0].port)
    eventually(lambda: first.info("replication")["master_link_status"] == "up")
    joined.meet()
    row("the cut is healed, the first follows the second")
    return rows


@if_installed
def careful_primary() -> Verdict:
    """What a primary that wants a replica for every write says when it has none."""
    with valkey(min_replicas_to_write=1) as servers:
        try:
            servers.primary.client().incrby("count", 3)
        except Exception as refusal:  # the client's own class of errors, which may not be installed
            return verdict(f"Asked to count without a replica, the primary answers: {refusal}")
    raise AssertionError("a write without replicas was taken")
