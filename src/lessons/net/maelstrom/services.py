"""Where services are found by name: each is declared by its chapter, in its module ``maelstrom``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module

from lessons.net.clusters import Make, chapters
from lessons.net.vocabulary import Vocabulary
from lessons.node import LessonsError, Node

NAMES = "maelstrom"  # what the module of a chapter is called


class UnknownService(LessonsError, LookupError):
    """No chapter offers a service of that name."""


@dataclass(frozen=True)
class Service:
    """What a process of a workload is: ``front`` makes the node that answers clients.

    Where it is itself a client of another node, ``behind`` makes that one, which runs in the same process. ``kinds``
    are the classes of nodes whose messages travel between processes.
    """

    front: Make
    kinds: tuple[type[Node], ...]
    behind: Make | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The messages that its nodes may say to each other."""
        return Vocabulary.of(*self.kinds)


def find(name: str) -> Service:
    """The service for a workload of Maelstrom. Raises UnknownService."""
    known = dict(services())
    if name not in known:
        raise UnknownService(f"{name} is no service: there are {', '.join(sorted(known))}")
    return known[name]


def services() -> Iterator[tuple[str, Service]]:
    """All services by name: those of chapters, and those that need no chapter."""
    declared = (f"lessons.{chapter.replace('/', '.')}.{NAMES}" for chapter in chapters(NAMES, "SERVICES"))
    for module in ("lessons.net.maelstrom.samples", *declared):
        found: Mapping[str, Service] = import_module(module).SERVICES
        yield from found.items()
