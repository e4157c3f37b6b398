"""Random faults find every draft, each in a world that gives it a chance; the store comes through the same runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from lessons.agreement.raft import Options
from lessons.agreement.raft.runs import DISK, NETWORK
from lessons.agreement.replicated_kv import drafts
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.invariants import STORE, Linearizable
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.users import Shopper
from lessons.sim import Action, Nemesis, Simulation
from tests.agreement.replicated_kv.sweeps import trial_of

SEEDS = 20  # at most
NAMES = ("n1", "n2", "n3")
CUTS = Nemesis(("partition",), every=0.35, lasting=0.45)


class Clerk(Shopper):
    """Reads more than it writes, all of it under one key."""

    async def act(self, chance: Random, text: str) -> None:
        if chance.random() < 0.3:
            await self.put("x", text)
        else:
            self.target = chance.choice(self.servers)
            await self.get("x")


def cuts_among_servers(rng: Random) -> Iterator[Action]:
    """Partitions that clients can look across."""
    for action in CUTS.plan(rng, NAMES, 0.1, 2.0):
        if action.name == "partition":
            (side,) = action.args["groups"]
            rest = [name for name in NAMES if name not in side]
            action = Action(action.at, "bridge", {"node": "ann", "left": side, "right": rest})
        yield action


def clerks(seed: int, kind: type[KVServer], options: Options, *rates: float) -> str | None:
    """What is wrong with a run in which three clerks look at both sides of cuts, and servers' clocks run so fast."""
    sim = Simulation(seed, network=NETWORK, disk=DISK, invariants=STORE)
    sim.add(NAMES, audited(kind), voters=NAMES, options=options)
    for name in ("ann", "bob", "cat"):
        steps = tuple(f"{name}{number}" for number in range(40))
        sim.add(name, Clerk, servers=NAMES, steps=steps, salt=seed, pause=0.04)
    for name, rate in zip(NAMES, rates, strict=False):
        sim.at(0.0).drift_clock(name, rate)
    sim.apply(cuts_among_servers(Random(f"{seed}/n")))
    violation = sim.run(3.0).violation
    return violation.invariant if violation else Linearizable.__name__ if Linearizable(sim) else None


def trial(seed: int, kind: type[KVServer]) -> str | None:
    """What is wrong with the chapter's own trial."""
    finding = trial_of(seed, kind).finding
    return finding and finding.name


def paper(seed: int, kind: type[KVServer]) -> str | None:
    """Clerks, and servers that do not notice that nobody hears them."""
    return clerks(seed, kind, Options(pre_vote=False, check_quorum=False))


def drifting(seed: int, kind: type[KVServer]) -> str | None:
    """Clerks, and clocks that differ threefold."""
    return clerks(seed, kind, Options(election=(0.15, 0.17)), 0.5, 1.5, 1.5)


@pytest.mark.parametrize(
    ("draft", "broken", "run"),
    [
        (drafts.ExecutesEveryCopy, "ExactlyOnce", trial),
        (drafts.RemembersNumbers, "Linearizable", trial),
        (drafts.SnapshotsKeysAlone, "ExactlyOnce", trial),
        (drafts.AnswersEarly, "Linearizable", trial),
        (drafts.ReadsAtOnce, "Linearizable", paper),
        (drafts.TrustsItsClock, "Linearizable", drifting),
        (drafts.ExpiresByOwnClock, "SameState", trial),
        (drafts.ExpiresByOwnClock, "ExpiredTogether", trial),
        (drafts.TellsOnlyNews, "StreamsArePrefixes", trial),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_random_faults_find_the_draft_and_the_store_comes_through_the_same_runs(
    draft: type[KVServer], broken: str, run: Callable[[int, type[KVServer]], str | None]
) -> None:
    found = next((seed for seed in range(SEEDS) if run(seed, draft) == broken), None)
    assert found is not None
    assert {run(seed, KVServer) for seed in range(found + 1)} == {None}
