"""Where clusters are found by name: each is declared by its chapter, in its module ``cluster``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import ModuleInfo, iter_modules

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
    names = [name for name in _candidates() if chapter in (name, name.partition("/")[2]) and _cluster(name)]
    if not names:
        raise UnknownCluster(f"{chapter} offers no cluster: those that do are {', '.join(chapters())}")
    return names[0]


def find(chapter: str) -> Cluster:
    """The cluster of a chapter, such as ``agreement/raft``, or ``raft`` alone. Raises UnknownCluster."""
    found = _cluster(full_name(chapter))
    assert found is not None
    return found


def chapters() -> Sequence[str]:
    """All chapters that offer a cluster."""
    return [name for name in _candidates() if _cluster(name)]


def _candidates() -> Sequence[str]:
    """All packages of packages of ours that have a module ``cluster``. So a name can't lead anywhere else."""
    parts = [part.name for part in iter_modules(lessons.__path__) if part.ispkg]
    return [
        f"{part}/{chapter.name}"
        for part in parts
        for chapter in _modules_in(part)
        if chapter.ispkg and any(module.name == "cluster" for module in _modules_in(f"{part}/{chapter.name}"))
    ]


def _modules_in(place: str) -> Iterable[ModuleInfo]:
    return iter_modules([f"{path}/{place}" for path in lessons.__path__])


def _cluster(name: str) -> Cluster | None:
    found = getattr(import_module(f"lessons.{name.replace('/', '.')}.cluster"), "CLUSTER", None)
    return found if isinstance(found, Cluster) else None
