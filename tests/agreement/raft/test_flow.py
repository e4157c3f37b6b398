"""Batches, windows and heartbeats: how much a leader sends, to followers that answer, and to those that do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from lessons.agreement.raft import Entry, Kind, Propose, Query
from lessons.agreement.raft.messages import Appended, AppendEntries
from lessons.sim import Constant, DiskModel, Link, Uniform
from lessons.trace import Delivered, Event, Sent
from tests.agreement.raft.stage import QUIET, Stage, append, entries
from tests.agreement.raft.troupe import STEADY, Troupe


def led(**options: object) -> Stage:
    """A leader of term 1 to whom n2 streams, and n3 has never answered."""
    stage = Stage(options=replace(QUIET, **options))
    stage.lead(term=1)
    stage.say("n2", Appended(1, True, 1, 0))
    stage.forget()
    return stage


def sizes(stage: Stage, peer: str) -> list[int]:
    """How many entries the messages to ``peer`` brought since the last look."""
    return [len(message.entries) for message in stage.heard(peer, AppendEntries)]


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_no_message_has_more_than_a_batch_of_entries(batch: int) -> None:
    troupe = Troupe({"n1": [1] * 100, "n2": (), "n3": [1] * 50}, term=1, options=replace(STEADY, batch=batch))
    troupe.elect("n1")
    troupe.wait(3.0)
    assert troupe.terms("n2") == troupe.terms("n3") == [1] * 100 + [2]
    sent = [e.message.entries for e in troupe.sim.trace.only(Sent) if isinstance(e.message, AppendEntries)]
    assert max(map(len, sent)) == min(batch, 101)


def test_nor_more_bytes_than_it_may_have_unless_one_command_has_them_all() -> None:
    stage = Stage(options=replace(QUIET, size=20))
    stage.fill(*[1] * 9)  # x1 to x9, of 4 bytes each
    stage.say("n2", append(1, 9, 1, Entry(1, Kind.COMMAND, "y" * 21), *entries(1, start=11)))  # of another's options
    stage.lead(term=2)
    (probe,) = stage.say("n2", Appended(2, False, 0, 0, 0, 11))
    assert [entry.data for entry in probe.entries] == ["x1", "x2", "x3", "x4", "x5"]
    assert [len(message.entries) for message in stage.say("n2", Appended(2, True, 5, 0))] == [4, 1, 2]


@pytest.mark.parametrize("window", [1, 2, 8])
def test_a_follower_that_does_not_answer_gets_a_window_of_messages_and_no_more(window: int) -> None:
    stage = led(window=window, batch=1)
    stage.say("ann", *[Propose("x")] * 20)
    assert sizes(stage, "n2") == [1] * window


def test_every_answer_makes_room_for_the_messages_that_it_answers() -> None:
    stage = led(window=3, batch=1)
    stage.say("ann", *[Propose("x")] * 20)
    stage.forget()
    assert len(stage.say("n2", Appended(1, True, 3, 0))) == 2  # the second of three: the first has arrived too
    assert stage.say("n2", Appended(1, True, 2, 0)) == []
    assert len(stage.say("n2", Appended(1, True, 6, 0))) == 3


def test_answers_to_heartbeats_make_no_room() -> None:
    stage = led(window=2, batch=1)
    stage.say("ann", *[Propose("x")] * 20)
    stage.forget()
    for _ in range(5):
        assert stage.say("n2", Appended(1, True, 1, 0)) == []


def test_a_follower_about_which_nothing_is_known_gets_one_message_at_a_time() -> None:
    stage = led(window=8, batch=1)
    stage.say("ann", *[Propose("x")] * 20)
    assert sizes(stage, "n3") == []  # the first entry of the term is still unanswered
    stage.say("n3", Appended(1, True, 1, 0))
    stage.wait()
    assert stage.server.progress["n3"].next == 10


def test_a_heartbeat_tries_again_what_was_not_answered() -> None:
    stage = led(heartbeat=0.5)
    stage.say("ann", Propose("x"))
    stage.forget()
    stage.wait(0.5)
    assert sizes(stage, "n3") == [2]


def test_a_heartbeat_to_a_follower_that_is_streamed_to_is_empty_and_finds_out_what_was_lost() -> None:
    stage = led(heartbeat=0.5)
    stage.say("ann", Propose("x"))
    stage.forget()
    stage.wait(0.5)
    (heartbeat,) = stage.heard("n2", AppendEntries)
    assert (heartbeat.prev_index, heartbeat.entries) == (2, ())
    (again,) = stage.say("n2", Appended(1, False, 1, heartbeat.round, 1, 2))
    assert (again.prev_index, len(again.entries)) == (1, 1)


def test_heartbeats_do_not_fill_a_window_that_is_full() -> None:
    stage = led(heartbeat=0.5, window=2, batch=1)
    stage.say("ann", *[Propose("x")] * 20)
    assert sizes(stage, "n2") == [1, 1]
    stage.wait(2.0)
    assert set(sizes(stage, "n2")) == {0}


def test_an_answer_to_a_heartbeat_lets_a_probe_begin_again_from_what_is_known() -> None:
    stage = led(window=1, batch=8)
    stage.say("ann", *[Propose("x")] * 5)
    stage.say("n2", Appended(1, False, 1, 0, 1, 2))  # lost: sent again in one message, and lost again
    stage.forget()
    (again,) = stage.say("n2", Appended(1, True, 1, 0))
    assert (again.prev_index, len(again.entries)) == (1, 5)


def test_queries_do_not_repeat_what_is_under_way() -> None:
    stage = led()
    stage.say("ann", *[Propose("x")] * 5)
    stage.forget()
    stage.say("bob", *[Query("")] * 5)
    assert sizes(stage, "n2") == sizes(stage, "n3") == [0] * 5


def test_a_slow_follower_has_a_window_under_way_however_long_it_takes() -> None:
    options = replace(STEADY, heartbeat=0.05, batch=2, window=4)
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, options=options, link=Link(Constant(0.2)))
    troupe.elect("n1")
    troupe.wait(1.0)
    before = len(troupe.sim.trace)
    for number in range(200):
        troupe.say("n1", Propose(f"c{number}"))
    troupe.wait(20.0)
    assert troupe.server("n2").log.last == 201
    assert most_under_way(troupe.sim.trace[before:], "n2") == 4


def most_under_way(events: Iterable[Event], follower: str) -> int:
    """The most messages with entries that were on their way to ``follower`` at any moment."""
    under_way = most = 0
    for event in events:
        if isinstance(event, Sent | Delivered) and isinstance(event.message, AppendEntries) and event.message.entries:
            if isinstance(event, Sent) and event.to == follower:
                under_way += 1
            elif isinstance(event, Delivered) and event.node == follower:
                under_way -= 1
            most = max(most, under_way)
    return most


def test_commands_that_come_together_travel_together() -> None:
    troupe = Troupe({"n1": (), "n2": (), "n3": ()}, disk=DiskModel(sync=0.01))
    troupe.elect("n1")
    troupe.wait(0.1)
    for number in range(50):
        troupe.say("n1", Propose(f"c{number}"))
    before = len(troupe.sim.trace)
    troupe.wait(0.5)
    sent = [event.message for event in troupe.sim.trace[before:] if isinstance(event, Sent)]
    assert troupe.server("n1").commit == 51
    assert sum(isinstance(message, AppendEntries) and bool(message.entries) for message in sent) <= 6


@pytest.mark.parametrize("seed", range(5))
def test_on_links_that_reorder_and_lose_everything_arrives_in_the_end(seed: int) -> None:
    link = Link(Uniform(0.001, 0.1), loss=0.3, duplicate=0.3)
    options = replace(STEADY, heartbeat=0.05, batch=3, window=4)
    troupe = Troupe({"n1": [1] * 50, "n2": [1] * 5, "n3": ()}, term=1, options=options, link=link, seed=seed)
    for _ in range(20):
        if troupe.server("n1").role.value != "leader":
            troupe.stand("n1")
            troupe.wait(0.5)
    troupe.wait(20.0)
    assert len({troupe.server(name).log.entries for name in troupe.names}) == 1
    assert troupe.server("n1").log.entries[:50] == entries(*[1] * 50)
