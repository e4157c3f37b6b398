"""A linearizable key-value store on Raft: transactions, leases, watches, and writes that count once.

    sim = Simulation(seed=7)
    sim.add(["n1", "n2", "n3"], KVServer, voters=("n1", "n2", "n3"))

    class Shopper(KVClient):
        async def session(self):
            await self.append("list", "milk ")
            if await self.cas("owner", None, "ann"):
                self.note("ours", list=await self.get("list"))

    sim.add("ann", Shopper, servers=("n1", "n2", "n3"))
    trace = sim.run(until=2.0)
"""

from lessons.agreement.replicated_kv.answers import Decided, Event, Found, Leased, Record
from lessons.agreement.replicated_kv.calls import Rejected, SessionLost, Unanswered
from lessons.agreement.replicated_kv.client import KVClient
from lessons.agreement.replicated_kv.commands import (
    Append,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    LeaseStatus,
    Put,
    Revoke,
    Txn,
    prefix_end,
)
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.messages import Consistency, Report
from lessons.agreement.replicated_kv.rules import BadCommand, Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.streams import Stream
from lessons.agreement.replicated_kv.text import from_text, to_text

__all__ = [
    "Append",
    "BadCommand",
    "Command",
    "Compare",
    "Consistency",
    "Decided",
    "Delete",
    "Event",
    "Found",
    "Get",
    "Grant",
    "KVClient",
    "KVMachine",
    "KVServer",
    "KeepAlive",
    "LeaseStatus",
    "Leased",
    "Limits",
    "Put",
    "Record",
    "Rejected",
    "Report",
    "Revoke",
    "SessionLost",
    "Stream",
    "Txn",
    "Unanswered",
    "from_text",
    "prefix_end",
    "to_text",
]
