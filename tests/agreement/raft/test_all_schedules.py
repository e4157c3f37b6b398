"""Every order of events of a small cluster of Raft, to the end: nothing is broken. See also the explorer's hunts."""

from __future__ import annotations

from lessons.agreement.raft import Options, Raft
from lessons.agreement.raft.invariants import SAFETY
from lessons.agreement.raft.ledger import prepared
from lessons.agreement.raft.runs import staged
from lessons.check import Explorer
from lessons.sim import Constant, DiskModel, Link, Simulation


def election() -> Simulation:
    """Three servers; their timeouts do not matter here."""
    return staged(Raft, dict.fromkeys(("n1", "n2", "n3"), 0.15))


def test_no_schedule_of_raft_elects_two_leaders() -> None:
    stand_once = {"n1.election_timeout": 1, "n3.election_timeout": 1}
    found = Explorer(election, timers=stand_once, crashes={"n2": 1}).run()
    assert found.outcome == "exhausted" and found.states > 50_000


def behind() -> Simulation:
    """n1 leads with n2, has executed three entries and compacted them; n3 was down, has nothing, and is back at 0.3."""
    sim = Simulation(1, network=Link(Constant(0.001)), disk=DiskModel(keep=0.0), invariants=SAFETY)
    for name, timeout, terms in ("n1", 0.15, (1, 1)), ("n2", 9.0, (1, 1)), ("n3", 9.0, ()):
        options = Options(election=(timeout, timeout), compact_after=2, chunk=1, pre_vote=False, check_quorum=False)
        sim.add(name, prepared(Raft), terms=terms, term=1, voters=("n1", "n2", "n3"), options=options)
    sim.at(0.0).crash("n3")
    sim.at(0.3).restart("n3")
    return sim


def test_whatever_becomes_of_the_pieces_of_a_snapshot_nothing_is_broken() -> None:
    found = Explorer(behind, after=0.301, timers={"n1.beat": 2}).run()
    assert found.outcome == "exhausted" and found.states > 1000
