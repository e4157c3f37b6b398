"""Raft: a log that a majority of servers agrees on (Ongaro and Ousterhout 2014; Ongaro's thesis 2014)."""

from __future__ import annotations

from lessons.agreement.raft.clients import Clients


class Raft(Clients):
    """A Raft server, whole. Its parts stand on each other, each in its module:

    ``Server`` (state, terms, timers), ``Application`` (commit and execution, snapshots),
    ``Replication``, ``Election``, ``Reads``, ``Membership``, ``Clients``.
    """
