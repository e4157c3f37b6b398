"""TLC accepts the runs of Raft, and neither those of its first drafts nor those that were tampered with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lessons.agreement.raft import Raft, drafts
from lessons.agreement.raft.breaks import broken_by
from lessons.agreement.raft.formal import END, Step, Verdict, steps, stormy, validate
from lessons.agreement.raft.formal.__main__ import main
from lessons.agreement.raft.formal.model import MODELS, visit
from lessons.agreement.raft.formal.validation import judged, specification
from lessons.real import Missing
from lessons.real.tla.tlc import JAVA
from tests.extras import without

Change = Callable[[Step], Step]


@pytest.fixture(autouse=True, scope="module")
def java() -> None:
    try:
        JAVA.find()
    except Missing as missing:
        without("formal", missing)


# Runs of Raft


@pytest.mark.parametrize(("size", "seeds"), [(3, range(12)), (5, range(4))])
def test_runs_with_faults_restarts_and_snapshots_are_accepted(size: int, seeds: range) -> None:
    verdicts = validate(stormy(seed, size).run(END) for seed in seeds)
    assert [str(verdict) for verdict in verdicts if not verdict.accepted] == []
    assert min(verdict.steps for verdict in verdicts) > 30


# First drafts

REJECTED = {
    drafts.ForgetsVotes: "restart",  # with another vote than it had told
    drafts.CountsReplicas: "advance",  # over an entry of an older term
    drafts.StaysInTerm: "sync",  # of requests that nobody had to send in this term
    drafts.CountsVotes: "sync",
    drafts.TrustsMemory: "restart",  # without an entry that it had acknowledged
    drafts.AnswersEarly: "confirm",  # of what is not committed
}


def test_each_first_draft_is_rejected_where_it_leaves_the_rules() -> None:
    verdicts = dict(zip(REJECTED, validate(broken_by(draft).run(draft) for draft in REJECTED), strict=True))
    assert {draft: verdict.stuck.action for draft, verdict in verdicts.items() if verdict.stuck} == REJECTED


def test_raft_is_accepted_in_the_same_runs() -> None:
    assert all(verdict.accepted for verdict in validate(broken_by(draft).run(Raft) for draft in REJECTED))


def test_what_the_specification_does_not_speak_of_it_can_not_reject() -> None:
    assert validate([broken_by(drafts.ReadsAtOnce).run(drafts.ReadsAtOnce)])[0].accepted


# Runs that were tampered with


def shown(**fields: object) -> Change:
    """What a server showed is something else."""
    return lambda step: replace(step, seen={**(step.seen or {}), **fields})


def argued(change: Callable[[object], object]) -> Change:
    """The argument is something else."""
    return lambda step: replace(step, argument=change(step.argument))


def told(**fields: object) -> Change:
    """The message is another one."""
    return argued(lambda message: {**message, **fields})  # type: ignore[dict-item]


TAMPERED: dict[str, tuple[Callable[[Step], bool], Change]] = {
    "a vote for somebody else": (lambda s: s.action == "receive" and bool(s.seen), shown(vote="n9")),
    "a term too many": (lambda s: bool(s.seen) and s.action == "sync", shown(term=9)),
    "a leader without votes": (lambda s: bool(s.seen and s.seen["role"] == "candidate"), shown(role="leader")),
    "an entry that nobody proposed": (
        lambda s: s.action == "sync" and bool(s.seen and s.seen["entries"]),
        lambda s: replace(s, seen={**s.seen, "entries": (*s.seen["entries"][:-1], {"term": 9, "value": "z"})}),  # type: ignore[dict-item]
    ),
    "an entry lost": (
        lambda s: s.action == "sync" and bool(s.seen and s.seen["entries"]),
        lambda s: replace(s, seen={**s.seen, "entries": s.seen["entries"][:-1]}),  # type: ignore[dict-item]
    ),
    "a commit too far": (lambda s: s.action == "advance", argued(lambda index: index + 1)),  # type: ignore[operator]
    "a message that was never sent": (lambda s: s.action == "receive", told(term=7)),
    "a message for somebody else": (lambda s: s.action == "receive", told(to="n9")),
    "entries that are not in the leader's log": (
        lambda s: s.action == "append" and bool(s.argument["entries"]), told(entries=({"term": 9, "value": "z"},)),
    ),
    "a leader that knows more than it can": (lambda s: s.action == "append", told(commit=99)),
    "a snapshot of what is not committed": (lambda s: s.action == "compact", argued(lambda index: index + 50)),  # type: ignore[operator]
    "a confirmation of what is not committed": (lambda s: s.action == "confirm", argued(lambda index: index + 50)),  # type: ignore[operator]
    "a restart with a term of tomorrow": (lambda s: s.action == "restart", shown(term=9)),
    "an heir of nobody": (lambda s: s.action == "hand over", told(to="n9")),
}  # fmt: skip


def tampered(found: list[Step], where: Callable[[Step], bool], change: Change) -> tuple[list[Step], int]:
    """The steps with one changed, in the middle of those that can be; and its place."""
    places = [place for place, step in enumerate(found) if where(step)]
    place = places[len(places) // 2]
    return [*found[:place], change(found[place]), *found[place + 1 :]], place


def runs() -> Iterator[list[Step]]:
    """Runs of servers that ask around first: TLC judges them together, so all must, or none."""
    found = (steps(stormy(seed).run(END)) for seed in range(60))
    return (run for run in found if any(step.action == "ask" for step in run))


def test_every_tampering_is_found_where_it_is() -> None:
    cases = {}
    for name, (where, change) in TAMPERED.items():
        found = next(run for run in runs() if any(map(where, run)))
        cases[name] = tampered(found, where, change)
    verdicts = dict(zip(cases, judged([run for run, _ in cases.values()], ("n1", "n2", "n3"), True), strict=True))
    assert {name: verdict.passed for name, verdict in verdicts.items()} == {n: at for n, (_, at) in cases.items()}


def test_a_step_left_out_is_missed() -> None:
    found = next(run for run in runs() if len(run) > 100)
    at = next(place for place, step in enumerate(found) if step.action == "lead")
    assert not judged([[*found[:at], *found[at + 1 :]]], ("n1", "n2", "n3"), True)[0].accepted


# What is said


def test_a_verdict_reads_as_a_sentence() -> None:
    step = Step("n2", "restart", 0, 4, None)
    assert str(Verdict(9, 9)) == "9 steps: the specification allows them all"
    assert str(Verdict(9, 3, step, "  0.1  n2  starts")) == (
        '3 of 9 steps, then "restart" of n2 is not allowed: 0.1  n2  starts'
    )
    assert str(Verdict(9, 3, step, broken="LogMatching")) == "LogMatching is broken after 3 of 9 steps"


def test_the_command_judges_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--seeds", "2", "--from", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["seed 3", "seed 4"]
    assert all(line.endswith("steps: the specification allows them all") for line in lines)


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LESSONS_JAVA", "/nothing")
    assert main(["runs", "--seeds", "1"]) == 2
    assert "LESSONS_JAVA is '/nothing'" in capsys.readouterr().err


STATES = {"elections": 13_812, "pre-votes": 761, "replication": 40_484, "snapshots": 19_318}  # book/formal.md


@pytest.mark.parametrize("name", STATES)
def test_every_promise_holds_in_every_state_of_a_small_raft(name: str) -> None:
    found = visit(name)
    assert (found.broken, found.distinct) == ("", STATES[name])


def test_the_command_visits_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "pre-votes"]) == 0
    assert capsys.readouterr().out.startswith("pre-votes: every promise holds in 761 states, 5,192 steps between them")
    assert main(["model", "all"]) == 2
    assert "name is 'all'" in capsys.readouterr().err


def test_a_rule_left_out_of_the_specification_breaks_a_promise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    careless = specification("Raft.tla").read_text().replace("vote[s] \\in {Nobody, m.from}", "TRUE")
    for name in ("RaftModel.tla", "RaftModel-elections.cfg"):
        shutil.copy(specification(name), tmp_path)
    (tmp_path / "Raft.tla").write_text(careless)
    monkeypatch.setattr("lessons.agreement.raft.formal.model.specification", tmp_path.joinpath)
    assert visit("elections").broken in ("ElectionSafety", "Persistence")


def test_a_model_that_is_not_there_is_refused() -> None:
    with pytest.raises(LookupError, match="name is 'all': there are " + ", ".join(MODELS)):
        visit("all")
