"""What chapters offer to be soaked: clients for their clusters, and complaints about what came of a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from lessons.chaos.trial import Outcome
from lessons.net import Station, UnknownCluster
from lessons.net.clusters import full_name
from lessons.node import Client

#: Looks at a trial that is over: no texts when all is well, else what is wrong.
Complaint = Callable[[Outcome], Iterable[str]]


@dataclass(frozen=True)
class Soak:
    """``clients`` makes clients for servers of these names, and so many; ``finish`` asks them to come to an end."""

    clients: Callable[[tuple[str, ...], int], Mapping[str, Callable[[], Client]]]
    finish: Callable[[Mapping[str, Station]], object]
    complaints: Sequence[Complaint]


def find(chapter: str) -> Soak:
    """The soak of a chapter: ``SOAK`` in its module ``soak``. Raises UnknownCluster."""
    name = full_name(chapter)
    try:
        found: Soak = import_module(f"lessons.{name.replace('/', '.')}.soak").SOAK
    except ModuleNotFoundError:
        raise UnknownCluster(f"{name} offers nothing to be soaked") from None
    return found


def recovers(outcome: Outcome) -> Iterable[str]:
    """Every client is served again, soon after the last fault is repaired."""
    if outcome.recovered is None:
        yield "not every client was served again after everything was repaired"
