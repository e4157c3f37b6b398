"""Bounds: how often what may happen any time may happen in one schedule."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lessons.node import UnknownNode

Limit = int | None | Mapping[str, int]


class Bounds:
    """Counts what a schedule has used up. Raises ValueError for a number below 0, UnknownNode for a node that is none.

    ``timers`` bounds how often each timer may fire at each node: a number for all of them, or by name ("beat") or by
    node and name ("n1.beat"), and then others never fire; None for no bound. Timers of 0 seconds are not counted.
    ``crashes`` and ``restarts`` are a number for all ``servers`` together, or by node; None for no bound. ``losses``
    and ``copies`` are those of all messages together.
    """

    def __init__(
        self,
        nodes: Collection[str],
        servers: Collection[str],
        *,
        timers: Limit,
        crashes: Limit,
        restarts: Limit,
        losses: int,
        copies: int,
    ) -> None:
        given = {"timers": timers, "crashes": crashes, "restarts": restarts, "losses": losses, "copies": copies}
        for name, limit in given.items():
            _check(name, limit)
        for name in ("crashes", "restarts"):
            limit = given[name]
            strangers = set(limit) - set(nodes) if isinstance(limit, Mapping) else ()
            for stranger in strangers:
                raise UnknownNode(stranger, list(nodes))
        self._given, self._servers = given, servers
        self.limits: list[int] = []  # by charge
        self._charges: dict[tuple[str, ...], int] = {}

    def timer(self, node: str, name: str) -> tuple[bool, int | None]:
        """Whether this timer may ever fire, and its charge."""
        limit = self._given["timers"]
        if isinstance(limit, Mapping):
            limit = limit.get(f"{node}.{name}", limit.get(name, 0))
        return self._charge(limit, "timers", node, name)

    def fault(self, what: str, node: str) -> tuple[bool, int | None]:
        """Whether ``what`` ("crashes", "restarts") may ever happen to this node, and its charge."""
        limit = self._given[what]
        if isinstance(limit, Mapping):
            return self._charge(limit.get(node, 0), what, node)
        return self._charge(limit if node in self._servers else 0, what)

    def message(self, what: str) -> tuple[bool, int | None]:
        """Whether ``what`` ("losses", "copies") may ever happen, and its charge."""
        return self._charge(self._given[what], what)

    def _charge(self, limit: Limit, *key: str) -> tuple[bool, int | None]:
        assert not isinstance(limit, Mapping)
        if not limit:
            return limit is None, None
        if key not in self._charges:
            self._charges[key] = len(self.limits)
            self.limits.append(limit)
        return True, self._charges[key]


def _check(name: str, limit: Limit) -> None:
    """Raise ValueError unless a bound is one."""
    for number in limit.values() if isinstance(limit, Mapping) else (limit,):
        if number is not None and (not isinstance(number, int) or number < 0):
            raise ValueError(f"{name} is {limit!r}: it must be a whole number, 0 or more, or one for each name")
