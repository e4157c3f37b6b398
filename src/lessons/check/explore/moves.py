"""Moves: what may happen next in a world without time, and the messages that are under way in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lessons.check.explore.reading import Reader, Reading
from lessons.node import render

#: What the number of a message stands for: the life of its sender, and which call of that life it was, 0 for none.
Token = tuple[int, int]


@dataclass(frozen=True, eq=False, slots=True)
class Packet:
    """A message under way. ``number`` is that of the message, ``answers`` that of the call which it answers.

    ``place`` is its position among all packets that were ever seen; equal packets are one object.
    """

    place: int
    sender: str
    to: str
    message: Any
    number: Token
    answers: Token | None

    def __str__(self) -> str:
        return f"{render(self.message)} from {self.sender} to {self.to}"


class Packets:
    """All packets that were seen so far, each once."""

    def __init__(self) -> None:
        self.all: list[Packet] = []
        self._known: dict[Reading, Packet] = {}

    def of(self, sender: str, to: str, message: Any, number: Token, answers: Token | None) -> Packet:
        """The packet with these contents."""
        reading = (sender, to, Reader().read(message), number, answers)
        if reading not in self._known:
            self._known[reading] = Packet(len(self.all), sender, to, message, number, answers)
            self.all.append(self._known[reading])
        return self._known[reading]


class Kind(Enum):
    """What a move does."""

    DELIVER = "deliver"  # a message arrives
    COPY = "copy"  # a message arrives, and will do so again
    LOSE = "lose"  # a message is lost
    FIRE = "fire"  # a timer fires, or a sleeping workflow wakes up
    CRASH = "crash"
    RESTART = "restart"
    ACT = "act"  # the next fault that the world's builder has planned


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """One thing that may happen next.

    ``node`` is where, "" for what concerns the network; ``what`` is a Packet, the name and the position of a timer,
    the fates of writes in a crash, or an Action. ``charge`` says which of the bounds it uses up, None for no bound.
    """

    kind: Kind
    node: str
    what: Any = None
    charge: int | None = None

    def __str__(self) -> str:
        match self.kind:
            case Kind.DELIVER | Kind.COPY:
                again = ", and it will come again" if self.kind is Kind.COPY else ""
                return f"{self.node} gets {render(self.what.message)} from {self.what.sender}{again}"
            case Kind.LOSE:
                return f"{self.what} is lost"
            case Kind.FIRE:
                return f"timer {self.what[0]} of {self.node}"
            case Kind.CRASH:
                return f"{self.node} crashes" + (f", unsynced writes are {', '.join(self.what)}" if self.what else "")
            case Kind.RESTART:
                return f"{self.node} starts again"
        args = ", ".join(f"{name}={render(value)}" for name, value in self.what.args.items())
        return f"{self.what.name}({args})"


def in_words(moves: Iterable[Move]) -> str:
    """A schedule, one numbered line a move."""
    return "\n".join(f"{number:4}. {move}" for number, move in enumerate(moves, start=1))
