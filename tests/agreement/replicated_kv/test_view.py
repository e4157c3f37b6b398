"""The store to look at: the shown run is the run itself, with what each replica has, and with commands in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lessons.agreement.raft import Done, Entry, Kind, NotLeader, Propose
from lessons.agreement.raft.messages import AppendEntries, RequestVote
from lessons.agreement.replicated_kv.answers import Changed, Decided, Denied, Found, Granted, NoSession, Opened, Record
from lessons.agreement.replicated_kv.audit import audited
from lessons.agreement.replicated_kv.breaks import lost_answer
from lessons.agreement.replicated_kv.commands import (
    Append,
    Command,
    Compare,
    Delete,
    Get,
    Grant,
    KeepAlive,
    LeaseStatus,
    Put,
    Register,
    Revoke,
    Tick,
    Txn,
)
from lessons.agreement.replicated_kv.drafts import ExecutesEveryCopy
from lessons.agreement.replicated_kv.messages import Read, ReadIndex, Told, Watch
from lessons.agreement.replicated_kv.runs import TROUBLE, kv_run
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.text import to_text
from lessons.agreement.replicated_kv.view import VIEW, in_words, on_entry, on_message, shown, versus
from lessons.trace import Changed as Shown
from lessons.trace import Trace
from lessons.viz import play
from tests.viz.browser import documents

if TYPE_CHECKING:
    from playwright.sync_api import Page


def without_changes(trace: Trace) -> list[tuple[str, float, str]]:
    return [(type(event).__name__, event.time, event.node) for event in trace if not isinstance(event, Shown)]


@pytest.mark.parametrize("seed", range(3))
def test_runs_that_are_shown_or_audited_are_the_same_runs(seed: int) -> None:
    runs = [
        kv_run(seed, 3, kind, trouble=TROUBLE, until=1.0).run(until=1.5)
        for kind in (KVServer, shown(), audited(), shown(audited()), audited(shown()))
    ]
    assert len({tuple(without_changes(run)) for run in runs}) == 1


def test_a_replica_shows_its_keys_and_which_answers_it_keeps() -> None:
    sim = lost_answer(shown())
    sim.run(0.52)
    assert (sim.state["n1"].store, sim.state["n1"].sessions) == ("list=milk", "1: 1")
    assert sim.state["ann"].got == "'milk '"


def test_a_draft_is_shown_under_its_own_name() -> None:
    assert shown(ExecutesEveryCopy).__name__ == "ExecutesEveryCopy"
    document = versus(ExecutesEveryCopy, title="Milk", caption="Twice.").document
    assert set(document["runs"][0]["kinds"]) == {"ExecutesEveryCopy", "Hand"}
    assert document["pair"] == [0, 1] and document["layout"] == ["cluster", "logs", "lanes", "events"]


SWAP = Txn((Compare("x", "value", "=", None),), (Put("x", "1"),))


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (Put("x", "1"), "x=1"),
        (Put("x", b"\x00"), "x=b'\\x00'"),
        (Append("list", "milk "), "list+milk"),
        (Delete("x"), "-x"),
        (Get("x"), "x?"),
        (SWAP, "x:→1"),
        (Txn((Compare("x", "value", "=", "1"),), (Put("x", "2"),)), "x:1→2"),
        (Txn((), (Delete("x"),)), "txn"),
        (Grant(0.5), "lease 0.5"),
        (KeepAlive(3), "keep 3"),
        (Revoke(3), "end 3"),
        (Register(), "register"),
        (Tick(), "tick"),
    ],
    ids=str,
)
def test_a_command_is_told_in_a_few_letters(do: Any, words: str) -> None:
    assert in_words(do) == words
    assert on_entry(Entry(1, Kind.COMMAND, to_text(Command(do)))) == words


def done(answer: Any) -> Done:
    return Done(3, to_text(answer))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (Propose(to_text(Command(Append("list", "milk"), 1, 2))), "list+milk #2"),
        (Propose(to_text(Command(Register()))), "register"),
        (Read(to_text(Get("x"))), "x?"),
        (Read(to_text(LeaseStatus(1))), "leasestatus"),
        (done(Found(1, (Record("x", "1", 1, 1),))), "x=1"),
        (done(Found(1, ())), "nothing there"),
        (done(Changed(1, 1)), "done"),
        (done(Decided(1, False, ())), "condition failed"),
        (done(Opened(4, 60.0, 64)), "session 4"),
        (done(Granted(4, 1.0)), "lease 4"),
        (done(NoSession(4)), "no session"),
        (done(Denied("full")), ""),
        (Done(7, ""), "executed to 7"),
        (NotLeader("n2"), "ask n2"),
        (NotLeader(None), "no leader"),
        (AppendEntries(1, 1, 1, (Entry(1, Kind.COMMAND, to_text(Command(Put("x", "1")))),), 1, 1), "append x=1"),
        (AppendEntries(1, 1, 1, (Entry(1, Kind.MEMBERS, "{}"),), 1, 1), "append members"),
        (AppendEntries(1, 1, 1, (), 1, 1), "heartbeat"),
        (RequestVote(2, 1, 1), "vote, term 2?"),
        (ReadIndex(), "read index?"),
        (Watch("x", None, 3, 1.0), "watch from 3"),
        (Told(1, 3, ()), "0 events"),
    ],
    ids=str,
)
def test_a_message_bears_what_it_is_about(message: Any, words: str) -> None:
    assert on_message(message) == words


def test_the_player_draws_replicas_with_what_they_have(page: Page, tmp_path: Path) -> None:
    trace = lost_answer(shown(ExecutesEveryCopy)).run(0.52)
    path = tmp_path / "store.html"
    path.write_text(documents.page_of(play(trace, **VIEW, title="Milk", caption="Twice.").html()), encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".lp").focus()
    page.keyboard.press("End")
    assert page.locator(".lp-node-caption", has_text="has list=milk milk").count() == 3
    assert page.locator(".lp-table", has_text="milk milk").count() == 1
    assert page.locator(".lp-log-name").count() == 3
    assert page.errors == []
