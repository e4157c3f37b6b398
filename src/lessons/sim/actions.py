"""Actions: faults at their times as plain data, so that a run can be told, kept, replayed and shrunk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, cast

from lessons.node import encode
from lessons.sim.faults import Effect, Faults
from lessons.sim.latency import latency_from

_KNOWN = sorted(name for name in vars(Faults) if name[0] != "_" and name not in ("perform", "follow_up"))


@dataclass(frozen=True)
class Action:
    """A fault at a time (virtual seconds): the name of a method of ``Faults`` and its arguments."""

    at: float
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ValueError for a fault that does not exist, TypeError for arguments it can't have."""
        if self.name not in _KNOWN:
            raise ValueError(f"name is {self.name!r}: the faults are {', '.join(_KNOWN)}")
        if self._groups() and self.name != "partition":
            raise TypeError(f"arguments of {self.name} are {dict(self.args)}: only a partition has groups")
        try:
            inspect.signature(getattr(Faults, self.name)).bind(None, *self._groups(), **self._named())
        except TypeError as error:
            raise TypeError(f"arguments of {self.name} are {dict(self.args)}: {error}") from None

    def perform(self, faults: Faults) -> Effect:
        """Do it now; returns what it changed. The nodes react only in ``faults.follow_up``."""
        return faults.perform(self.name, self._groups(), self._named())

    def _groups(self) -> tuple[Any, ...]:
        return tuple(self.args.get("groups", ()))

    def _named(self) -> dict[str, Any]:
        return {name: value for name, value in self.args.items() if name != "groups"}

    def to_json(self) -> dict[str, Any]:
        """``{"at": 3.0, "do": "crash", "node": "n2"}``."""
        plain = {name: encode(value) for name, value in self.args.items()}
        return {"at": self.at, "do": self.name, **plain}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Action:
        """The inverse of ``to_json``; raises ValueError when ``at`` or ``do`` is missing."""
        missing = {"at", "do"} - set(data)
        if missing:
            raise ValueError(f"action is {dict(data)}: it lacks {', '.join(sorted(missing))}")
        args = {name: value for name, value in data.items() if name not in ("at", "do")}
        if isinstance(args.get("latency"), Mapping):
            args["latency"] = latency_from(args["latency"])
        return cls(float(data["at"]), data["do"], args)


class Planner:
    """Looks like ``Faults``, but hands the name of each fault and its arguments to ``take``."""

    def __init__(self, take: Callable[[str, dict[str, Any]], None]) -> None:
        self._take = take

    def as_faults(self) -> Faults:
        """This planner, typed as what it looks like."""
        return cast(Faults, self)

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(f"{name} is no fault")  # a notebook asks everything that it shows for its _repr_html_
        method = getattr(Faults, name, None)

        def plan(*args: Any, **kwargs: Any) -> None:
            given: dict[str, Any] = kwargs
            if method is not None:
                given = dict(inspect.signature(method).bind(None, *args, **kwargs).arguments)
                given.pop("self")
            self._take(name, {name: _plain(value) for name, value in given.items()})

        return plan


def _plain(value: Any) -> Any:
    """Groups of nodes as lists, sets in a fixed order, so that they can be kept; everything else as it is."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return value
    return [_plain(item) for item in (sorted(value) if isinstance(value, Set) else value)]
