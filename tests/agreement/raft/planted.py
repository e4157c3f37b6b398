"""Servers with a planted bug, beside the chapter's drafts: each is Raft but for one rule, to show what it is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lessons.agreement.raft import Raft
from lessons.agreement.raft.messages import AppendEntries, RequestVote
from lessons.agreement.raft.storage import Storage


class VotesForAnybody(Raft):
    """Does not compare logs (against section 5.4.1)."""

    def is_up_to_date(self, request: RequestVote) -> bool:
        return True


class AcknowledgesEarly(Raft):
    """Says that it has entries before its disk does."""

    def on_append_entries(self, leader: str, append: AppendEntries) -> None:
        with late(self.storage):
            super().on_append_entries(leader, append)


@contextmanager
def late(storage: Storage) -> Iterator[None]:
    """Put off every sync to the end."""
    sync = storage.sync
    storage.sync = lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        storage.sync = sync  # type: ignore[method-assign]
        storage.sync()


class Unprotected(Raft):
    """Hears candidates although it has just heard its leader (against thesis 4.2.3)."""

    def has_leader(self) -> bool:
        return False
