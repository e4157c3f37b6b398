"""Benchmarks: contestants take turns, unequal work is refused, and the JSON is what the book's tables read."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks import race as races
from benchmarks.__main__ import main
from benchmarks.catalogue import CATALOGUE, load
from benchmarks.check import explore, isolation, linearizable, sweep
from benchmarks.crdts import branches, counter, merging, sets, text
from benchmarks.lab import actions
from benchmarks.net import one_by_one as net_one_by_one
from benchmarks.net import periods, pysyncobj, sixty_four
from benchmarks.net import pipelined as net_pipelined
from benchmarks.page import boot
from benchmarks.race import Contestant, Timing, UnequalWork, Work, race
from benchmarks.raft import one_by_one, pipelined
from benchmarks.report import RESULTS, Goal, Report, comparison, grid, rounded
from benchmarks.ring import placements, ring
from benchmarks.sim import growth, kernel, memory, player, register, sleepers
from lessons.agreement.raft.hunts import HUNTS
from lessons.trace import Dropped, Faulted, Returned
from tests.browser import chromium_path
from tools.site import HTML

SMALL = {
    "kernel": partial(kernel.measure, deliveries=20_000),
    "sleepers": partial(sleepers.measure, naps=5),
    "memory": partial(memory.measure, deliveries=500),
    "growth": partial(growth.measure, sizes=(200, 400), yardstick=200),
    "player": partial(player.measure, seconds=0.3, rounds=1),
    "boot": partial(boot.measure, count=1),
    "lab": partial(actions.measure, events=200, browser=False),
    "ring": partial(ring.measure, keys=500, nodes=5),
    "placements": partial(placements.measure, keys=50, nodes=5),
    "raft_one_by_one": partial(one_by_one.measure, total=20),
    "raft_pipelined": partial(pipelined.measure, total=50),
    "net_one_by_one": partial(net_one_by_one.measure, total=5),
    "net_64": partial(sixty_four.measure, total=70, only="lessons"),
    "net_pipelined": partial(net_pipelined.measure, total=100, only="lessons"),
    "isolation": partial(isolation.measure, sizes=(50, 100), yardstick=50),
    "linearizable": partial(
        linearizable.measure, kinds=[replace(each, histories=1, operations=20) for each in linearizable.KINDS]
    ),
    "sweep": partial(sweep.measure, seeds=2),
    "explore": partial(explore.measure, hunts=HUNTS[1:2]),
    "crdt_text": partial(text.measure, count=2_000),
    "crdt_branches": partial(branches.measure, count=300),
    "crdt_counter": partial(counter.measure, count=500),
    "crdt_set": partial(sets.measure, count=200),
    "crdt_merge": partial(merging.measure, count=200),
}
KEYS = {
    "name", "title", "workload", "unit", "rows", "conclusion", "repetitions", "ratios", "goals", "skipped", "python",
}  # fmt: skip


def runner(name: str, amount: int, diary: list[str], package: str | None = None) -> Contestant:
    return Contestant(name, lambda: Work(lambda: diary.append(name), lambda: amount), package)


def test_contestants_take_turns() -> None:
    diary: list[str] = []
    timings = race([runner("ours", 5, diary), runner("peer", 5, diary)], repetitions=3)
    assert diary == ["ours", "peer"] * 3
    assert [timing.done for timing in timings] == [[5] * 3] * 2


def test_work_is_prepared_and_counted_outside_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    def tick(seconds: float, result: Any) -> Any:
        clock[0] += seconds
        return result

    monkeypatch.setattr(races, "process_time", lambda: clock[0])
    work = Work(lambda: tick(2.0, None), lambda: tick(30.0, 8))
    timing = Timing(Contestant("ours", lambda: tick(500.0, work)))
    timing.take()
    assert timing.seconds == [2.0] and timing.rates == [4.0]


def test_the_ratio_is_that_of_the_medians() -> None:
    diary: list[str] = []
    ours = Timing(runner("ours", 12, diary), [1.0, 2.0, 3.0], [12, 12, 12])
    peer = Timing(runner("peer", 12, diary), [4.0, 4.0, 1.0], [12, 12, 12])
    rows, ratios = comparison([ours, peer], "steps")
    assert ratios == {"peer": 2.0}
    assert rows[1] == {
        "contestant": "peer", "steps a second, median": 3, "best": 12, "ours / this": 2, "ours / this, best": 1,
    }  # fmt: skip


def test_unequal_work_is_refused() -> None:
    pair = [runner("ours", 98, []), runner("peer", 100, [])]
    with pytest.raises(UnequalWork, match=r"ours did \[98\], peer did \[100\]"):
        race(pair, 1)
    assert len(race(pair, 1, tolerance=0.02)) == 2


def test_no_work_is_refused() -> None:
    with pytest.raises(UnequalWork):
        race([runner("ours", 0, [])], 1, tolerance=1.0)


def test_no_repetition_is_refused() -> None:
    with pytest.raises(ValueError, match="repetitions is 0: it must be 1 or more"):
        race([runner("ours", 1, [])], 0)


def test_a_peer_that_is_not_there_is_skipped_with_a_word() -> None:
    here, gone = runner("ours", 1, []), runner("peer", 1, [], "no_such_package")
    future = Contestant("later", here.prepare, python=(4, 0))
    everybody = [here, gone, future]
    assert races.present(everybody) == [here]
    assert races.absent(everybody) == {
        "peer": "the package no_such_package is not installed",
        "later": "it needs Python 4.0 or newer",
    }


def test_a_goal_is_a_bound_from_below_or_from_above() -> None:
    assert str(Goal("times peer", 5.2, 5.0)) == "times peer: 5.2, goal at least 5: met"
    assert str(Goal("times peer", 4.9, 5.0)) == "times peer: 4.9, goal at least 5: missed"
    assert str(Goal("bytes", 185, 400, at_least=False)) == "bytes: 185, goal at most 400: met"
    assert not Goal("bytes", 401, 400, at_least=False).met


@pytest.mark.parametrize(
    ("value", "short"), [(123456.7, 123000), (4.5678, 4.57), (0.98765, 0.988), (185.4, 185), (1.0, 1)]
)
def test_figures_have_three_significant_digits(value: float, short: float) -> None:
    assert rounded(value) == short
    assert json.dumps(rounded(value)) == json.dumps(short)


def test_a_table_puts_numbers_to_the_right() -> None:
    assert grid([{"who": "ours", "a second": 12000}, {"who": "the peer", "a second": 0.5}]) == (
        "who       a second\n--------  --------\nours        12,000\nthe peer       0.5"
    )


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_benchmark_does_its_work_and_writes_what_the_book_reads(name: str, tmp_path: Path) -> None:
    if name == "boot" and not ((HTML / "live").is_dir() and chromium_path()):
        pytest.skip("needs Chromium, and a site with Python in its pages")
    report: Report = SMALL[name](1, False)
    if name == "kernel" and not report.ratios:
        pytest.skip("SimPy is not installed")
    assert report.write(tmp_path).name == f"{name}.json"
    check_document(name, json.loads((tmp_path / f"{name}.json").read_text(encoding="utf8")))
    assert report.workload.split()[0] in report.text() and report.conclusion.split()[-1] in report.text()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_benchmark_has_a_recorded_result(name: str) -> None:
    check_document(name, json.loads((RESULTS / f"{name}.json").read_text(encoding="utf8")))


def check_document(name: str, document: dict[str, Any]) -> None:
    """Assert that a result has the form that the README promises, and says nothing of the machine."""
    assert set(document) == KEYS and document["name"] == name
    assert document["rows"] and len({tuple(row) for row in document["rows"]}) == 1, "all rows have the same columns"
    assert all(isinstance(cell, str | int | float) for row in document["rows"] for cell in row.values())
    assert all(math.isfinite(ratio) and ratio > 0 for ratio in document["ratios"].values())
    for goal in document["goals"]:
        assert set(goal) == {"what", "measured", "limit", "at_least", "met"}
    assert re.fullmatch(r"3\.\d+\.\d+\S*", document["python"]) and document["repetitions"] >= 1
    for words in ("title", "workload", "unit", "conclusion"):
        assert len(document[words]) > 3
    assert not re.search(r"(?<!\w)/\w+/\w|\\\\|\blocalhost\b", json.dumps(document)), "a path or a host"


def test_the_command_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
    assert all((load(name).__doc__ or "").splitlines()[0] in line for name, line in zip(CATALOGUE, lines, strict=True))


def test_the_command_runs_one_and_writes_where_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sleepers, "measure", SMALL["sleepers"])
    main(["sleepers", "--repetitions", "1", "--results", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["sleepers.json"]
    assert "timeouts a second, median" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kernal"], "there is no benchmark kernal: choose from kernel, "),
        (["kernel", "--repetitions", "0"], "--repetitions is 0: it must be 1 or more"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert words in capsys.readouterr().err


def test_pauses_of_pysyncobj_are_tried_out_wherever_its_servers_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pysyncobj")
    monkeypatch.setattr(periods, "TOTALS", {1: 2})
    monkeypatch.setattr(periods, "CANDIDATES", (0.002,))
    monkeypatch.setattr(periods, "REPETITIONS", 1)
    periods.main()
    rows = [line.rpartition(", 2 ms")[0] for line in capsys.readouterr().out.splitlines() if ", 2 ms" in line]
    assert rows == list(pysyncobj.PLACES)


def test_the_chapter_like_run_has_faults_losses_and_operations_that_return() -> None:
    trace = register.trace(1.0)
    assert [fault.name for fault in trace.only(Faulted)] == ["crash", "restart", "partition", "heal"]
    assert {"loss", "partition", "down"} <= {drop.why for drop in trace.only(Dropped)}
    assert {each.outcome for each in trace.only(Returned)} >= {"ok"}
