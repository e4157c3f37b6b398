"""Raft to look at: the watched run is the run itself, and shows timers, votes and what a leader knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lessons.agreement.raft import Entry, Kind, Options, Raft
from lessons.agreement.raft.messages import Appended, AppendEntries, Done, RequestVote, Vote
from lessons.agreement.raft.runs import raft_run
from lessons.agreement.raft.view import VIEW, on_message, watched
from lessons.sim import Nemesis
from lessons.trace import Changed, Fired, Trace
from lessons.viz import compare, play
from tests.agreement.raft.planted import VotesForAnybody
from tests.viz.browser import documents

if TYPE_CHECKING:
    from playwright.sync_api import Page


def run(seed: int = 7, kind: type[Raft] = Raft, **options: Any) -> Trace:
    return raft_run(seed, 5, kind, commands=6, **options).run(until=1.2)


def without_changes(trace: Trace) -> list[tuple[str, float, str]]:
    return [(type(event).__name__, event.time, event.node) for event in trace if not isinstance(event, Changed)]


@pytest.mark.parametrize("seed", range(5))
def test_a_watched_run_is_the_same_run_with_more_in_its_record(seed: int) -> None:
    trouble = Nemesis(("crash", "partition"), every=0.3, lasting=0.3)
    plain, more = (run(seed, kind, trouble=trouble) for kind in (Raft, watched()))
    assert without_changes(plain) == without_changes(more)


def test_the_timer_says_when_the_election_timeout_fires() -> None:
    timers: dict[str, tuple[float, float] | None] = {}
    fired = 0
    for event in run(3, watched()):
        if isinstance(event, Fired) and event.name == "election_timeout":
            fired += 1
            timer = timers[event.node]
            assert timer is not None and abs(timer[1] - event.time) < 1e-5
        if isinstance(event, Changed) and "timer" in event.after:
            timers[event.node] = event.after["timer"]
    assert fired


def test_a_leader_has_no_timer_and_knows_the_others() -> None:
    sim = raft_run(7, 3, watched(), commands=4)
    sim.run(until=1.0)
    servers = [sim.state[name] for name in ("n1", "n2", "n3")]
    (leader,) = (server for server in servers if server.role.value == "leader")
    others = [server for server in servers if server is not leader]
    assert leader.timer is None and all(server.timer for server in others)
    assert leader.match == {server.name: leader.commit for server in others}
    assert leader.next == {server.name: leader.commit + 1 for server in others}
    assert all(server.next == server.match == {} for server in others)


def test_a_draft_is_watched_under_its_own_name() -> None:
    kind = watched(VotesForAnybody)
    assert kind.__name__ == "VotesForAnybody" and issubclass(kind, VotesForAnybody)
    assert set(run(1, kind).nodes.values()) == {"VotesForAnybody", "Proposer"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (RequestVote(2, 1, 1, pre=True), "pre-vote?"),
        (RequestVote(2, 1, 1), "vote, term 2?"),
        (Vote(2, True), "vote: yes"),
        (Vote(2, False, pre=True), "pre-vote: no"),
        (AppendEntries(2, 1, 1, (), 1, 3), "heartbeat"),
        (AppendEntries(2, 1, 1, (Entry(2, Kind.COMMAND, "x=1"),), 1, 3), "append x=1"),
        (AppendEntries(2, 1, 1, (Entry(2, Kind.NOOP), Entry(2, Kind.COMMAND, "x")), 1, 3), "append 2 entries"),
        (Appended(2, True, 4, 3), "has 4"),
        (Appended(2, False, 4, 3), "refuses"),
        (Done(4, ""), ""),
    ],
)
def test_a_message_bears_what_it_is_about(message: Any, words: str) -> None:
    assert on_message(message) == words


def test_one_run_and_two_are_shown_with_the_same_options() -> None:
    first, second = run(1, watched()), run(2, watched())
    assert play(first, **VIEW, title="One").document["layout"] == ["cluster", "logs", "lanes", "events"]
    assert compare(first, second, **VIEW, title="Two", caption="Two seeds.").document["pair"] == [0, 1]


def test_a_run_that_is_not_watched_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="deadline is 'timer': it must be a watched field, one of applied, "):
        play(run(1), **VIEW, title="Plain")


def test_the_player_draws_a_run_with_snapshots_crashes_and_terms(page: Page, tmp_path: Path) -> None:
    options = Options(compact_after=4)
    trace = run(2, watched(), options=options, trouble=Nemesis(("crash",), every=0.3, lasting=0.2))
    path = tmp_path / "raft.html"
    path.write_text(documents.page_of(play(trace, **VIEW, title="Raft").html()), encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".lp").focus()
    page.keyboard.press("End")
    assert page.locator(".lp-log-name").count() == 5
    assert page.locator(".lp-snapshot").count() >= 1
    assert page.locator(".lp-timer[visibility=visible]").count() >= 1
    assert page.locator(".lp-node-caption", has_text="voted for").count() >= 1
    assert page.errors == []
