"""The labs of the book by name: one a chapter, in its module ``lab``, under ``LAB``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from lessons.lab.fields import Refused

if TYPE_CHECKING:
    from lessons.lab.lab import Declared

PARTS = ("foundations", "replication", "partitioning", "agreement", "storage", "dataflow", "operations", "capstone")


@cache
def chapters() -> tuple[str, ...]:
    """The names ``part/chapter`` of all chapters with a module ``lab``, in the order of the parts."""
    return tuple(f"{part}/{chapter}" for part in PARTS for chapter in _chapters_of(part))


def _chapters_of(part: str) -> list[str]:
    package = f"lessons.{part}"
    spec = find_spec(package)
    if spec is None:
        return []
    found = iter_modules(spec.submodule_search_locations or ())
    names = sorted(each.name for each in found if each.ispkg)
    return [name for name in names if find_spec(f"{package}.{name}.lab") is not None]


def find(name: object) -> Declared:
    """The lab of that name; raises Refused for a text that is not in the list: nothing else is ever imported."""
    if not isinstance(name, str) or name not in chapters():
        raise Refused(f"lab is {str(name)[:80]!r}: the labs are {', '.join(chapters())}")
    part, chapter = name.split("/")
    found: Declared | None = getattr(import_module(f"lessons.{part}.{chapter}.lab"), "LAB", None)
    if found is None:
        raise Refused(f"lab is {name!r}: this chapter has none yet")
    return found
