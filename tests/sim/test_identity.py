"""A run is the same to the last byte: as it was when it was kept, whatever the hashes, on every Python we support.

``python -m tests.sim.stories --write`` renews what is kept, when a change is meant to change runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lessons.sim.actions import _KNOWN
from lessons.trace import Event, Faulted, Trace
from tests.sim.stories import GOLDEN, STORIES, told
from tests.source import ROOT, SRC

OTHER_PYTHONS = ("3.11", "3.12", "3.13")


@cache
def trace_of(name: str) -> Trace:
    return STORIES[name]()


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_as_it_is_kept(name: str) -> None:
    kept = (GOLDEN / f"{name}.txt").read_text(encoding="utf8")
    lines, expected = trace_of(name).lines(), kept.splitlines()
    for number, (line, old) in enumerate(zip(lines, expected, strict=False)):
        assert line == old, f"event {number} of {name} is not what it was"
    assert len(lines) == len(expected)


def test_every_story_is_kept_and_nothing_else() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(STORIES)


def test_the_stories_have_every_kind_of_event_and_of_fault() -> None:
    events = [event for name in STORIES for event in trace_of(name)]
    assert {type(event).__name__ for event in events} == {kind.__name__ for kind in Event.__subclasses__()}
    assert {event.name for event in events if isinstance(event, Faulted)} == set(_KNOWN)
    fates = {fate for event in events if isinstance(event, Faulted) for fate in event.effect.get("writes", ())}
    assert fates == {"kept", "lost", "torn"}


@cache
def told_here() -> str:
    """All stories, told by this process."""
    return "".join(f"# {name}\n{told(name)}\n" for name in STORIES)


def told_by(python: str, hash_seed: str) -> str:
    """All stories, told by another process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SRC), str(ROOT)]), "PYTHONHASHSEED": hash_seed}
    command = [python, "-m", "tests.sim.stories"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf8", check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_the_stories_do_not_depend_on_hashes(hash_seed: str) -> None:
    assert told_by(sys.executable, hash_seed) == told_here()


def interpreter(version: str) -> str | None:
    """A Python of this version, on the path or among those of pyenv; None if there is none."""
    installed = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for candidate in [f"python{version}", *map(str, installed)]:
        if is_python(candidate, version):
            return candidate
    return None


def is_python(command: str, version: str) -> bool:
    try:
        said = subprocess.run([command, "-V"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return said.returncode == 0 and said.stdout.startswith(f"Python {version}.")


@pytest.mark.parametrize("version", OTHER_PYTHONS)
def test_the_stories_are_the_same_on_every_python(version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here: install one to compare the runs of both")
    assert told_by(python, "random") == told_here()
