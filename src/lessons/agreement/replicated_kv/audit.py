"""Servers that keep account of what they execute, so that invariants can judge it. Their runs are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from lessons.agreement.replicated_kv.answers import Event
from lessons.agreement.replicated_kv.commands import Command
from lessons.agreement.replicated_kv.machine import KVMachine
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.node import Series

if TYPE_CHECKING:
    Base = KVServer
else:
    Base = object


class Account:
    """What a machine has executed since it began or took over a snapshot; ``place`` counts commands.

    ``effects`` are place, session and number of each request that was carried out, ``expired`` place and number
    of each lease that was over.
    """

    def __init__(self) -> None:
        self.effects: Series[tuple[int, int, int]] = Series()
        self.expired: Series[tuple[int, int]] = Series()
        self.events: Series[Event] = Series()


def accountable(kind: type[KVMachine]) -> type[KVMachine]:
    """The same machine, that keeps an ``account``."""

    class Accountable(kind):  # type: ignore[valid-type, misc]
        def __init__(self, limits: Limits | None = None) -> None:
            super().__init__(limits)
            self.account = Account()

        def carry_out(self, command: Command) -> str:
            if command.number:
                self.account.effects += ((self.executed, command.session, command.number),)
            return str(super().carry_out(command))

        def expire(self, lease: int) -> None:
            self.account.expired += ((self.executed, lease),)
            super().expire(lease)

        def apply(self, command: str) -> str:
            before = self.keyspace.revision
            result = str(super().apply(command))
            if self.keyspace.revision > before:
                self.account.events += [event for event in self.keyspace.events if event.revision > before]
            return result

    return Accountable


SHOWN = ("applied", "revision", "executed", "effects", "expired", "leases", "events", "digest")


class Audited(Base):
    """Shows the account; ``digest`` is a checksum of the whole state."""

    def start(self) -> None:
        """See ``Server.start``."""
        self._digest: tuple[object, int] = None, 0
        super().start()

    @property
    def executed(self) -> int:
        """How many commands the state is made of."""
        return self.machine.executed

    @property
    def effects(self) -> Series[tuple[int, int, int]]:
        """See ``Account``."""
        return self.account.effects

    @property
    def expired(self) -> Series[tuple[int, int]]:
        """See ``Account``."""
        return self.account.expired

    @property
    def leases(self) -> tuple[int, ...]:
        """The leases that live, or that keys hang on."""
        return tuple(sorted({*self.machine.leases.all, *self.machine.keyspace.attached}))

    @property
    def events(self) -> Series[Event]:
        """See ``Account``."""
        return self.account.events

    @property
    def digest(self) -> int:
        """A checksum of keys, events, leases, sessions and time."""
        state = (self.machine, self.machine.executed, self.machine.keyspace.revision)
        if self._digest[0] != state:
            self._digest = state, crc32(self.machine.snapshot())
        return self._digest[1]

    @property
    def account(self) -> Account:
        """That of the machine."""
        account: Account = self.machine.account  # type: ignore[attr-defined]
        return account


def audited(kind: type[KVServer] = KVServer) -> type[KVServer]:
    """``kind``, a server or a draft of one, under its own name, with what ``Audited`` shows; as it is if it does."""
    if issubclass(kind, Audited):
        return kind
    names = {
        "__doc__": kind.__doc__,
        "__module__": kind.__module__,
        "state_machine": accountable(kind.state_machine),
        "watched": tuple(dict.fromkeys((*kind.watched, *SHOWN))),
    }
    return type(kind.__name__, (Audited, kind), names)
