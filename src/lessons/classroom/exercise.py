"""An exercise: its file, and everything that the file says."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import lessons
from lessons.node.errors import LessonsError

FOLDER = "LESSONS_EXERCISES"  # names the folder of the exercises, where it is not beside this package
NAMES = ("LEVEL", "MINUTES", "HINTS", "stub", "solution", "BUGS", "samples")

Sample = Callable[[], object]


class NoExercise(LessonsError, LookupError):
    """There is no exercise of this name, or no folder of exercises."""


class BadExercise(LessonsError, ValueError):
    """An exercise's file breaks the rules for such files; the text says which."""


@dataclass(frozen=True)
class Exercise:
    """A task to solve by writing code, and what is needed to check an attempt.

    ``samples(attempt)`` gives the checks: functions without arguments that raise AssertionError in words;
    an error's ``trace`` is the run that shows it. A check is called by what it claims. ``bugs`` maps a name
    to an attempt with a planted bug. Task, hints and the words of the checks are Markdown: put values that
    may hold its signs into back-ticks.
    """

    name: str
    task: str
    level: int
    minutes: int
    hints: Sequence[str]
    stub: Any
    solution: Any
    bugs: Mapping[str, Any]
    samples: Callable[[Any], Iterable[Sample]]

    @property
    def title(self) -> str:
        """The first line of the task."""
        return self.task.partition("\n")[0].rstrip(".")

    def stub_source(self) -> str:
        """The code that the reader starts from."""
        return inspect.getsource(self.stub).rstrip()

    def solution_source(self) -> str:
        """The code of the solution."""
        return inspect.getsource(self.solution).rstrip()


def folder() -> Path:
    """Where the exercises are: the folder that LESSONS_EXERCISES names, else the one of this checkout.

    Raises NoExercise when there is none.
    """
    named = os.environ.get(FOLDER)
    place = Path(named) if named else Path(lessons.__file__).parents[2] / "exercises"
    if not place.is_dir():
        raise NoExercise(
            f"no folder of exercises at {place}: work in a checkout of the book with an editable install "
            f"(pip install -e .), or name the folder in {FOLDER}"
        )
    return place


def find(name: str) -> Exercise:
    """The exercise ``name``, such as "simulation/retry": chapter and exercise.

    Raises ValueError for another form, NoExercise where there is no such file, BadExercise for a file that
    lacks something.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", name):
        raise ValueError(f"name is {name!r}: it must be chapter and exercise, such as 'simulation/retry'")
    paths = sorted(folder().glob(f"*/{name}.py"))
    if not paths:
        known = ", ".join(name_of(path) for path in files()) or "none"
        raise NoExercise(f"there is no exercise {name!r}; there are: {known}")
    return read(paths[0])


def files() -> list[Path]:
    """The files of all exercises, in order."""
    return sorted(path for path in folder().glob("*/*/*.py") if not path.name.startswith("_"))


def name_of(path: Path) -> str:
    """The name of the exercise in ``path``."""
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> Exercise:
    """The exercise in the file ``path``. Raises BadExercise, which says what the file lacks."""
    module = _module(path)
    missing = [name for name in NAMES if not hasattr(module, name)]
    if missing or not module.__doc__:
        raise BadExercise(f"exercise {name_of(path)} lacks {', '.join(missing) or 'its docstring, the task'}")
    if module.LEVEL not in (1, 2, 3):
        raise BadExercise(f"LEVEL of exercise {name_of(path)} is {module.LEVEL!r}: it must be 1, 2 or 3")
    if not module.HINTS or not module.BUGS:
        raise BadExercise(f"exercise {name_of(path)} has no HINTS or no BUGS: it needs one of each at least")
    return Exercise(
        name_of(path),
        inspect.cleandoc(module.__doc__),
        module.LEVEL,
        module.MINUTES,
        tuple(module.HINTS),
        module.stub,
        module.solution,
        dict(module.BUGS),
        module.samples,
    )


def _module(path: Path) -> ModuleType:
    """The module of an exercise's file, run once; under its own name, so that its source can be found."""
    name = ".".join(("exercises", *path.parts[-3:-1], path.stem))
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(path):
        return known
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
