"""Every operation of a replicated key-value store, where it is and what proves it: a table that can't name what is not.

What is left out, and why, stands in the chapter under *In real systems*.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Operation: where it is done (module.name), and the file that proves it.
OPERATIONS = {
    "found a cluster, or begin anew from the disk": ("server.KVServer.start", "test_status"),
    "put, delete, of one key or a range": ("keyspace.Keyspace.put", "test_keyspace"),
    "append": ("keyspace.Keyspace.append", "test_keyspace"),
    "get, of one key or a range or a prefix": ("keyspace.Keyspace.find", "test_keyspace"),
    "compare and swap": ("client.KVClient.cas", "test_client"),
    "transactions: compare, then, otherwise": ("machine.KVMachine.transact", "test_transactions"),
    "all of a transaction or nothing": ("keyspace.Keyspace.undo", "test_transactions"),
    "revisions: of the store, and create, modify, version of a key": ("keyspace.Keyspace.seal", "test_keyspace"),
    "values of any text or bytes": ("text.plain", "test_commands"),
    "limits of sizes, and bad input refused in words": ("rules.refuse", "test_commands"),
    "text that is no command changes nothing": ("text.from_text", "test_commands"),
    "an answer after it was executed, and not before": ("drafts.AnswersEarly.expect", "test_drafts"),
    "the leader's name for whoever asks another": ("calls.Caller.redirect", "test_client"),
    "no endless redirects": ("calls.Caller.insist", "test_client"),
    "open, keep and close a session": ("client.KVClient.open_session", "test_client"),
    "exactly once: the same answer to the same request": ("machine.KVMachine.once", "test_sessions"),
    "several requests under way": ("machine.KVMachine.first_time", "test_sessions"),
    "answers are kept until they are acknowledged": ("sessions.Session.acknowledge", "test_sessions"),
    "sessions expire by agreed time": ("sessions.Sessions.end_idle", "test_sessions"),
    "sessions expire by number": ("sessions.Sessions.open", "test_sessions"),
    "grant, keep alive and revoke a lease": ("machine.KVMachine.lease", "test_leases"),
    "keys that hang on a lease": ("machine.KVMachine.expire", "test_leases"),
    "leases expire by agreed time": ("machine.KVMachine.pass_time", "test_leases"),
    "agreed time": ("timekeeping.TimeKeeping.stamped", "test_time"),
    "say the time when something is due": ("timekeeping.TimeKeeping.tick", "test_time"),
    "how long a lease lives": ("machine.KVMachine.lease_status", "test_leases"),
    "linearizable reads at the leader": ("reading.Reading.read_index_of_round", "test_reading"),
    "linearizable reads by lease": ("reading.Reading.ask_for_index", "test_reading"),
    "linearizable reads at followers": ("reading.Reading.on_read_index", "test_reading"),
    "bounded staleness": ("reading.Reading.recent_index", "test_reading"),
    "reads of a session, and stale reads, called so": ("messages.Consistency", "test_reading"),
    "watch a key, a range, a prefix from a revision on": ("watching.Watching.on_watch", "test_watching"),
    "a bounded history, and a word for what is gone": ("messages.Compacted", "test_watching"),
    "watches that survive servers and leaders": ("streams.Stream.turn_away", "test_watching"),
    "snapshots of all of that": ("machine.KVMachine.snapshot", "test_sessions"),
    "the cluster's status": ("server.KVServer.on_status", "test_status"),
    "what a client knows goes on record, and no more": ("client.KVClient.recorded", "test_client"),
    "a room for users": ("lab.kv_lab", "test_lab"),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_is_there_and_has_tests(operation: str) -> None:
    place, proof = OPERATIONS[operation]
    module, *names = place.split(".")
    found = import_module(f"lessons.agreement.replicated_kv.{module}")
    for name in names:
        found = getattr(found, name)
    assert "def test_" in (HERE / f"{proof}.py").read_text(encoding="utf8")
