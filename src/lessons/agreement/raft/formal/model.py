"""Visiting every state of a small Raft: the configurations ``spec/RaftModel-*.cfg``."""

from __future__ import annotations

from lessons.agreement.raft.formal.validation import specification
from lessons.real.tla import Found, tlc

#: The configurations, and what each lets happen.
MODELS = {
    "elections": "elections in two terms, and a crash",
    "pre-votes": "servers that ask around first",
    "replication": "a leader, its first entry, and a crash",
    "snapshots": "a leader, and snapshots in the place of its entry",
    "terms": "two leaders, and what they leave to each other (minutes)",
}


def visit(name: str) -> Found:
    """What TLC finds in all states of a model.

    Raises LookupError for a name that no model has, Missing without Java or TLC.
    """
    if name not in MODELS:
        raise LookupError(f"name is {name!r}: there are {', '.join(MODELS)}")
    config = specification(f"RaftModel-{name}.cfg").read_text(encoding="utf8")
    return tlc(specification("RaftModel.tla"), config, [specification("Raft.tla")])
