"""A cluster to break by hand: a reader gives its parameters, and asks for faults, commands and changes as it runs."""

from __future__ import annotations

from functools import partial

from lessons.agreement.raft.breaks import BREAKS
from lessons.agreement.raft.invariants import PROMISES, SAFETY
from lessons.agreement.raft.operator import Operator
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.runs import DISK
from lessons.agreement.raft.server import Options
from lessons.agreement.raft.view import VIEW, watched
from lessons.lab import Choice, Lab, Number, Span, Switch, Whole
from lessons.sim import Link, LogNormal, Simulation

RULES = (*SAFETY, *PROMISES)
WATCHED = watched()
KINDS = {"Raft": WATCHED, **{each.name: watched(each.draft) for each in BREAKS}}


def raft_lab(
    seed: int = 1,
    *,
    servers: int = 5,
    spares: int = 1,
    latency: float = 0.003,
    loss: float = 0.0,
    election: tuple[float, float] = (0.15, 0.3),
    pre_vote: bool = True,
    check_quorum: bool = True,
    lease: bool = False,
    compact_after: int = 1000,
    chunk: int = 4096,
    kind: type[Raft] = Raft,
) -> Simulation:
    """A cluster n1, n2, ... and ann, its operator, under the safety properties and the promises to users.

    ``servers`` found the cluster, ``spares`` more wait to be asked in; ``latency`` is the median time of a
    message in seconds, ``loss`` the share of messages that get lost; for the rest see ``Options``. Faults are
    those of the simulation, and ``sim.faults.ask("ann", "propose", ["x"])`` is a user's wish (see ``Operator``).
    The same arguments and ``sim.actions`` give the same run again. Raises ValueError for fewer than 1 server.
    """
    if servers < 1 or spares < 0:
        raise ValueError(f"servers is {servers!r}, spares is {spares!r}: at least 1 and 0")
    names = tuple(f"n{number}" for number in range(1, servers + spares + 1))
    founders, others = names[:servers], names[servers:]
    options = Options(
        election=election,
        pre_vote=pre_vote,
        check_quorum=check_quorum,
        lease=lease,
        compact_after=compact_after,
        chunk=chunk,
    )
    sim = Simulation(seed, network=Link(LogNormal(latency, 0.5), loss=loss), disk=DISK, invariants=RULES)
    sim.add(founders, kind, voters=founders, options=options)
    sim.add(others, kind, options=options)
    sim.add("ann", Operator, servers=names)
    return sim


LAB = Lab(
    "agreement/raft",
    partial(raft_lab, kind=WATCHED),
    title="A cluster to break",
    caption="Five servers elect a leader, and ann has a command executed. What happens next is up to you.",
    horizon=1.0,
    opening=[{"at": 0.5, "do": "ask", "client": "ann", "wish": "propose", "args": ["x"]}],
    parameters={
        "servers": Whole(1, 7, help="Servers that found the cluster."),
        "spares": Whole(0, 3, help="More servers, which wait to be asked in."),
        "latency": Number(0.0005, 0.1, 0.0005, "s", help="The median time of a message."),
        "loss": Number(0, 0.5, 0.05, help="The share of messages that get lost."),
        "election": Span(0.01, 5, 0.01, "s", help="An election timeout is drawn from between these two."),
        "pre_vote": Switch(help="Ask whether an election could be won before the term is raised."),
        "check_quorum": Switch(help="A leader that hears from no majority steps down."),
        "lease": Switch(help="A leader answers reads alone, for as long as nobody else can have been elected."),
        "compact_after": Whole(1, 1000, help="Entries that are executed before a snapshot takes their place."),
        "chunk": Whole(1, 4096, help="Bytes of a snapshot in one message."),
        "kind": Choice(KINDS, help="Raft, or a draft that lacks one of its rules."),
    },
    **VIEW,
)
