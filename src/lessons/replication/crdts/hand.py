"""Replicas in their users' hands: what a user can ask a replica for, by type of its state, one update at a time."""

from __future__ import annotations

from typing import Any, Protocol

from lessons.node import LessonsError
from lessons.replication.crdts.errors import BadState


class _Held(Protocol):
    """What a hand needs of the replica that it holds."""

    def do(self, name: str, args: tuple[Any, ...] = ()) -> int: ...

    def note(self, text: str, **facts: Any) -> None: ...


def ask(replica: _Held, name: str, *args: Any) -> None:
    """Let a replica do an update; what it refuses is noted, and changes nothing."""
    try:
        replica.do(name, args)
    except (LessonsError, IndexError, ValueError) as error:
        replica.note("does not update", why=str(error))


class TextHand:
    """Types and deletes."""

    def ask_insert(self: _Held, position: int = 0, text: str = "") -> None:
        """Type a text in front of the character at a position, counted from 0."""
        ask(self, "insert", position, text)

    def ask_delete(self: _Held, position: int = 0, count: int = 1) -> None:
        """Delete characters from a position on."""
        ask(self, "delete", position, count)


class SetHand:
    """Adds and removes elements."""

    def ask_add(self: _Held, element: str) -> None:
        """Add an element."""
        ask(self, "add", element)

    def ask_remove(self: _Held, element: str) -> None:
        """Remove an element that is there."""
        ask(self, "remove", element)


class CounterHand:
    """Counts up and down."""

    def ask_increment(self: _Held, amount: int = 1) -> None:
        """Add to the counter."""
        ask(self, "increment", amount)

    def ask_decrement(self: _Held, amount: int = 1) -> None:
        """Take away from the counter."""
        ask(self, "decrement", amount)


class RegisterHand:
    """Writes."""

    def ask_write(self: _Held, value: str) -> None:
        """Write a value."""
        ask(self, "write", value)


class FlagHand:
    """Switches."""

    def ask_enable(self: _Held) -> None:
        """Switch the flag on."""
        ask(self, "enable")

    def ask_disable(self: _Held) -> None:
        """Switch the flag off."""
        ask(self, "disable")


class MapHand:
    """Keeps sets under keys."""

    def ask_put(self: _Held, key: str, element: str) -> None:
        """Put an element into the set under a key."""
        ask(self, "update", key, "or-set", "add", element)

    def ask_take(self: _Held, key: str, element: str) -> None:
        """Take an element out of the set under a key."""
        ask(self, "update", key, "or-set", "remove", element)

    def ask_remove_key(self: _Held, key: str) -> None:
        """Remove a key with all that is under it."""
        ask(self, "remove", key)


#: By type of state: the class that makes its replicas answer to a hand.
HANDS: dict[str, type] = {
    "text": TextHand,
    "or-set": SetHand,
    "tagged-set": SetHand,
    "pn-counter": CounterHand,
    "lww-register": RegisterHand,
    "mv-register": RegisterHand,
    "enable-wins-flag": FlagHand,
    "map": MapHand,
}


def held(node: type, kind: str) -> type:
    """Replicas of class ``node``, of this type of state, in their users' hands. Raises BadState for another type."""
    if kind not in HANDS:
        raise BadState(f"kind is {kind!r}: there are hands for {', '.join(HANDS)}")
    return type(node.__name__, (HANDS[kind], node), {"__module__": node.__module__, "__doc__": node.__doc__})


def wishes_of(hand: type) -> list[str]:
    """What a hand can be asked for, by the names of its methods."""
    return [name.removeprefix("ask_") for name in vars(hand) if name.startswith("ask_")]
