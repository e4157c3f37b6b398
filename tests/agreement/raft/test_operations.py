"""Every operation of a consensus engine, where it is and what proves it: a table that can't name what is not there.

What is left out, and why, stands in the chapter under *In real systems*.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Operation: where it is done (module.name), and the file that proves it.
OPERATIONS = {
    "begin anew from the disk, with nothing made up": ("server.Server.start", "test_figure_2_state"),
    "election timeouts, drawn anew for each term, on a clock that never jumps": (
        "server.Server.wait_for_leader", "test_elections"),
    "become a candidate: a new term and a vote, both on disk": ("election.Election.campaign", "test_elections"),
    "ask for votes, all at once, and count them by name": ("election.Election.count_votes", "test_figure_2_rules"),
    "pre-votes": ("election.Election.canvass", "test_elections"),
    "answer a request for a vote": ("election.Election.on_request_vote", "test_figure_2_request_vote"),
    "compare two logs": ("log.Log.is_up_to_date", "test_figure_2_request_vote"),
    "step down for a later term, an answer's too": ("replication.Replication.heard_from", "test_figure_2_rules"),
    "step down when no majority answers": ("election.Election.beat", "test_elections"),
    "become a leader: next and match anew, an entry to begin the term": (
        "replication.Replication.take_office", "test_figure_2_rules"),
    "heartbeats, to all at once": ("replication.Replication.beat", "test_flow"),
    "replicate at once, in batches, with a window": ("replication.Replication.replicate", "test_flow"),
    "answer entries: refuse, cut, append, sync": (
        "replication.Replication.on_append_entries", "test_figure_2_append_entries"),
    "find any conflict, not the first entry's only": ("log.Log.news", "test_figure_2_append_entries"),
    "back up over whole terms": ("replication.Replication.refusal", "test_figure_7"),
    "the commit index, of even numbers of servers too": ("members.Members.agreed", "test_members"),
    "commit entries of the own term alone": ("replication.Replication.advance", "test_figure_8"),
    "execute in order, without a gap": ("application.Application.commit_to", "test_figure_2_rules"),
    "propose, and hear what became of it": ("clients.Clients.on_propose", "test_proposals"),
    "a proposal that the disk refuses is never executed": ("replication.Replication.append", "test_proposals"),
    "a leader's name for whoever asks another": ("messages.NotLeader", "test_proposals"),
    "a log on disk that can be torn anywhere": ("storage.Storage.load", "test_storage"),
    "any text as a command, also with commas and ends of lines": ("storage.Storage.save_entries", "test_proposals"),
    "snapshots, and a log without what they stand for": ("application.Application.compact", "test_snapshots"),
    "send a snapshot in pieces": ("replication.Replication.send_piece", "test_snapshots"),
    "take a snapshot over": ("replication.Replication.on_install_snapshot", "test_snapshots"),
    "change the members jointly": ("membership.Membership.leave_joint", "test_joint_changes"),
    "change the members one at a time": ("membership.Membership.objection", "test_membership"),
    "learners": ("membership.Membership.is_caught_up", "test_membership"),
    "servers that were removed, and do not disturb": ("election.Election.has_leader", "test_removed_servers"),
    "hand leadership over": ("clients.Clients.on_transfer_leadership", "test_transfer"),
    "read by read index": ("reads.Reads.confirm", "test_reads"),
    "a read index for what is built on top": ("reads.Reads.read_index", "test_reads"),
    "read by lease": ("reads.Reads.extend_lease", "test_reads"),
    "a cluster of one": ("members.Members.is_quorum", "test_elections"),
    "a full disk": ("server.unless_full", "test_full_disk"),
    "show what a server is at": ("server.Server.watched", "test_view"),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_is_there_and_has_tests(operation: str) -> None:
    place, proof = OPERATIONS[operation]
    module, *names = place.split(".")
    found = import_module(f"lessons.agreement.raft.{module}")
    for name in names:
        found = getattr(found, name)
    assert "def test_" in (HERE / f"{proof}.py").read_text(encoding="utf8")
