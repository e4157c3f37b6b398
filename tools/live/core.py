"""The folder of Pyodide: its core as npm has it, wheels, the book's Python, and a lock file that names only these."""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from tools.live import archive, lock
from tools.live.packages import npm_package, wheels

VERSION = "314.0.6"
INTEGRITY = "sha512-BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ=="
FOLDER = f"pyodide-{VERSION}"
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
# What a page loads at its start; what draws code, questions and exercises is as in a notebook.
IN_PAGE = ("lessons", "networkx", "pygments", "markdown-it-py", "mdurl")
KERNEL = Path(sys.prefix) / "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
OF_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")  # wheels that JupyterLite's kernel brings along


@dataclass(frozen=True)
class Built:
    """What was built: the file names of the two lock files, the bytes of a page's first start, the version of Python.

    Pages may load packages from Pyodide's server when a reader asks for it, and their lock file says where they are.
    Notebooks would load them unasked, so theirs does not.
    """

    lock: str
    lock_of_notebooks: str
    bytes: int
    python: str

    def described(self) -> dict[str, Any]:
        """What a page must know to start."""
        return {
            "folder": "live/",
            "pyodide": FOLDER,
            "lock": self.lock,
            "packages": IN_PAGE,
            "bytes": self.bytes,
            "python": self.python,
        }


def build(target: Path) -> Built:
    """Fill the folder ``target``."""
    core = target / FOLDER
    core.mkdir(parents=True)
    published = unpack(core)
    python = ".".join(published["info"]["python"].split(".")[:2])
    packages: dict[str, lock.Entry] = {}
    for name, wheel in wheels_for(python):
        (target / name).write_bytes(wheel)
        entry = lock.entry(name, wheel, python)
        packages[canonicalize_name(entry["name"])] = entry
    others = lock.on_request(published["packages"], VERSION)
    loaded = [core / file for file in FILES] + [target / packages[name]["file_name"] for name in IN_PAGE]
    return Built(
        lock=write_lock(target, published["info"], others | packages),
        lock_of_notebooks=write_lock(target, published["info"], packages),
        bytes=sum(path.stat().st_size for path in loaded),
        python=python,
    )


def write_lock(target: Path, info: dict[str, str], packages: dict[str, lock.Entry]) -> str:
    """Write a lock file under a name with its digest; return the name."""
    text = json.dumps({"info": info, "packages": packages}, sort_keys=True).encode()
    name = f"lock-{short_digest(text)}.json"
    (target / name).write_bytes(text)
    return name


def unpack(core: Path) -> Any:
    """Copy the core out of its package; return the lock file that it was published with."""
    with tarfile.open(npm_package(f"pyodide@{VERSION}", INTEGRITY)) as package:
        for name in FILES:
            (core / name).write_bytes(read(package, name))
        return json.loads(read(package, "pyodide-lock.json"))


def read(package: tarfile.TarFile, name: str) -> bytes:
    """Return a file of an npm package."""
    file = package.extractfile(f"package/{name}")
    assert file is not None, f"the package has no file {name}"
    return file.read()


def wheels_for(python: str) -> Iterator[tuple[str, bytes]]:
    """Every wheel that the site brings along, with its file name.

    A digest in the name of the book's own keeps browsers from running an old one.
    """
    for path in wheels().values():
        yield path.name, archive.stripped(path)
    for name in OF_KERNEL:
        (path,) = KERNEL.glob(f"{name}-*.whl")
        yield path.name, path.read_bytes()
    book = archive.zipped(archive.book_files(python))
    yield f"lessons-{archive.VERSION}-1{short_digest(book)}-py3-none-any.whl", book


def short_digest(data: bytes) -> str:
    """Return a digest that fits into a file name."""
    return hashlib.sha256(data).hexdigest()[:12]
