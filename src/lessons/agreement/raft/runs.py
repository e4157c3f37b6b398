"""Worlds that put Raft to the test, with chance and without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from lessons.agreement.raft.crowd import Administrator, Curious, Customer, Hurried
from lessons.agreement.raft.invariants import PROMISES, SAFETY, Persistence, SameHistory
from lessons.agreement.raft.ledger import Ledger, accountable, prepared
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Options
from lessons.agreement.raft.user import Proposer, Reader
from lessons.agreement.raft.verdicts import broken_promises, longest, operations, run_to_confirmation, stale, waiting
from lessons.check import Sweep, invariant
from lessons.sim import KINDS, Action, Constant, DiskModel, Link, LogNormal, Nemesis, Network, Simulation

NETWORK = Link(LogNormal(0.003, 0.5), loss=0.02, duplicate=0.02)
DISK = DiskModel(sync=0.001)
TROUBLE = Nemesis(every=0.4, lasting=0.5)

TRIAL = 1.5  # virtual seconds of trouble in a trial; then everything is repaired
USERS = ("ann", "bob", "cat", "dan", "eve")
COMMANDS = tuple(f"{customer}{number}" for customer in ("ann", "bob") for number in range(8))


def raft_run(
    seed: int,
    size: int = 3,
    kind: type[Raft] = Raft,
    *,
    commands: int = 10,
    reads: int = 0,
    options: Options | None = None,
    network: Link = NETWORK,
    trouble: Nemesis | None = None,
    until: float = 4.0,
    spares: int = 0,
) -> Simulation:
    """A cluster n1, n2, ... of ``size`` servers under all of these invariants, and ann, who proposes.

    With ``reads`` there is bob, too, who reads. ``spares`` more servers wait to be asked in. ``trouble`` strikes
    until the virtual second ``until``.
    """
    names = tuple(f"n{number}" for number in range(1, size + 1))
    sim = Simulation(seed, network=network, disk=DISK, invariants=(*SAFETY, *PROMISES))
    sim.add(names, kind, voters=names, options=options or Options())
    sim.add([f"n{number}" for number in range(size + 1, size + spares + 1)], kind, options=options or Options())
    sim.add("ann", Proposer, servers=names, commands=tuple(f"a{number}" for number in range(1, commands + 1)))
    if reads:
        sim.add("bob", Reader, servers=names, times=reads)
    if trouble is not None:
        sim.unleash(trouble, until)
    return sim


def staged(kind: type[Raft], timeouts: Mapping[str, float], seed: int = 1) -> Simulation:
    """A cluster without chance: each server has its own election timeout, in seconds, which does not vary.

    A message takes 10 ms, a sync 1 ms, a crash loses whatever was not synced. There is neither pre-vote nor
    check-quorum, and a message carries one entry: Raft as in the paper's figures. It is judged by all these
    invariants but Persistence: that is a means, and a run would end before it shows what it is good for.
    """
    rules = [rule for rule in (*SAFETY, *PROMISES) if rule is not Persistence]
    sim = Simulation(seed, network=Link(Constant(0.010)), disk=DiskModel(sync=0.001, keep=0.0), invariants=rules)
    for name, timeout in timeouts.items():
        options = Options(0.100, (timeout, timeout), batch=1, pre_vote=False, check_quorum=False)
        sim.add(name, kind, voters=tuple(timeouts), options=options)
    return sim


# Trials: all that can go wrong, drawn from the seed


def some_logs(rng: Random, names: tuple[str, ...]) -> dict[str, list[int]]:
    """Logs as two leaders may have left them, of terms 2 and 3, who could commit nothing (as in Figure 8, part b)."""
    few = (len(names) - 1) // 2
    shuffled = rng.sample(names, len(names))
    older, newer = shuffled[: rng.randint(0, few)], shuffled[few : few + rng.randint(0, few)]
    ends = {**dict.fromkeys(older, [2] * rng.randint(1, 6)), **dict.fromkeys(newer, [3] * rng.randint(1, 6))}
    return {name: [1, *ends.get(name, [])] for name in names}


def some_options(rng: Random, changes: bool, steady: bool, narrow: bool) -> Options:
    """Options that bring snapshots, small messages and leases into play."""
    lease = rng.random() < 0.4
    return Options(
        heartbeat=0.02 if lease else 0.05,
        batch=1 if narrow else rng.choice((1, 2, 64)),
        window=1 if narrow else rng.choice((1, 2, 8)),
        compact_after=rng.choice((2, 5, 20, 1000)),
        chunk=rng.choice((7, 40, 4096)),
        drift=0.0 if steady else 0.7,  # the nemesis lets clocks run at half and at one and a half times the pace
        pre_vote=changes or rng.random() < 0.5,
        check_quorum=lease or changes or rng.random() < 0.7,
        lease=lease,
    )


def some_links(rng: Random, names: tuple[str, ...], narrow: bool) -> Network:
    """Links that lose, copy and reorder, fast or slow; those of users copy nothing."""
    latency = LogNormal(0.02, 0.5) if narrow else LogNormal(0.003, rng.choice((0.3, 1.0)))
    among = Link(latency, loss=0.02, duplicate=rng.choice((0.0, 0.1)))
    # A copy of a proposal would be a second proposal.
    return Network(among).between(USERS, names, replace(among, duplicate=0.0))


def some_faults(rng: Random, names: tuple[str, ...], steady: bool) -> Iterator[Action]:
    """Faults of all kinds, but for clocks that are ``steady``; in half of the worlds partitions leave users alone."""
    kinds = tuple(kind for kind in KINDS if not (steady and kind == "clock_drift"))
    nemesis = Nemesis(kinds, every=rng.choice((0.06, 0.12, 0.25)), lasting=rng.choice((0.2, 0.5)))
    among_servers = rng.random() < 0.5
    for action in nemesis.plan(rng, names, 0.1, TRIAL):
        if among_servers and action.name == "partition":
            (side,) = action.args["groups"]
            rest = [name for name in names if name not in side]
            action = Action(action.at, "bridge", {"node": USERS[0], "left": side, "right": rest})
        yield action


def trial(
    seed: int,
    size: int = 3,
    kind: type[Raft] = Raft,
    users: tuple[str, ...] = USERS,
    commands: tuple[str, ...] = COMMANDS,
) -> Simulation:
    """A cluster of ``size`` servers, up to two more that may join, their users, an administrator, a nemesis.

    ``users`` says who is there of ann and bob (who propose the ``commands`` that begin with their names), cat (who
    proposes, and does not wait), dan (who reads) and eve (who changes members and leaders).
    """
    rng = Random(f"{seed}/{size}")
    changes, steady, narrow = rng.random() < 0.7, rng.random() < 0.5, rng.random() < 0.3
    names = tuple(f"n{number}" for number in range(1, size + 1))
    spares = tuple(f"n{size + number}" for number in range(1, rng.randint(0, 2) + 1)) if changes else ()
    network, options = some_links(rng, names + spares, narrow), some_options(rng, changes, steady, narrow)
    disk = DiskModel(sync=0.001 if narrow else rng.choice((0.001, 0.02)), keep=0.5, tear=0.25)
    sim = Simulation(f"{seed}/{size}", network=network, disk=disk, invariants=(*SAFETY, SameHistory))
    for name, terms in some_logs(rng, names).items():
        sim.add(name, prepared(accountable(kind)), terms=terms, term=3, voters=names, machine=Ledger, options=options)
    sim.add(spares, accountable(kind), machine=Ledger, options=options)
    for name in users:
        add_user(sim, name, names, spares, commands=commands, changes=changes, pause=0.3 if narrow else 0.06)
    sim.apply(some_faults(rng, names + spares, steady))
    return sim


def add_user(
    sim: Simulation,
    name: str,
    voters: tuple[str, ...],
    spares: tuple[str, ...],
    *,
    commands: tuple[str, ...],
    changes: bool,
    pause: float,
) -> None:
    """One of the users of a trial; raises ValueError for somebody else."""
    servers = voters + spares
    if name in ("ann", "bob"):
        sim.add(name, Customer, servers=servers, commands=tuple(each for each in commands if each.startswith(name)))
    elif name == "cat":
        sim.add(name, Hurried, servers=servers, pause=pause, end=TRIAL)
    elif name == "dan":
        sim.add(name, Curious, servers=servers, end=TRIAL)
    elif name == "eve":
        sim.add(name, Administrator, servers=servers, voters=voters, changes=changes, end=TRIAL)
    else:
        raise ValueError(f"users has {name!r}: it may have {', '.join(USERS)}")


# Verdicts at the end of a trial


def Served(sim: Simulation) -> Iterator[str]:
    """Every command is confirmed some seconds after everything is repaired."""
    run_to_confirmation(sim)
    return waiting(sim)


def Executed(sim: Simulation) -> Iterator[str]:
    """What was done is there once and at its place, and what was refused or lost is not there."""
    return broken_promises(operations(sim), longest(sim))


@invariant("Commands go in order, and queries show all that was known when they were asked.", cite="Raft, section 8")
def Fresh(sim: Simulation) -> Iterator[str]:
    """No answer is from before something that was known when it was asked for."""
    return stale(operations(sim))


#: What ``python -m lessons.check sweep agreement/raft`` runs.
SWEEPS = {
    name: Sweep(
        trial,
        until=TRIAL + 0.25,
        complaints=(Served, Executed, Fresh),
        parameters={"size": size},
        operations=("users", "commands"),
    )
    for name, size in {"three": 3, "five": 5, "seven": 7}.items()
}
