"""Where worlds are found by name: those that chapters offer to be swept, and functions of modules."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import lessons
from lessons.check.sweeps.case import Sweep
from lessons.node import LessonsError

_CHAPTER = re.compile(r"[a-z_]+/[a-z_]+")


class UnknownWorld(LessonsError, LookupError):
    """There is no world of that name to be swept."""


def find(place: str) -> list[Sweep]:
    """The worlds at a place, each with its name.

    A chapter, as ``agreement/raft``, offers the mapping ``SWEEPS`` in its module ``runs``; ``agreement/raft:three``
    is one of them. ``package.module:name`` is a ``Sweep``, or a function that builds a world. Raises UnknownWorld,
    which says what there is.
    """
    where, _, name = place.partition(":")
    if not _CHAPTER.fullmatch(where):
        return [of_module(where, name)]
    offered = offers(where)
    if not offered:
        raise UnknownWorld(f"{where} offers no world to be swept: those that do are {', '.join(chapters())}")
    if name and name not in offered:
        raise UnknownWorld(f"{where} has no world {name!r}: it offers {', '.join(offered)}")
    return [replace(offered[each], name=f"{where}:{each}") for each in ([name] if name else offered)]


def find_one(place: str) -> Sweep:
    """The world at a place; raises UnknownWorld when there is none, or more than one."""
    found = find(place)
    if len(found) > 1:
        raise UnknownWorld(f"{place} offers several worlds: choose {' or '.join(each.name for each in found)}")
    return found[0]


def of_module(module: str, name: str) -> Sweep:
    """What ``module:name`` is; raises UnknownWorld when that is no world."""
    try:
        found: Any = getattr(import_module(module), name)
        return found if isinstance(found, Sweep) else Sweep(found)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UnknownWorld(
            f"{module}:{name} must be a chapter, as agreement/raft, or a name in a module ({error})"
        ) from None


def offers(chapter: str) -> Mapping[str, Sweep]:
    """What a chapter offers to be swept: nothing where there is no such chapter."""
    module = f"lessons.{chapter.replace('/', '.')}.runs"
    try:
        found: Mapping[str, Sweep] = getattr(import_module(module), "SWEEPS", {})
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        return {}
    return found


def chapters() -> Sequence[str]:
    """All chapters that offer a world."""
    parts = [part.name for part in pkgutil.iter_modules(lessons.__path__) if part.ispkg]
    named = (
        f"{part}/{chapter.name}"
        for part in parts
        for chapter in pkgutil.iter_modules(import_module(f"lessons.{part}").__path__)
        if chapter.ispkg
    )
    return [name for name in named if offers(name)]
