"""Replica: a node that holds a state, updates it for its users, and has it on disk before anybody hears of it."""

from __future__ import annotations

from typing import Any, ClassVar

from lessons.node import DiskFull, LessonsError, Node, message
from lessons.replication.crdts.codec import KINDS, dumps, loads
from lessons.replication.crdts.dots import Vector
from lessons.replication.crdts.stability import Stability
from lessons.replication.crdts.updates import perform, told


@message
class Do:
    """A user asks for an update: its name and its arguments."""

    name: str
    args: tuple[Any, ...] = ()


@message
class Done:
    """The update is done and durable: number ``number`` of this replica."""

    number: int


@message
class Refused:
    """The update makes no sense here, or can't be made durable; nothing was changed."""

    why: str


@message
class Entry:
    """One update of a replica's own: what it was, and how many updates of each replica it had seen."""

    name: str
    args: tuple[Any, ...]
    past: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return " ".join([self.name, *map(str, self.args)])


class Replica(Node):
    """Holds a state of a type, given by its name in the JSON form: ``of="or-set"``.

    ``seen`` counts the updates of each replica that are in the state; ``log`` has this replica's own, each
    with what it had seen, for those who judge a run. State, ``seen`` and ``log`` are one entry on the disk.
    """

    watched: ClassVar[tuple[str, ...]] = ("of", "value", "seen", "log")

    def __init__(self, of: str) -> None:
        self.of = of

    def start(self) -> None:
        """Take up what the disk has."""
        self.state: Any = self.bottom()
        self.seen: Vector = {}
        self.log: tuple[Entry, ...] = ()
        saved = self.disk.get("replica")
        if saved is not None:
            self.recall(*saved)
        self.stability = Stability([self.name, *self.peers])

    def bottom(self) -> Any:
        """The state of a replica that has seen nothing."""
        return KINDS[self.of]()

    @property
    def value(self) -> Any:
        """What a reader sees here."""
        return self.state.value

    # Updates

    def on_do(self, user: str, do: Do) -> None:
        """Update the state, and say so when that is durable."""
        try:
            number = self.do(do.name, do.args)
        except (LessonsError, IndexError, ValueError) as error:  # ValueError: a number too long for JSON
            self.reply(Refused(str(error)))
        else:
            self.reply(Done(number))

    def do(self, name: str, args: tuple[Any, ...] = ()) -> int:
        """Do an update; returns its number. Raises what the update raises, and DiskFull; nothing is changed then."""
        state = self.copy()
        delta = self.perform(state, name, args)
        entry = Entry(name, told(self.of, self.value, name, args), tuple(self.seen.items()))
        self.keep(state, {**self.seen, self.name: self.seen.get(self.name, 0) + 1}, (*self.log, entry))
        self.note_delta(delta)
        return self.seen[self.name]

    def perform(self, state: Any, name: str, args: tuple[Any, ...]) -> Any:
        """Do an update to ``state``; returns its delta."""
        return perform(state, self.name, name, args, self.milliseconds())

    def milliseconds(self) -> int:
        """This node's time of day."""
        return max(0, int(self.now * 1000))

    def note_delta(self, delta: Any) -> None:
        """Called with the delta of each change, when it is durable."""

    # The state and the disk

    def copy(self) -> Any:
        """A copy of the state, to be changed."""
        return self.state.copy()

    def keep(self, state: Any, seen: Vector, log: tuple[Entry, ...]) -> None:
        """Write a new state, make it durable, and only then believe it."""
        seen = dict(sorted(seen.items()))
        self.disk.put("replica", self.saved(state, seen, log))
        self.disk.sync()
        self.state, self.seen, self.log = state, seen, log

    def saved(self, state: Any, seen: Vector, log: tuple[Entry, ...]) -> tuple[Any, ...]:
        """What the disk gets."""
        return dumps(state), seen, log

    def recall(self, text: str, seen: Vector, log: tuple[Entry, ...]) -> None:
        """Take up what ``saved`` has made."""
        self.state, self.seen, self.log = self.read(text), seen, log

    def read(self, text: str) -> Any:
        """The state in a text. Raises BadState."""
        return loads(text, KINDS[self.of])

    # Forgetting

    def tidy(self) -> None:
        """Forget tombstones that every replica has, where the type of the state has any."""
        self.stability.heard(self.name, self.seen)
        purge = getattr(self.state, "purge", None)
        if purge is None:
            return
        self.stability.mark(self.seen, self.state.checkpoint())
        forgotten = sum(purge(mark) for mark in self.stability.ripe())
        if forgotten:
            self.note("forgets tombstones", count=forgotten)
            try:
                self.keep(self.state, self.seen, self.log)
                self.note_delta(self.bottom())
            except DiskFull:
                return  # the disk still has the tombstones: harmless, they go again later
