"""The store to look at: Raft's picture of the logs, with the commands in words, and what each replica has.

play(kv_run(7, kind=shown()).run(until=1.0), **VIEW, title="A store", caption="...")
versus(ExecutesEveryCopy, title="Milk", caption="...")     # a draft and the store, side by side
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lessons.agreement.raft import Done, Entry, Kind, NotLeader, Propose
from lessons.agreement.raft.messages import AppendEntries
from lessons.agreement.raft.view import LOGS as RAFT_LOGS
from lessons.agreement.raft.view import LOOK as RAFT_LOOK
from lessons.agreement.raft.view import Watched
from lessons.agreement.raft.view import on_message as on_raft_message
from lessons.agreement.replicated_kv.answers import ANSWERS, Changed, Decided, Found, Granted, NoSession, Opened
from lessons.agreement.replicated_kv.breaks import broken_by
from lessons.agreement.replicated_kv.commands import (
    QUESTIONS,
    Append,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    Operation,
    Put,
    Revoke,
    Txn,
)
from lessons.agreement.replicated_kv.messages import Read, ReadIndex, Told, Watch
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.text import from_text
from lessons.viz import Logs, Look, Player, compare


class Shown(Watched):
    """A server that shows what it has: ``store``, its keys and values; ``sessions``, with the requests it remembers."""

    watched = (
        "store", "sessions", "role", "term", "commit", "base", "entries", "next", "match", "timer",
    )  # type: ignore[assignment] # fmt: skip
    machine: Any

    @property
    def store(self) -> str:
        """Keys and values, as words."""
        records = self.machine.keyspace.records
        return ", ".join(f"{key}={bare(records[key].value)}" for key in self.machine.keyspace.order) or "nothing"

    @property
    def sessions(self) -> str:
        """Sessions and the numbers of the requests whose answers are kept, as words."""
        kept = ((number, sorted(session.answers)) for number, session in self.machine.sessions.all.items())
        return "; ".join(f"{number}: {', '.join(map(str, answers)) or 'none'}" for number, answers in kept)


def shown(kind: type[KVServer] = KVServer) -> type[KVServer]:
    """``kind``, a server or a draft of one, under its own name, with what ``Shown`` shows."""
    return type(kind.__name__, (Shown, kind), {"__doc__": kind.__doc__, "__module__": kind.__module__})


def bare(value: object) -> str:
    """A value without quotation marks; nothing for none."""
    return "" if value is None else value.strip() if isinstance(value, str) else str(value)


def in_words(do: Operation) -> str:
    """An operation in a few letters."""
    match do:
        case Put(key, value):
            return f"{key}={bare(value)}"
        case Append(key, value):
            return f"{key}+{bare(value)}"
        case Delete(key):
            return f"-{key}"
        case Get(key):
            return f"{key}?"
        case Txn((Compare(key, _, _, old), *_), (Put(_, new), *_)):
            return f"{key}:{bare(old)}→{bare(new)}"
        case Grant(ttl):
            return f"lease {ttl:g}"
        case KeepAlive(lease):
            return f"keep {lease}"
        case Revoke(lease):
            return f"end {lease}"
    return type(do).__name__.lower()


def on_entry(entry: Entry) -> str:
    """The few letters that stand on an entry of the log."""
    if entry.kind is not Kind.COMMAND:
        return "no-op" if entry.kind is Kind.NOOP else "members"
    return in_words(from_text(entry.data, Command).do)


def answered(done: Done) -> str:
    """What an answer says."""
    if not done.result:
        return f"executed to {done.index}"
    match from_text(done.result, *ANSWERS):
        case Found(_, records):
            return ", ".join(f"{record.key}={bare(record.value)}" for record in records) or "nothing there"
        case Changed():
            return "done"
        case Decided(_, succeeded):
            return "done" if succeeded else "condition failed"
        case Opened(session):
            return f"session {session}"
        case Granted(lease):
            return f"lease {lease}"
        case NoSession():
            return "no session"
    return ""


def on_message(message: Any) -> str:
    """The few words that stand on a message in flight; none where its class says it all."""
    match message:
        case Propose(text):
            command = from_text(text, Command)
            return in_words(command.do) + (f" #{command.number}" if command.number else "")
        case Read(question):
            return in_words(from_text(question, *QUESTIONS))
        case Done():
            return answered(message)
        case NotLeader(leader):
            return f"ask {leader}" if leader else "no leader"
        case AppendEntries(entries=(entry,)):
            return f"append {on_entry(entry)}"
        case ReadIndex():
            return "read index?"
        case Watch():
            return f"watch from {message.since}"
        case Told():
            return f"{len(message.events)} events"
    return on_raft_message(message)


LOOK: Look = replace(RAFT_LOOK, captions={"term": "term", "store": "has"}, label=on_message)
LOGS: Logs = replace(RAFT_LOGS, label=on_entry)
#: The options of ``play`` and ``compare`` for runs of ``shown`` servers.
VIEW: dict[str, Any] = {"look": LOOK, "logs": LOGS, "layout": ("cluster", "table", "logs", "lanes", "events")}


def versus(draft: type[KVServer], **options: Any) -> Player:
    """A draft and the store side by side, in the shortest run that breaks the draft; ``options`` are ``play``'s."""
    found = broken_by(draft)
    names = (draft.__name__, KVServer.__name__)
    narrow = VIEW | {"layout": ("cluster", "logs", "lanes", "events")}
    return compare(found.run(shown(draft)), found.run(shown()), labels=names, **(narrow | options))
