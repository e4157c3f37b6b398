"""One server process: its log, its signals, and the words of one that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lessons.real import PortTaken, Process, ServerFailed
from tests.real.parents import STUBBORN

Maker = Callable[..., Process]


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Maker]:
    """Makes a process that runs a Python program, and is ready when it says so."""
    made = []

    def make(program: str, **options: str) -> Process:
        made.append(Process("server", [sys.executable, "-c", program], tmp_path, ready="now ready", **options))
        return made[-1]

    yield make
    for each in made:
        each.kill()


def test_it_is_ready_when_its_log_says_so(python: Maker) -> None:
    server = python(STUBBORN)
    assert not server.alive and server.pid == 0 and server.said == "" and repr(server) == "server (not running)"
    server.start()
    assert server.alive and server.said == "now ready\n" and repr(server) == "server (running)"


def test_one_that_runs_is_not_started_again(python: Maker) -> None:
    server = python(STUBBORN)
    server.start()
    with pytest.raises(ValueError, match="name is 'server': it runs already"):
        server.launch()


def test_one_that_ends_at_once_shows_its_last_words(python: Maker) -> None:
    with pytest.raises(ServerFailed, match=r"server ended\. Its last words: no space left"):
        python("print('no space left')").start()


def test_one_without_words_says_so(python: Maker) -> None:
    with pytest.raises(ServerFailed, match=r"server ended\. Its last words: none"):
        python("").start()


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="FileNotFoundError"):
        Process("server", [str(tmp_path / "nothing")], tmp_path, ready="now ready").start()


def test_a_port_that_is_taken_has_its_own_error(python: Maker) -> None:
    with pytest.raises(PortTaken, match="Address already in use"):
        python("print('bind: Address already in use')").start()


def test_one_that_never_is_ready_is_given_up(python: Maker) -> None:
    server = python("import signal; print('loading', flush=True); signal.pause()")
    server.launch()
    with pytest.raises(ServerFailed, match=r"server is not ready after 0\.3 s: loading"):
        server.wait(patience=0.3)


def test_the_words_of_an_earlier_life_do_not_count(python: Maker, tmp_path: Path) -> None:
    server = python(f"import os; print(['now ready', 'late'][os.path.exists({str(tmp_path / 'x')!r})])")
    server.start()
    server.stop()
    (tmp_path / "x").touch()
    with pytest.raises(ServerFailed, match="last words: late"):
        server.start()
    assert (tmp_path / "server.log").read_text() == "now ready\nlate\n"


def test_one_that_does_not_listen_is_killed(python: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.real.process.GRACE", 0.1)
    server = python(STUBBORN)
    server.start()
    server.stop()
    assert not server.alive


def test_a_paused_one_is_alive_and_can_be_stopped(python: Maker) -> None:
    server = python("import signal; print('now ready', flush=True); signal.pause()")
    server.start()
    server.pause()
    assert server.alive
    server.stop()
    assert not server.alive


def test_signals_to_one_that_does_not_run_do_nothing(python: Maker) -> None:
    server = python(STUBBORN)
    server.kill()
    server.pause()
    server.stop()
    assert not server.alive


def test_a_program_that_ends_by_itself_is_waited_for(python: Maker) -> None:
    assert python("").run() == 0
    assert python("raise SystemExit(3)").run() == 3
    with pytest.raises(ServerFailed, match=r"server has not ended after 0\.2 s"):
        python(STUBBORN).run(patience=0.2)


def test_settings_of_real_servers_are_kept_from_ours(python: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGDATA", "ETCD_DATA_DIR", "VALKEY_URL"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("HOME", "/mine")
    server = python("import os; print(sorted(k for k, v in os.environ.items() if v in ('/elsewhere', '/mine')))")
    with pytest.raises(ServerFailed, match=r"\['HOME'\]"):
        server.start()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give up root")
def test_root_is_given_up(tmp_path: Path) -> None:
    server = Process("server", ["/bin/sh", "-c", "id -u; id -G; echo done"], tmp_path, ready="done", user="nobody")
    server.start()
    assert "0" not in server.said.split()
    assert server.said.split()[0] == subprocess.check_output(["id", "-u", "nobody"], text=True).strip()
