"""A store to break by hand: a reader asks for faults, reads and writes, and sees whether that was linearizable."""

from __future__ import annotations

from functools import partial

from lessons.agreement.raft import Options
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.runs import DISK
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.breaks import BREAKS
from lessons.agreement.replicated_kv.hand import Lookout
from lessons.agreement.replicated_kv.invariants import STORE, judged
from lessons.agreement.replicated_kv.messages import Consistency
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.view import VIEW, shown
from lessons.lab import Choice, Lab, Number, Span, Switch, Whole
from lessons.sim import Link, LogNormal, Simulation

ALL_KEYS = ("", "")
QUICK = 100_000  # states that the judge looks at: a reader does not wait for more
STORE_SHOWN = shown()
KINDS = {"the store": STORE_SHOWN, **{each.name: shown(each.draft) for each in BREAKS}}


def kv_lab(
    seed: int = 1,
    *,
    servers: int = 3,
    latency: float = 0.003,
    loss: float = 0.0,
    duplicate: float = 0.0,
    election: tuple[float, float] = (0.15, 0.3),
    check_quorum: bool = True,
    lease: bool = False,
    drift: float = 0.1,
    compact_after: int = 1000,
    events: int = 1000,
    idle: float = 60.0,
    patience: float = 0.3,
    invariants: bool = True,
    kind: type[KVServer] = KVServer,
) -> Simulation:
    """A cluster n1, n2, ... of the store, and ann and bob, its users, under all ``invariants`` if they are wanted.

    ``latency`` is the median time of a message in seconds, ``loss`` and ``duplicate`` the shares of messages that
    get lost or come twice; ``patience`` is how long a user waits for an answer. For ``check_quorum``, ``lease``,
    ``drift`` and ``compact_after`` see Raft's ``Options``, for ``events`` and ``idle`` see ``Limits``. Faults are
    those of the simulation, and ``sim.faults.ask("ann", "append", ["list", "milk"])`` is a user's wish (see
    ``Hand``). The same arguments and ``sim.actions`` give the same run again. Raises ValueError for fewer than 1
    server.
    """
    if servers < 1:
        raise ValueError(f"servers is {servers!r}: at least 1")
    names = tuple(f"n{number}" for number in range(1, servers + 1))
    options = Options(
        election=election, check_quorum=check_quorum, lease=lease, drift=drift, compact_after=compact_after
    )
    link = Link(LogNormal(latency, 0.5), loss=loss, duplicate=duplicate)
    rules = (*STORE, *SAFETY) if invariants else ()
    sim = Simulation(seed, network=link, disk=DISK, invariants=rules)
    server, limits = audited(kind) if invariants else kind, Limits(events=events, idle=idle)
    sim.add(names, server, voters=names, options=options, limits=limits)
    sim.add(["ann", "bob"], Lookout, servers=names, patience=patience)
    return sim


LAB = Lab(
    "agreement/replicated_kv",
    partial(kv_lab, kind=STORE_SHOWN, invariants=False),
    title="A store to break",
    caption="Three servers elect a leader. ann appends milk to a list, and bob reads it. Below the run stands whether "
    "one copy of the store could have answered so. What happens next is up to you.",
    horizon=1.0,
    ahead=0.5,
    opening=[
        {"at": 0.5, "do": "ask", "client": "ann", "wish": "append", "args": ["list", "milk "]},
        {"at": 0.7, "do": "ask", "client": "bob", "wish": "get", "args": ["list"]},
    ],
    parameters={
        "servers": Whole(1, 5, help="Servers that found the cluster."),
        "latency": Number(0.0005, 0.1, 0.0005, "s", help="The median time of a message."),
        "loss": Number(0, 0.5, 0.05, help="The share of messages that get lost."),
        "duplicate": Number(0, 0.5, 0.05, help="The share of messages that come twice."),
        "election": Span(0.06, 5, 0.01, "s", help="An election timeout is drawn from between these two."),
        "check_quorum": Switch(help="A leader that hears from no majority steps down."),
        "lease": Switch(help="A leader answers reads alone, for as long as nobody else can have been elected."),
        "drift": Number(0, 0.9, 0.05, help="How much slower or faster a clock can be, for all that trusts in clocks."),
        "compact_after": Whole(1, 1000, help="Entries that are executed before a snapshot takes their place."),
        "events": Whole(1, 1000, help="Changes that can be watched afterwards."),
        "idle": Number(0.1, 60, 0.1, "s", help="A session ends when its client was silent for so long."),
        "patience": Number(0.02, 2, 0.02, "s", help="How long a user waits for an answer before it asks again."),
        "invariants": Switch(help="End the run where a server breaks an invariant, before a user can see it."),
        "kind": Choice(KINDS, help="The store, or a draft that lacks one of its rules."),
    },
    asks={"get": {"consistency": Choice([each.value for each in Consistency])}},
    judge=partial(judged, shared=ALL_KEYS, states=QUICK),
    **VIEW,
)
