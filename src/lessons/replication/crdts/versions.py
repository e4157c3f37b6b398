"""Versions of a run: every state that a replica was in, and from which ones each came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lessons.replication.crdts.stability import covers

if TYPE_CHECKING:
    from lessons.trace import Trace

Name = tuple[tuple[str, int], ...]  # a version: how many updates of each replica are in it


@dataclass
class Version:
    """A version that a run came by: what it showed, who had it, and which versions it was made of."""

    name: Name
    value: Any
    replicas: list[str] = field(default_factory=list)
    parents: list[Name] = field(default_factory=list)

    @property
    def is_join(self) -> bool:
        """Whether branches met here."""
        return len(self.parents) > 1


def versions(trace: Trace) -> list[Version]:
    """The versions of a run of replicas, in the order in which they were reached."""
    found: dict[Name, Version] = {}
    at: dict[str, Name] = {}
    came: dict[str, Name] = {}
    for node, seen, value, message in _changes(trace):
        if message is not None:
            came[node] = message
            continue
        name = tuple(sorted(seen.items()))
        before = at.get(node)
        if name not in found:
            known = [each for each in (before, came.get(node)) if each in found and covers(seen, dict(each or ()))]
            found[name] = Version(name, value, parents=_latest([each for each in known if each is not None]))
        if node not in found[name].replicas:
            found[name].replicas.append(node)
        at[node] = name
    return list(found.values())


def _changes(trace: Trace) -> Iterator[tuple[str, dict[str, int], Any, Name | None]]:
    """Each new version at a replica, and before it the version that came in a message, in order."""
    state: dict[str, dict[str, Any]] = {}
    for event in trace.events:
        after, message = getattr(event, "after", None), getattr(event, "message", None)
        if after is not None and ("seen" in after or "value" in after):
            fields = state.setdefault(event.node, {})
            fields.update(after)
            yield event.node, fields["seen"], fields["value"], None
        elif message is not None and type(event).__name__ == "Delivered" and (came := _version_in(message)):
            yield event.node, {}, None, came


def _version_in(message: Any) -> Name:
    """The version that a message brings: what its sender had seen, or an operation with all that came before it."""
    if hasattr(message, "past"):
        return tuple(sorted({**dict(message.past), message.author: message.number}.items()))
    return tuple(sorted(dict(getattr(message, "seen", ())).items()))


def _latest(names: list[Name]) -> list[Name]:
    """Those that no other of them contains."""
    distinct = list(dict.fromkeys(names))
    return [
        name for name in distinct if not any(name != other and covers(dict(other), dict(name)) for other in distinct)
    ]


def concurrent(first: Version, second: Version) -> bool:
    """Whether neither version contains the other."""
    mine, theirs = dict(first.name), dict(second.name)
    return not covers(mine, theirs) and not covers(theirs, mine)
