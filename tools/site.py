"""Build the site and serve it on this machine: python -m tools.site build|serve"""

import argparse
import errno
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.live import build as build_python

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
HTML = BUILD / "html"
EXTRA = BUILD / "extra"  # folders that the site gets beside its pages
MARK = BUILD / "site.sha256"
SOURCES = (
    "_config.yml", "_toc.yml", "requirements.txt", "book", "notebooks", "src/lessons", "exercises", "tools/live",
    "benchmarks/results",
)  # fmt: skip
PYTHON = {"live": "for Python in the pages", "lite": "for notebooks in a tab"}
NOT_SOURCE = {"__pycache__", ".ipynb_checkpoints"}
PORT = 8000


def build() -> Path:
    """Build the site if its sources changed since the last good build; return its folder.

    Warnings are errors: raises SystemExit when there is one.
    """
    with _alone():
        wanted = fingerprint()
        if not MARK.is_file() or MARK.read_text() != wanted:
            _build_new()
            MARK.write_text(wanted)
    return HTML


def fingerprint() -> str:
    """Return one digest of everything that the site is made from."""
    digest = hashlib.sha256(b"live" if has_python() else b"")
    for path in sorted(_source_files()):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def has_python() -> bool:
    """Whether the site gets Python for the reader's browser; LIVE=0 in the environment says no."""
    return os.environ.get("LIVE", "1") != "0"


def _source_files() -> Iterator[Path]:
    for name in SOURCES:
        top = ROOT / name
        found = top.rglob("*") if top.is_dir() else [top]
        yield from (path for path in found if path.is_file() and not NOT_SOURCE & set(path.parts))


def _build_new() -> None:
    MARK.unlink(missing_ok=True)
    shutil.rmtree(HTML, ignore_errors=True)  # A page that was renamed must not stay behind.
    shutil.rmtree(EXTRA, ignore_errors=True)
    EXTRA.mkdir()
    _make_pages(build_python(EXTRA) if has_python() else None)
    for folder in EXTRA.iterdir():
        folder.rename(HTML / folder.name)
    (HTML / ".nojekyll").touch()  # GitHub's pages would leave out folders like _static.


def _make_pages(python: dict[str, Any] | None) -> None:
    """Make the pages, which say where ``python`` is."""
    book = Path(sys.executable).with_name("jupyter-book")
    command = [str(book), "build", str(ROOT), "-W", "--keep-going", "-q"]
    told = {**os.environ, "LESSON_PYTHON": json.dumps(python) if python else ""}
    done = subprocess.run(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)  # Else the next build would not warn again.
        sys.exit(f"{done.stdout}\nThe site was not built.")


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process build at a time."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def size(folder: Path) -> str:
    """Say how large the site is, and which part of it is Python for the reader's browser."""

    def megabytes(part: Path) -> int:
        return round(sum(path.stat().st_size for path in part.rglob("*") if path.is_file()) / 1e6)

    python = [f"{megabytes(folder / name)} MB {what}" for name, what in PYTHON.items() if (folder / name).is_dir()]
    return f"{megabytes(folder)} MB" + (f", of which {' and '.join(python)}" if python else "")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing about each request."""


def server(port: int | None, folder: Path = HTML) -> ThreadingHTTPServer:
    """Return a server of `folder` on the loopback address.

    Without a port it takes 8000, or any free one when that is taken. Raises OSError when the port asked for is taken.
    """
    handler = partial(_Quiet, directory=str(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", PORT if port is None else port), handler)
    except OSError as error:
        if port is not None or error.errno != errno.EADDRINUSE:
            raise
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def port_from(text: str) -> int | None:
    """Read BOOK_PORT; None when it is empty."""
    if text and not (text.isdecimal() and int(text) < 65536):
        sys.exit(f"BOOK_PORT is {text!r}; it must be a number from 0 to 65535")
    return int(text) if text else None


def serve(port: int | None) -> None:
    """Serve the site until Ctrl-C; print its address first."""
    try:
        site = server(port)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: make book BOOK_PORT=8080")
    print(f"The book is open at http://127.0.0.1:{site.server_port}/   (Ctrl-C ends it)", flush=True)
    try:
        site.serve_forever()
    except KeyboardInterrupt:
        print()


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.site")
    parser.add_argument("command", choices=["build", "serve"])
    command = parser.parse_args().command
    folder = build()
    if command == "serve":
        serve(port_from(os.environ.get("BOOK_PORT", "")))
    else:
        print(f"The site is in {folder.relative_to(ROOT)}/; open {folder.relative_to(ROOT)}/index.html")
        print(f"It has {size(folder)}.")


if __name__ == "__main__":
    main()
