"""What invariants look at: the watched fields of every node, as they are after the last event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from typing import Any

from lessons.node import AuthorError, UnknownNode


class NodeState:
    """One node: its watched fields as attributes, ``up``, its ``name`` and the name of its class.

    A node that is down keeps showing what it had last; most rules look at ``up`` first.
    """

    __slots__ = ("_fields", "kind", "name", "up")

    def __init__(self, name: str, kind: str, fields: dict[str, Any]) -> None:
        self.name, self.kind, self.up = name, kind, False
        self._fields = fields

    def __getattr__(self, field: str) -> Any:
        try:
            return self._fields[field]
        except KeyError:
            watched = ", ".join(self._fields) or "nothing yet"
            raise AuthorError(
                f"{self.name}.{field} is not watched, so no rule can read it: add {field!r} to "
                f"{self.kind}.watched (it has {watched})"
            ) from None

    def __contains__(self, field: str) -> bool:
        return field in self._fields

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self._fields.items())})"


class State(Mapping[str, NodeState]):
    """All nodes of a run by name, in the order in which they were added."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeState] = {}

    def add(self, node: NodeState) -> None:
        """Take in one more node."""
        self._nodes[node.name] = node

    def of(self, *kinds: str) -> list[NodeState]:
        """The nodes whose class has one of these names."""
        return [node for node in self._nodes.values() if node.kind in kinds]

    def showing(self, field: str) -> list[NodeState]:
        """The nodes that are up and watch a field of this name."""
        return [node for node in self._nodes.values() if node.up and field in node._fields]

    def values(self) -> ValuesView[NodeState]:
        """All nodes: what a rule asks for after each event, so it is no walk through ``__getitem__``."""
        return self._nodes.values()

    def __getitem__(self, name: str) -> NodeState:
        try:
            return self._nodes[name]
        except KeyError:
            raise UnknownNode(name, list(self._nodes)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)
