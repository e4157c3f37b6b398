"""Raft: consensus on a log.

    sim = Simulation(seed=7)
    sim.add(["n1", "n2", "n3"], Raft, voters=("n1", "n2", "n3"))
    sim.add("ann", Proposer, servers=("n1", "n2", "n3"), commands=("x=1", "x=2"))
    trace = sim.run(until=2.0)
"""

from lessons.agreement.raft.log import Entry, Kind, Log
from lessons.agreement.raft.machine import Machine, Register
from lessons.agreement.raft.members import Members
from lessons.agreement.raft.messages import (
    ChangeMembers,
    Done,
    Lost,
    NotLeader,
    Propose,
    Query,
    Refused,
    TransferLeadership,
    Unknown,
)
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Options, Role

__all__ = [
    "ChangeMembers",
    "Done",
    "Entry",
    "Kind",
    "Log",
    "Lost",
    "Machine",
    "Members",
    "NotLeader",
    "Options",
    "Propose",
    "Query",
    "Raft",
    "Refused",
    "Register",
    "Role",
    "TransferLeadership",
    "Unknown",
]
