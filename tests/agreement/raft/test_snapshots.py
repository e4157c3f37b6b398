"""Snapshots: taken, sent in pieces, taken over (paper, section 7 and Figure 13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lessons.agreement.raft import Done, Entry, Kind, Log, Members, Options, Propose, Query
from lessons.agreement.raft.ledger import Ledger
from lessons.agreement.raft.messages import Appended, AppendEntries, Installed, InstallSnapshot
from lessons.sim import Constant, Link, Uniform
from lessons.trace import Sent
from tests.agreement.raft.stage import QUIET, Stage, append, entries, piece
from tests.agreement.raft.troupe import STEADY, Troupe

COMPACT = replace(QUIET, compact_after=3)


# Taking one


def test_what_is_executed_is_compacted_after_so_many_entries() -> None:
    stage = Stage(options=COMPACT, machine=Ledger)
    stage.fill(1, 1, 1, 1, commit=2)
    assert (stage.server.base, stage.terms) == (0, [1, 1, 1, 1])
    stage.say("n2", append(1, 4, 1, commit=3))
    assert (stage.server.base, stage.terms, stage.server.snapshot.data) == (3, [1], b"x1 x2 x3")


def test_a_server_starts_from_its_snapshot_and_executes_nothing_in_it_again() -> None:
    stage = Stage(options=COMPACT, machine=Ledger)
    stage.fill(1, 1, 1, 1, commit=3)
    stage.crash()
    assert (stage.server.commit, stage.server.applied, stage.server.machine.commands) == (3, 3, ["x1", "x2", "x3"])
    stage.say("n2", append(1, 4, 1, commit=4))
    assert stage.server.machine.commands == ["x1", "x2", "x3", "x4"]


def test_entries_that_are_in_the_snapshot_already_are_taken_as_agreed() -> None:
    stage = Stage(options=COMPACT, machine=Ledger)
    stage.fill(1, 1, 1, 1, commit=3)
    assert stage.ask("n2", append(2, 1, 1, *entries(1, 1, 1, 2, start=2))) == Appended(2, True, 5, 0)
    assert stage.terms == [1, 2]
    assert stage.ask("n2", append(2, 0, 0, *entries(1))) == Appended(2, True, 1, 0)
    assert stage.terms == [1, 2]


def test_a_log_without_a_snapshot_is_sent_as_entries() -> None:
    troupe = Troupe({"n1": [1] * 30, "n2": (), "n3": ()}, term=1, options=replace(STEADY, batch=4))
    troupe.elect("n1")
    troupe.wait(3.0)
    assert troupe.terms("n2") == [1] * 30 + [2]
    assert not [event for event in troupe.sim.trace.only(Sent) if isinstance(event.message, InstallSnapshot)]


# Taking one over (Figure 13, receiver)


def test_step_1_a_leader_of_an_older_term_is_refused() -> None:
    stage = Stage()
    stage.fill(term=5)
    assert stage.ask("n3", piece(4, 9, 4, 0, b"x", True)) == Installed(5, 9, 0, False, 0)
    assert stage.server.base == 0


def test_steps_2_to_4_pieces_are_put_together_and_the_server_waits_for_the_last() -> None:
    stage = Stage()
    answers = [stage.ask("n2", piece(1, 9, 1, at, data, at == 4)) for at, data in [(0, b"ab"), (2, b"cd"), (4, b"e")]]
    assert answers == [Installed(1, 9, 2, False, 0), Installed(1, 9, 4, False, 0), Installed(1, 9, 5, True, 0)]
    assert (stage.server.applied, stage.server.commit, stage.server.base) == (9, 9, 9)
    assert stage.server.machine.text == "abcde"


def test_pieces_that_come_twice_or_too_early_do_no_harm() -> None:
    stage = Stage()
    heard = []
    for at, data, done in [(2, b"cd", False), (0, b"ab", False), (4, b"e", True), (0, b"ab", False), (2, b"cd", False),
                           (2, b"cd", False), (4, b"e", True), (4, b"e", True)]:  # fmt: skip
        heard.append(stage.ask("n2", piece(1, 9, 1, at, data, done)).offset)
    assert heard[:6] == [0, 2, 2, 2, 4, 4]
    assert stage.server.machine.text == "abcde"


def test_step_5_a_piece_of_a_newer_snapshot_begins_anew() -> None:
    stage = Stage()
    stage.say("n2", piece(1, 9, 1, 0, b"ab", False))
    assert stage.ask("n2", piece(1, 12, 1, 2, b"XX", True)) == Installed(1, 12, 0, False, 0)
    stage.say("n2", piece(1, 12, 1, 0, b"new", True))
    assert (stage.server.machine.text, stage.server.base) == ("new", 12)


def test_a_piece_of_another_leader_begins_anew() -> None:
    # The same state may be other bytes there.
    stage = Stage()
    stage.say("n2", piece(1, 9, 1, 0, b"ab", False))
    assert stage.ask("n3", piece(2, 9, 1, 2, b"XX", True)) == Installed(2, 9, 0, False, 0)
    stage.say("n3", piece(2, 9, 1, 0, b"AB", False), piece(2, 9, 1, 2, b"C", True))
    assert stage.server.machine.text == "ABC"


def test_step_6_what_follows_the_snapshot_in_the_log_is_kept_if_its_last_entry_is_ours() -> None:
    stage = Stage(machine=Ledger)
    stage.fill(1, 1, 2, 2, 2)
    stage.say("n3", piece(3, 3, 2, 0, b"a b c", True))
    assert (stage.server.base, stage.log) == (3, [(2, "x4"), (2, "x5")])
    stage.say("n3", append(3, 5, 2, commit=4))
    assert stage.server.machine.commands == ["a", "b", "c", "x4"]


def test_step_6_is_durable() -> None:
    stage = Stage(machine=Ledger)
    stage.fill(1, 1, 2, 2, 2)
    stage.say("n3", piece(3, 3, 2, 0, b"a b c", True))
    stage.crash()
    assert (stage.server.term, stage.server.base, stage.log) == (3, 3, [(2, "x4"), (2, "x5")])
    assert stage.server.machine.commands == ["a", "b", "c"]


@pytest.mark.parametrize(("index", "term"), [(3, 1), (3, 3), (5, 3), (9, 2)])
def test_step_7_otherwise_the_whole_log_goes(index: int, term: int) -> None:
    stage = Stage(machine=Ledger)
    stage.fill(1, 1, 2, 2, 2)
    stage.say("n3", piece(4, index, term, 0, b"a", True))
    assert (stage.server.base, stage.log, stage.server.log.last_term) == (index, [], term)


def test_step_8_the_machine_and_the_configuration_are_those_of_the_snapshot() -> None:
    stage = Stage(machine=Ledger)
    stage.fill(1, 1, commit=2)
    stage.say("n3", piece(2, 9, 2, 0, b"a b", True, Members(("n1", "ann"), ("bob",)).to_text()))
    assert stage.server.machine.commands == ["a", "b"]
    assert stage.server.members == Members(("n1", "ann"), ("bob",))


def test_a_snapshot_that_reaches_no_further_than_what_is_committed_changes_nothing() -> None:
    stage = Stage(machine=Ledger)
    stage.fill(1, 1, 1, commit=3)
    assert stage.ask("n2", piece(1, 3, 1, 0, b"other", True)) == Installed(1, 3, 0, True, 0)
    assert (stage.server.base, stage.server.machine.commands) == (0, ["x1", "x2", "x3"])


def test_an_empty_state_is_a_snapshot_too() -> None:
    stage = Stage(options=COMPACT)
    none = (Entry(1, Kind.NOOP),) * 3
    stage.say("n2", append(1, 0, 0, *none, commit=3))
    assert stage.server.snapshot.data == b""
    stage.crash()
    assert (stage.server.base, stage.server.machine.text) == (3, "")
    other = Stage()
    assert other.ask("n2", piece(1, 3, 1, 0, b"", True)).done


def test_a_crash_in_the_middle_of_a_transfer_begins_it_anew() -> None:
    stage = Stage()
    stage.say("n2", piece(1, 9, 1, 0, b"ab", False))
    stage.crash()
    assert stage.ask("n2", piece(1, 9, 1, 2, b"cd", True)) == Installed(1, 9, 0, False, 0)


@pytest.mark.parametrize("base", [0, 2])
@pytest.mark.parametrize("index", [2, 3, 6, 9])
@pytest.mark.parametrize("term", [1, 2, 3])
def test_the_log_behind_a_snapshot_is_what_the_old_log_had_there_or_nothing(base: int, index: int, term: int) -> None:
    old = Log(entries(1, 1, 2, 2, 2, 3)[base:], base, 1 if base else 0)
    kept = old.after(index, term)
    assert (kept.base, kept.base_term) == (index, term)
    assert kept.entries == (old.entries[index - base :] if old.term_at(index) == term else ())


# Sending one


def behind(options: Options, link: Link | None = None, seed: int = 1, count: int = 40) -> Troupe:
    """n1 leads n2 and has compacted its log; n3 was away, has an empty log, and is about to come back."""
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, options=options, link=link, seed=seed, machine=Ledger)
    troupe.sim.faults.crash("n3")
    while troupe.server("n1").role.value != "leader":
        troupe.stand("n1")
        troupe.wait(1.0)
    for number in range(count):
        troupe.say("n1", Propose(f"command{number}"))
    troupe.wait(5.0)
    assert troupe.server("n1").base > 0
    return troupe


def pieces(troupe: Troupe) -> list[InstallSnapshot]:
    """All pieces that n1 has sent to n3."""
    sent = troupe.sim.trace.only(Sent, node="n1")
    return [event.message for event in sent if isinstance(event.message, InstallSnapshot) and event.to == "n3"]


def has_caught_up(troupe: Troupe) -> bool:
    """Whether n3 is where n1 is."""
    n1, n3 = troupe.server("n1"), troupe.server("n3")
    same: bool = n1.machine.commands == n3.machine.commands and n1.log.last == n3.log.last
    return same


SLICED = replace(STEADY, compact_after=10, chunk=32, heartbeat=0.05)


def test_a_follower_that_is_far_behind_gets_the_snapshot_in_pieces_one_after_the_other() -> None:
    troupe = behind(SLICED)
    troupe.sim.faults.restart("n3")
    troupe.wait(1.0)
    assert has_caught_up(troupe)
    sent = [piece for piece in pieces(troupe) if piece.last_index == troupe.server("n1").base]
    data = troupe.server("n1").snapshot.data
    offsets = sorted({piece.offset for piece in sent})
    assert offsets == list(range(0, len(data), 32))
    assert all(piece.data == data[piece.offset : piece.offset + 32] for piece in sent)
    assert {piece.offset for piece in sent if piece.done} == {offsets[-1]}


def test_slow_links_and_copies_do_not_multiply_the_pieces() -> None:
    # Each piece takes three heartbeats: none of them may begin a second transfer beside the first.
    troupe = behind(SLICED, link=Link(Constant(0.075), duplicate=0.5))
    troupe.sim.faults.restart("n3")
    before = len(pieces(troupe))
    troupe.wait(10.0)
    assert has_caught_up(troupe)
    needed = -(-len(troupe.server("n1").snapshot.data) // 32)
    assert len(pieces(troupe)) - before <= 4 * needed


@pytest.mark.parametrize("seed", range(8))
def test_loss_copies_and_reordering_only_delay_it(seed: int) -> None:
    troupe = behind(SLICED, link=Link(Uniform(0.001, 0.08), loss=0.3, duplicate=0.4), seed=seed)
    troupe.sim.faults.restart("n3")
    troupe.wait(30.0)
    assert has_caught_up(troupe)


@pytest.mark.parametrize("seed", range(8))
def test_a_newer_snapshot_in_the_middle_of_a_transfer_comes_after_it(seed: int) -> None:
    link = Link(Uniform(0.01, 0.05), loss=0.1, duplicate=0.2)
    troupe = behind(SLICED, link=link, seed=seed)
    troupe.sim.faults.restart("n3")
    first = troupe.server("n1").base
    troupe.until(lambda: troupe.server("n1").progress["n3"].offset > 64)
    for number in range(15):
        troupe.say("n1", Propose(f"later{number}"))
    troupe.until(lambda: troupe.server("n1").base > first)
    assert troupe.server("n3").base == 0
    troupe.wait(30.0)
    assert has_caught_up(troupe) and troupe.server("n3").base > first


def test_a_follower_that_is_slower_than_the_snapshots_of_its_leader_gets_a_whole_one_all_the_same() -> None:
    # A snapshot takes n3 over half a second, and n1 has a newer one each tenth: n3 was sent beginnings, for ever.
    troupe = behind(SLICED, link=Link(Constant(0.02)))
    troupe.sim.faults.restart("n3")
    first = troupe.server("n1").base
    for number in range(200):
        troupe.say("n1", Propose(f"{number}"))
        troupe.wait(0.01)
    assert troupe.server("n1").base > first + 150
    assert troupe.server("n3").base >= first


def test_a_snapshot_that_was_taken_over_is_not_kept_in_pieces() -> None:
    stage = Stage()
    stage.say("n2", piece(1, 9, 1, 0, b"abc", True))
    assert stage.server.machine.text == "abc" and stage.server.arrived == b""


def test_a_new_leader_goes_on_with_its_own_snapshot() -> None:
    troupe = behind(SLICED, link=Link(Constant(0.02)))
    troupe.sim.faults.restart("n3")
    troupe.until(lambda: troupe.server("n1").progress["n3"].offset > 64)
    troupe.elect("n2")
    troupe.wait(5.0)
    assert has_caught_up(troupe) and troupe.server("n3").leader == "n2"


def test_entries_go_on_behind_the_snapshot() -> None:
    troupe = behind(SLICED)
    for number in range(5):
        troupe.say("n1", Propose(f"later{number}"))
    troupe.wait(1.0)
    troupe.sim.faults.restart("n3")
    troupe.wait(1.0)
    assert has_caught_up(troupe)
    assert (troupe.server("n3").base, len(troupe.server("n3").log.entries)) == (41, 5)


def test_queries_reach_a_follower_that_is_being_sent_a_snapshot_and_leave_the_transfer_alone() -> None:
    stage = Stage(options=replace(QUIET, compact_after=2, chunk=3), machine=Ledger)
    stage.lead(term=1)
    stage.say("ann", Propose("first"), Propose("second"))
    stage.say("n2", Appended(1, True, 3, 0))
    stage.forget()
    stage.server.after(0.0, stage.server.beat)
    stage.wait()
    (first,) = stage.heard("n3", InstallSnapshot)
    stage.say("bob", Query(""))
    (heartbeat,) = stage.heard("n3", AppendEntries)
    assert (heartbeat.prev_index, heartbeat.entries) == (0, ())
    (second,) = stage.say("n3", Appended(1, True, 0, heartbeat.round), Installed(1, first.last_index, 3, False, 0))
    assert (second.offset, stage.heard("bob")) == (3, [Done(3, "first second")])
