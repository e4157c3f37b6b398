"""The folder of Pyodide: its core as npm has it, wheels, the book's Python, and a lock file that names only these."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

from tools.live import archive
from tools.live.packages import npm_package, wheels

VERSION = "314.0.6"
INTEGRITY = "sha512-BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ=="
FOLDER = f"pyodide-{VERSION}"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
IN_PAGE = ("lessons", "pygments", "networkx")  # what a page loads at its start


def build(target: Path) -> dict[str, Any]:
    """Fill the folder ``target``; return what a page must know to start: places, bytes, the version of Python."""
    core = target / FOLDER
    core.mkdir(parents=True)
    info = unpack(core)
    python = ".".join(info["python"].split(".")[:2])
    packages = {name: other_wheel(target, name, path) for name, path in wheels().items()}
    packages["lessons"] = book_wheel(target, python)
    lock = json.dumps({"info": info, "packages": packages}, sort_keys=True).encode()
    name = f"lock-{short_digest(lock)}.json"
    (target / name).write_bytes(lock)
    loaded = [core / file for file in FILES] + [target / packages[name]["file_name"] for name in IN_PAGE]
    size = sum(path.stat().st_size for path in loaded)
    return {"folder": "live/", "pyodide": FOLDER, "lock": name, "bytes": size, "python": python}


def unpack(core: Path) -> Any:
    """Copy the core out of its package; return what its lock file says of it: version of Python, platform."""
    with tarfile.open(npm_package(f"pyodide@{VERSION}", INTEGRITY)) as package:
        for name in FILES:
            (core / name).write_bytes(read(package, name))
        return json.loads(read(package, "pyodide-lock.json"))["info"]


def read(package: tarfile.TarFile, name: str) -> bytes:
    """Return a file of an npm package."""
    file = package.extractfile(f"package/{name}")
    assert file is not None, f"the package has no file {name}"
    return file.read()


def other_wheel(target: Path, name: str, wheel: Path) -> dict[str, Any]:
    """Write a wheel of others without its tests; return its entry of the lock file."""
    return written(target / wheel.name, archive.stripped(wheel), name, wheel.name.split("-")[1])


def book_wheel(target: Path, python: str) -> dict[str, Any]:
    """Write the wheel of the book's Python; return its entry of the lock file.

    A digest in its name keeps browsers from running an old one.
    """
    data = archive.zipped(archive.book_files(python))
    name = f"lessons-{archive.VERSION}-1{short_digest(data)}-py3-none-any.whl"
    return written(target / name, data, "lessons", archive.VERSION)


def written(path: Path, data: bytes, name: str, version: str) -> dict[str, Any]:
    """Write a wheel and return what a lock file says of it."""
    path.write_bytes(data)
    return {
        "name": name,
        "version": version,
        "file_name": path.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(data).hexdigest(),
        "package_type": "package",
        "imports": [name.replace("-", "_")],
        "depends": [],
        "unvendored_tests": False,
    }


def short_digest(data: bytes) -> str:
    """Return a digest that fits into a file name."""
    return hashlib.sha256(data).hexdigest()[:12]
