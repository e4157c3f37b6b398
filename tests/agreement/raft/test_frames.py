"""The longest messages of Raft fit into a frame of the real network: else a leader would send one again for ever."""

from __future__ import annotations

import pytest

from lessons.agreement.raft import Entry, Kind, Log, Options, Raft
from lessons.agreement.raft.log import size_of
from lessons.agreement.raft.messages import AppendEntries
from lessons.agreement.replicated_kv.rules import MOST_TEXT
from lessons.net import Vocabulary
from lessons.net.frames import MOST
from lessons.node.compact import compact

FULL = Options()


def length(entries: tuple[Entry, ...]) -> int:
    """Bytes of a message with these entries on the network."""
    return len(compact(Vocabulary.of(Raft).pack(AppendEntries(2**53, 2**53, 2**53, entries, 2**53, 2**53))))


@pytest.mark.parametrize("character", ["x", '"', "\x00", "\U0001f600"])
def test_a_command_as_long_as_it_may_be_fits_whatever_its_characters_are(character: str) -> None:
    longest = character * ((FULL.size - 2) // (size_of(character) - 2))
    assert FULL.size - 12 <= size_of(longest) <= FULL.size
    assert length((Entry(2**53, Kind.COMMAND, longest),)) < MOST - 1000


def test_so_does_a_batch_of_entries_however_many_there_are() -> None:
    log = Log([Entry(2**53, Kind.COMMAND, "\U0001f600" * 1000)] * 1000)
    batch = log.batch(1, 1000, FULL.size)
    assert len(batch) == FULL.size // 12_002
    assert length(batch) < MOST - 1000


def test_a_command_of_the_store_is_never_too_long_for_raft() -> None:
    time = 100  # characters that the leader adds
    assert size_of('"' * (MOST_TEXT + time)) <= FULL.size
