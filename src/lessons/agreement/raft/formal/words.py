"""Entries, messages and states of servers, as ``spec/Raft.tla`` writes them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.messages import (
    Appended,
    AppendEntries,
    Installed,
    InstallSnapshot,
    RequestVote,
    TimeoutNow,
    Vote,
)

NOBODY = "nobody"
Spoken = RequestVote | Vote | AppendEntries | Appended | InstallSnapshot | Installed | TimeoutNow


def entry(entry: Entry) -> dict[str, Any]:
    """An entry of a log. Raises ValueError for a change of members: the specification has none."""
    if entry.kind is Kind.MEMBERS:
        raise ValueError(f"entry is {entry}: the specification knows no changes of members")
    return {"term": entry.term, "value": entry.data if entry.kind is Kind.COMMAND else "noop"}


def said(message: Spoken, sender: str, to: str) -> dict[str, Any]:
    """A message between servers."""
    fields: dict[str, Any] = {"type": type(message).__name__, "from": sender, "to": to, "term": message.term}
    match message:
        case RequestVote():
            fields |= {"lastIndex": message.last_index, "lastTerm": message.last_term, "pre": message.pre}
        case Vote():
            fields |= {"granted": message.granted, "pre": message.pre}
        case AppendEntries():
            fields |= {"prevIndex": message.prev_index, "prevTerm": message.prev_term, "commit": message.commit}
            fields |= {"entries": tuple(entry(each) for each in message.entries)}
        case Appended():  # where a follower that refuses would rather go on is only a hint
            fields |= {"success": message.success, "index": message.index if message.success else 0}
        case InstallSnapshot():
            fields |= {"lastIndex": message.last_index, "lastTerm": message.last_term}
        case Installed():
            fields |= {"lastIndex": message.last_index, "done": message.done}
    return fields


def seen(state: Mapping[str, Any]) -> dict[str, Any]:
    """What a server shows of itself."""
    return {
        "term": state["term"],
        "vote": state["vote"] or NOBODY,
        "role": state["role"].value,
        "commit": state["commit"],
        "base": state["base"],
        "entries": tuple(entry(each) for each in state["entries"]),
    }
