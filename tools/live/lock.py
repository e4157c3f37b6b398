"""The lock file of Pyodide: each package with its file, its hash, what it brings to import, and what it needs."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Parts of a notebook server; what a page needs of them is in its front end.
LEFT_OUT = {"widgetsnbextension", "jupyterlab-widgets"}
# What Pyodide publishes and this site does not bring along: fetched from its server when a reader asks for it.
ON_REQUEST = ("numpy", "matplotlib")
SERVER = "https://cdn.jsdelivr.net/pyodide/v{}/full/"

Entry = dict[str, Any]


def entry(file_name: str, wheel: bytes, python: str) -> Entry:
    """Return what the lock file says of a wheel that stands beside it."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = archive.namelist()
        (place,) = (name for name in names if name.count("/") == 1 and name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(place).decode())
    return {
        "name": metadata["Name"],
        "version": metadata["Version"],
        "file_name": file_name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel).hexdigest(),
        "package_type": "package",
        "imports": sorted(set(importable(names))),
        "depends": sorted(set(needed(metadata.get_all("Requires-Dist", []), python))),
        "unvendored_tests": False,
    }


def importable(names: list[str]) -> Iterator[str]:
    """What can be imported of the files of a wheel: its packages and modules."""
    for name in names:
        top, _, rest = name.partition("/")
        if top.endswith(".py"):
            yield top.removesuffix(".py")
        elif rest.endswith(".py") and not top.endswith((".data", ".dist-info")):
            yield top


def needed(requirements: list[str], python: str) -> Iterator[str]:
    """Which packages a wheel needs in a browser."""
    browser = {"sys_platform": "emscripten", "platform_system": "Emscripten", "python_version": python, "extra": ""}
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        if name not in LEFT_OUT and (requirement.marker is None or requirement.marker.evaluate(browser)):
            yield name


def on_request(published: dict[str, Entry], version: str) -> dict[str, Entry]:
    """Return the packages of ON_REQUEST, and all that they need, with the addresses where Pyodide publishes them."""
    wanted, found = list(ON_REQUEST), {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            package = published[name]
            found[name] = {**package, "file_name": SERVER.format(version) + package["file_name"]}
            wanted += package["depends"]
    return found
