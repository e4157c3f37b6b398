"""The commands sweep and replay: their exit codes, what they say, and lines that do what they promise."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import pytest

from lessons.check.__main__ import main
from lessons.check.sweeps.catalogue import UnknownWorld, chapters, find, find_one
from tests.source import ROOT, SRC

BALL = "tests.check.sweep_worlds:ball"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SRC), str(ROOT)])}


def sweep(*arguments: str) -> int:
    return main(["sweep", *arguments, "--engine", "serial", "--no-progress"])


def refused(arguments: Sequence[str]) -> int | str | None:
    """The exit code by which the command line refuses arguments."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


# Exit codes


def test_0_when_every_seed_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("foundations/simulation", "--seeds", "5") == 0
    said = capsys.readouterr()
    assert re.fullmatch(
        r"foundations/simulation:counter: 5 seeds: nothing was broken\. \([\d.e+]+ seeds a second\)\n", said.out
    )
    assert said.err == ""


def test_1_when_a_seed_fails_with_the_first_one_made_small(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(BALL, "--seeds", "100", "--until", "2") == 1
    lines = capsys.readouterr().out.splitlines()
    assert re.match(r"100 seeds: \d+ failed, the first seed 4: Fair is broken: ", lines[0])
    assert lines[1].startswith("  seed 4: Fair is broken: ")
    assert lines[-2].startswith("Shrunk, seed 4: Fair is broken: ")
    assert lines[-1].startswith(f"python -m lessons.check replay {BALL} 4 --until ")


def test_1_without_shrinking_when_that_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(BALL, "--from", "4", "--seeds", "1", "--until", "2", "--no-shrink") == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[-1] == f"python -m lessons.check replay {BALL} 4 --until 2.0"


def test_many_failures_are_not_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("tests.check.sweep_worlds:raises", "--seeds", "200", "--until", "1", "--no-shrink") == 1
    assert re.search(r"\n  and \d+ more\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["agreement/rafts"], "agreement/rafts offers no world to be swept: those that do are agreement/raft, "),
        ([], "WORLD is missing: name a chapter that offers worlds, agreement/raft, "),
        (["agreement/raft:nine"], "agreement/raft has no world 'nine': it offers three, five, seven"),
        (["no.module:name"], "no.module:name must be a chapter, as agreement/raft, or a name in a module"),
        (["tests.check.sweep_worlds:nothing"], "tests.check.sweep_worlds:nothing must be a chapter"),
    ],
)
def test_2_for_a_world_that_there_is_not(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert sweep(*arguments) == 2
    assert capsys.readouterr().err.startswith(said)


def test_2_for_an_engine_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", BALL, "--engine", "ray"]) == 2
    assert capsys.readouterr().err.startswith("engine is 'ray': it must be 'serial', 'processes', 'dask', or an")


@pytest.mark.parametrize("option", [["--seeds", "0"], ["--seeds", "x"], ["--from", "-1"], ["--chunk", "0"], ["--bad"]])
def test_2_for_options_that_can_not_be(option: list[str]) -> None:
    assert refused(["sweep", BALL, *option]) == 2


def test_130_when_it_is_interrupted_with_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("tests.check.sweep_worlds:interrupts", "--seeds", "20", "--until", "2") == 130
    said = capsys.readouterr().out
    assert said.startswith("5 seeds: 1 failed, the first seed 4: Fair is broken")
    assert "Stopped with 15 seeds left: interrupted." in said
    assert said.splitlines()[-1].startswith("python -m lessons.check replay tests.check.sweep_worlds:interrupts 4")


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_130_when_somebody_presses_ctrl_c(engine: str) -> None:
    options = ["--seeds", "1000000", "--until", "2", "--progress", "--no-shrink", "--engine", engine]
    with subprocess.Popen(
        [sys.executable, "-m", "lessons.check", "sweep", BALL, *options],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore it
    ) as process:  # fmt: skip
        assert process.stderr is not None
        drawn = b""
        while not re.search(rb" [1-9]\d*/1000000 ", drawn):
            drawn += os.read(process.stderr.fileno(), 4096) or pytest.fail(drawn.decode())
        os.killpg(process.pid, signal.SIGINT)  # what a terminal does: every process of the group gets it
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and b"left: interrupted." in out
    if engine == "serial":  # a worker that is still being started says itself that it was interrupted
        assert b"Traceback" not in err


def test_the_chapters_that_offer_worlds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("--list") == 0
    assert {"agreement/raft", "foundations/simulation"} <= set(capsys.readouterr().out.split())


# Worlds by name


@pytest.mark.parametrize("chapter", chapters())
def test_every_world_that_a_chapter_offers_holds_for_some_seeds(chapter: str) -> None:
    assert sweep(chapter, "--seeds", "3") == 0


def test_a_world_is_found_by_its_chapter_and_its_name() -> None:
    assert [world.name for world in find("agreement/raft")] == [
        f"agreement/raft:{n}" for n in ("three", "five", "seven")
    ]
    assert find_one("agreement/raft:five").parameters == {"size": 5}
    assert find_one("foundations/simulation").name == "foundations/simulation:counter"
    assert find_one(BALL).build.__name__ == "ball"
    with pytest.raises(UnknownWorld, match="agreement/raft offers several worlds: choose agreement/raft:three or "):
        find_one("agreement/raft")


def test_what_builds_no_world_is_no_failed_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("math:pi") == 2
    assert "math:pi must be a chapter" in capsys.readouterr().err


# replay


def test_the_line_of_a_sweep_reproduces_its_failure_in_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    sweep(BALL, "--seeds", "10", "--until", "2")
    *_, told, line = capsys.readouterr().out.splitlines()
    done = subprocess.run(
        [sys.executable, *shlex.split(line)[1:]], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.strip() in told and done.stdout.startswith("Fair is broken: ")


def test_replay_tells_what_is_broken_and_every_event_when_it_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", BALL, "4", "--until", "2", "--transcript"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "INVARIANT Fair is broken" in lines[-2] and lines[-1].startswith("Fair is broken: ")


def test_replay_of_a_run_that_holds_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "foundations/simulation", "4"]) == 0
    assert capsys.readouterr().out == "nothing is broken\n"


def test_replay_shows_where_an_exception_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "tests.check.sweep_worlds:raises", "7"]) == 1
    said = capsys.readouterr().out
    assert "in raises" in said and said.endswith("ZeroDivisionError: seed 7\n")


def test_replay_judges_by_complaints_that_are_named() -> None:
    line = ["replay", BALL, "0", "--until", "2"]
    assert main(line) == 0
    assert main([*line, "--complaint", "tests.check.sweep_worlds:InPlay"]) == 1


def test_seeds_that_are_texts_are_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("abc", '"abc"'):
        assert main(["replay", BALL, text, "--until", "0.3", "--transcript"]) == 0
    one, other = capsys.readouterr().out.split("nothing is broken\n", 1)
    assert other == f"{one}nothing is broken\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--actions", "{"], "these are no faults: "),
        (["--actions", '[{"at":1}]'], "these are no faults: action is {'at': 1}: it lacks do"),
        (["--actions", '[{"at":1,"do":"explode"}]'], "these are no faults: name is 'explode'"),
        (["--parameters", "[1]"], "these are no parameters: "),
        (["--parameters", '{"a":{"import":"os:nothing"}}'], "these are no parameters: 'os:nothing' must be a name"),
        (["--parameters", '{"a":{"make":"os:system","with":{}}}'], "tells of no parameter: it must name"),
        (["--complaint", "os:nothing"], "'os:nothing' must be a name in a module"),
    ],
)
def test_2_for_what_can_not_be_read(capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert refused(["replay", BALL, "4", *options]) == 2
    assert said in capsys.readouterr().err


def test_2_for_a_world_to_replay_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "agreement/raft", "4"]) == 2
    assert capsys.readouterr().err.startswith("agreement/raft offers several worlds")
