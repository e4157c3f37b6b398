"""Messages that come late, twice, or in another order: a follower says yes only to what it has, and keeps it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.agreement.raft import Entry
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, AppendEntries, Installed
from tests.agreement.raft.stage import Stage, append, entries, piece

RANDOM = settings(derandomize=True, deadline=None, max_examples=150, database=None)

#: The leader of term 4 has committed the first three entries of the leader of term 2, and replaced the rest.
OLD = entries(1, 1, 2, 2, 2, 2)
NEW = (*OLD[:3], *entries(4, 4, 4, 4, start=4))
COMMITTED = 3


def messages(log: tuple[Entry, ...], term: int, commit: int) -> st.SearchStrategy[AppendEntries]:
    """What a leader with this log may have sent at any time in its term."""

    @st.composite
    def some(draw: st.DrawFn) -> AppendEntries:
        before = draw(st.integers(0, len(log)))
        end = draw(st.integers(before, len(log)))
        known = draw(st.integers(0, commit))
        return append(term, before, log[before - 1].term if before else 0, *log[before:end], commit=known)

    return some()


from_both = st.lists(messages(OLD, 2, COMMITTED) | messages(NEW, 4, len(NEW)), min_size=1, max_size=12)


@given(from_both)
@RANDOM
def test_whatever_is_acknowledged_is_in_the_log(sent: list[AppendEntries]) -> None:
    stage = Stage(machine=Ledger)
    agreed: dict[int, tuple[Entry, ...]] = {2: (), 4: ()}
    for message in sent:
        leader = "n2" if message.term == 2 else "n3"
        answer = stage.ask(leader, message)
        assert isinstance(answer, Appended)
        if answer.success:
            log = OLD if message.term == 2 else NEW
            assert stage.server.log.entries[: answer.index] == log[: answer.index]
            agreed[message.term] = max(agreed[message.term], log[: answer.index], key=len)
        # What one leader was told stays as long as no later leader has written.
        told = agreed[4] if stage.server.term == 4 else agreed[2]
        assert stage.server.log.entries[: len(told)] == told


@given(from_both)
@RANDOM
def test_whatever_is_executed_is_what_the_leaders_have_committed(sent: list[AppendEntries]) -> None:
    stage = Stage(machine=Ledger)
    for message in sent:
        stage.say("n2" if message.term == 2 else "n3", message)
        assert tuple(stage.server.machine.commands) == tuple(entry.data for entry in NEW[: stage.server.commit])


@given(from_both)
@RANDOM
def test_afterwards_the_leader_can_bring_the_log_to_its_own(sent: list[AppendEntries]) -> None:
    stage = Stage(machine=Ledger)
    for message in sent:
        stage.say("n2" if message.term == 2 else "n3", message)
    stage.forget()
    assert stage.ask("n3", append(4, 0, 0, *NEW, commit=len(NEW))) == Appended(4, True, len(NEW), 0)
    assert stage.server.log.entries == NEW
    assert stage.server.machine.commands == [entry.data for entry in NEW]


@given(st.lists(st.integers(0, 4), max_size=20), st.sets(st.integers(0, 19), max_size=3))
@RANDOM
def test_pieces_of_a_snapshot_in_any_order_make_the_snapshot_or_nothing(order: list[int], crashes: set[int]) -> None:
    data, stage = b"snapshot", Stage()
    for turn, number in enumerate(order):
        part = data[2 * number : 2 * number + 2]
        answer = stage.ask("n2", piece(1, 9, 1, 2 * number, part, number == 4))
        assert isinstance(answer, Installed) and answer.offset <= len(data)
        assert answer.done == (stage.server.base == 9)
        assert stage.server.machine.text == (data.decode() if answer.done else "")
        if turn in crashes:
            stage.crash()
            stage.forget()
