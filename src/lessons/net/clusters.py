"""Where clusters are found by name: each is declared by its chapter, in its module ``cluster``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import ModuleInfo, iter_modules
from typing import Any

import lessons
from lessons.net.errors import UnknownCluster
from lessons.net.vocabulary import Vocabulary
from lessons.node import Node

#: Makes a node of that name; the names are those of all servers.
Make = Callable[[str, tuple[str, ...]], Node]


@dataclass(frozen=True)
class Cluster:
    """What a chapter offers to be run as processes.

    ``server`` and ``client`` make the node of a name; ``kinds`` are the classes of nodes whose messages the cluster
    knows. ``nodes`` is how many servers there are unless somebody says so, called n1, n2, ... unless ``names`` has
    their names.
    """

    server: Make
    client: Make
    kinds: tuple[type[Node], ...]
    nodes: int = 3
    names: tuple[str, ...] = ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The messages that its nodes may say to each other."""
        return Vocabulary.of(*self.kinds)

    def servers(self, number: int | None = None) -> tuple[str, ...]:
        """The names of its servers. Raises ValueError for a number that it can't have."""
        wanted = (len(self.names) or self.nodes) if number is None else number
        if wanted < 1 or (self.names and wanted != len(self.names)):
            allowed = str(len(self.names)) if self.names else "1 or more"
            raise ValueError(f"number of nodes is {number!r}: it must be {allowed}")
        return self.names or tuple(f"n{place}" for place in range(1, wanted + 1))


def full_name(chapter: str) -> str:
    """The name of a chapter with its part: ``agreement/raft`` for ``raft``. Raises UnknownCluster."""
    names = [name for name in chapters() if chapter in (name, name.partition("/")[2])]
    if not names:
        raise UnknownCluster(f"{chapter} offers no cluster: those that do are {', '.join(chapters())}")
    return names[0]


def find(chapter: str) -> Cluster:
    """The cluster of a chapter, such as ``agreement/raft``, or ``raft`` alone. Raises UnknownCluster."""
    found: Cluster = offered(full_name(chapter), "cluster", "CLUSTER")
    return found


def chapters(module: str = "cluster", name: str = "CLUSTER") -> Sequence[str]:
    """All chapters that offer something: ``name`` in their ``module``. A name can't lead anywhere else."""
    parts = [part.name for part in iter_modules(lessons.__path__) if part.ispkg]
    packages = [f"{part}/{each.name}" for part in parts for each in _modules_in(part) if each.ispkg]
    having = [place for place in packages if any(each.name == module for each in _modules_in(place))]
    return [place for place in having if offered(place, module, name) is not None]


def offered(chapter: str, module: str, name: str) -> Any:
    """What a chapter offers; None if it has no such name in its module."""
    return getattr(import_module(f"lessons.{chapter.replace('/', '.')}.{module}"), name, None)


def _modules_in(place: str) -> Iterable[ModuleInfo]:
    return iter_modules([f"{path}/{place}" for path in lessons.__path__])
