"""What makes the book run on a bare machine: the lock, the environment, the server, the files of others."""

from __future__ import annotations

import errno
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from threading import Thread

import pytest

from tools import environment, site, vendor

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.txt").read_text()


@pytest.mark.parametrize(
    "package", ["jupyterlab", "jupyter-book", "ipywidgets", "networkx", "matplotlib", "pytest", "nbval"]
)
def test_the_lock_pins_what_the_book_is_built_on(package: str) -> None:
    assert re.search(rf"^{package}==[\w.]+$", LOCK, re.M)


def test_the_lock_pins_every_line_once_and_names_no_host_and_no_folder() -> None:
    lines = [line for line in LOCK.splitlines() if line != "-e ."]
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!]+( ; .+)?", line), line
    names = [line.split("==")[0] for line in lines]
    assert len(names) == len(set(names)), "one version of each package on all Pythons"


def test_the_core_asks_for_no_package() -> None:
    assert "dependencies = []" in (ROOT / "pyproject.toml").read_text()


def test_the_files_of_others_are_as_they_were_published() -> None:
    listed = dict(reversed(line.split("  ")) for line in vendor.SUMS.read_text().splitlines())
    assert vendor.sums() == listed
    notices = (ROOT / "book" / "notices.md").read_text()
    for package in vendor.PACKAGES:
        name, _, version = package.rpartition("@")
        assert re.search(rf"{name}[^|]*{re.escape(version)}", notices, re.I), f"book/notices.md must name {package}"


def test_make_alone_prints_every_target_with_a_word_about_it() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ["help", "book", "site", "lab", "test", "lint", "notebooks", "bench", "lock", "clean"]:
        assert re.search(rf"^  {target} +\S", said, re.M), target


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; .* is 3\.9\.2"):
        environment.main()


def test_the_environment_is_made_again_only_when_the_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    wanted, mark = tmp_path / "requirements.txt", tmp_path / "mark"
    wanted.write_text("a==1\n")
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "WANTED", wanted)
    monkeypatch.setattr(environment, "MARK", mark)
    assert not environment.is_ready(), "nothing was installed"
    mark.write_text("a==1\n")
    assert environment.is_ready()
    wanted.write_text("a==2\n")
    assert not environment.is_ready(), "the lock changed"
    mark.write_text("a==2\n")
    python.unlink()
    assert not environment.is_ready(), "the interpreter is gone"


def test_the_server_gives_pages_on_the_loopback_address_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("hello")
    server = site.server(0, tmp_path)
    Thread(target=server.serve_forever, daemon=True).start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as answer:
        assert answer.read() == b"hello"
    assert server.server_address[0] == "127.0.0.1"
    server.shutdown()
    server.server_close()


def test_a_port_that_is_taken_is_refused_when_it_was_asked_for(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError) as refused:
            site.server(taken.getsockname()[1], tmp_path)
        assert refused.value.errno == errno.EADDRINUSE


def test_a_port_that_is_taken_is_avoided_when_none_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(site, "PORT", taken.getsockname()[1])
        server = site.server(None, tmp_path)
    assert server.server_port != site.PORT
    server.server_close()


@pytest.mark.parametrize("text", ["http", "-1", "65536", "80 80"])
def test_a_port_that_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(SystemExit, match="BOOK_PORT is"):
        site.port_from(text)


def test_the_site_is_built_again_when_a_source_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "a.md"
    page.write_text("one")
    monkeypatch.setattr(site, "ROOT", tmp_path)
    first = site.fingerprint()
    assert site.fingerprint() == first
    page.write_text("two")
    assert site.fingerprint() != first
