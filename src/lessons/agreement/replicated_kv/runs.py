"""Worlds that put the store to the test, with chance and without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from lessons.agreement.raft import Options
from lessons.agreement.raft.crowd import Administrator
from lessons.agreement.raft.runs import DISK, NETWORK, some_faults, some_links, some_options
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.invariants import STORE, Linearizable
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.users import Holder, Juggler, Shopper, Watcher
from lessons.check import Sweep
from lessons.sim import Constant, DiskModel, Link, Nemesis, Network, Simulation

TROUBLE = Nemesis(every=0.3, lasting=0.4)
TRIAL = 1.5  # virtual seconds of trouble in a trial; then everything is repaired
PATIENCE = 10.0  # virtual seconds after that in which everybody must be served
USERS = {"ann": Shopper, "bob": Shopper, "cat": Juggler, "dan": Holder}
STEPS = tuple(f"{user}{number}" for user in USERS for number in range(7))


def kv_run(
    seed: int,
    size: int = 3,
    kind: type[KVServer] = KVServer,
    *,
    steps: int = 10,
    options: Options | None = None,
    limits: Limits | None = None,
    network: Link = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 4.0,
) -> Simulation:
    """A cluster n1, n2, ... of ``size`` servers under all of these invariants, ann and bob, who shop, and eve.

    ann and bob take so many ``steps`` each; eve watches all keys. ``trouble`` strikes until the virtual second
    ``until``.
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=network, disk=DISK, invariants=STORE)
    sim.add(names, audited(kind), voters=names, options=options or Options(), limits=limits or Limits())
    for user in ("ann", "bob"):
        work = tuple(f"{user[0]}{number}" for number in range(1, steps + 1))
        sim.add(user, Shopper, servers=names, steps=work, salt=seed)
    sim.add("eve", Watcher, servers=names)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim


def staged(kind: type[KVServer], timeouts: Mapping[str, float], seed: int = 1, **options: Any) -> Simulation:
    """A cluster without chance: each server has its own election timeout, in seconds, which does not vary.

    A message takes 10 ms, a sync 1 ms, a crash loses whatever was not synced. There is neither pre-vote nor
    check-quorum, unless ``options`` say so, and a message carries one entry.
    """
    sim = Simulation(seed, network=Link(Constant(0.010)), disk=DiskModel(sync=0.001, keep=0.0), invariants=STORE)
    for name, timeout in timeouts.items():
        given = {"heartbeat": 0.1, "batch": 1, "pre_vote": False, "check_quorum": False, **options}
        sim.add(name, kind, voters=tuple(timeouts), options=Options(election=(timeout, timeout), **given))
    return sim


# Trials: all that can go wrong, drawn from the seed


def trial(
    seed: int,
    size: int = 3,
    kind: type[KVServer] = KVServer,
    users: tuple[str, ...] = (*USERS, "eve", "fay"),
    steps: tuple[str, ...] = STEPS,
) -> Simulation:
    """A cluster of ``size`` servers and perhaps two more that may join, users, an administrator, and a nemesis.

    ``users`` says who is there: those of ``USERS``, who take the ``steps`` that begin with their names, eve, who
    watches, and fay, who changes members and leaders.
    """
    rng = Random(f"{seed}/{size}")
    changes, steady, narrow = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.2
    names = tuple(f"n{number}" for number in range(1, size + 1))
    spares = tuple(f"n{size + number}" for number in range(1, rng.randint(0, 2) + 1)) if changes else ()
    network = some_links(rng, names + spares, narrow)
    options = replace(some_options(rng, changes, steady, narrow), chunk=rng.choice((200, 4096)))
    servers = {"options": options, "limits": some_limits(rng)}
    disk = DiskModel(sync=0.001 if narrow else rng.choice((0.001, 0.02)), keep=0.5, tear=0.25)
    sim = Simulation(f"{seed}/{size}", network=Network(network.default), disk=disk, invariants=STORE)
    sim.add(names, audited(kind), voters=names, **servers)
    sim.add(spares, audited(kind), **servers)
    habits = {"limit": rng.choice((1.0, 100.0)), "pause": rng.choice((0.02, 0.1)), "salt": seed}
    for user, how in USERS.items():
        if user in users:
            work = tuple(step for step in steps if step.startswith(user))
            sim.add(user, how, servers=names + spares, steps=work, **habits)
    if "eve" in users:
        sim.add("eve", Watcher, servers=names + spares)
    if "fay" in users:
        sim.add("fay", Administrator, servers=names + spares, voters=names, changes=changes, end=TRIAL)
    for action in some_faults(rng, names + spares, steady):
        if action.args.get("node") == "ann" and "ann" not in users:
            continue  # a cut that she looks across
        sim.apply([action])
    return sim


def some_limits(rng: Random) -> Limits:
    """Limits that bring the end of sessions into play, and watchers that are too slow."""
    return replace(
        Limits(),
        events=rng.choice((3, 1000)),
        sessions=rng.choice((5, 1000)),
        answers=rng.choice((3, 64)),
        idle=rng.choice((1.0, 60.0)),
    )


def Served(sim: Simulation) -> Iterator[str]:
    """Everybody has taken all steps some seconds after everything is repaired."""
    until = sim.now + PATIENCE
    while sim.violation is None and sim.now < until and any(waiting(sim)):
        sim.run(sim.now + 0.25)
    return waiting(sim)


def waiting(sim: Simulation) -> Iterator[str]:
    """Who has not taken all steps yet."""
    for user in USERS:
        node = sim.node(user) if user in sim.state else None
        if isinstance(node, Shopper) and node.done < len(node.steps):
            yield f"{user} has taken {node.done} of {len(node.steps)} steps"


#: What ``python -m lessons.check sweep agreement/replicated_kv`` runs.
SWEEPS = {
    name: Sweep(
        trial,
        until=TRIAL + 0.25,
        complaints=(Served, Linearizable),
        parameters={"size": size},
        operations=("users", "steps"),
    )
    for name, size in {"three": 3, "five": 5}.items()
}
