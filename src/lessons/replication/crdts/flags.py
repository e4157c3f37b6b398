"""Flags: enabled or disabled, and what a flag is that was both at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from lessons.replication.crdts.causal import Causal
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.rules import Dot

F = TypeVar("F", bound="Flag")


class Flag(Causal[bool]):
    """A flag: each update replaces all that it has seen, so that two entries are concurrent updates."""

    __slots__ = ()

    def enable(self: F, replica: str) -> F:
        """Switch it on."""
        return self.change(replica, put=True, drop=list(self.entries))

    def disable(self: F, replica: str) -> F:
        """Switch it off."""
        return self.change(replica, put=False, drop=list(self.entries))

    @staticmethod
    def entry(name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise BadState(f"{name} is {value!r}: it must be true or false")
        return value


class EnableWinsFlag(Flag):
    """Enabled when any of the last updates has enabled it."""

    __slots__ = ()
    kind: ClassVar[str] = "enable-wins-flag"

    @staticmethod
    def reading(entries: Mapping[Dot, bool]) -> bool:
        return any(entries.values())


class DisableWinsFlag(Flag):
    """Enabled when each of the last updates has enabled it, and there is one."""

    __slots__ = ()
    kind: ClassVar[str] = "disable-wins-flag"

    @staticmethod
    def reading(entries: Mapping[Dot, bool]) -> bool:
        return bool(entries) and all(entries.values())
