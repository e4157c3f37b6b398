"""Causal broadcast: every operation reaches every replica once, after all that its author had seen.

An operation carries a dotted version vector: its own dot, and how many operations of each replica came
before it (Birman et al. 1991; Preguiça et al. 2012). What comes early waits. What is lost is asked for: a
replica tells another how far it has come, and is sent the rest from that one's log.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lessons.node import DiskFull, message, render
from lessons.replication.crdts.dots import DottedVersion, Vector
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.operations import ByOperation, by_operation
from lessons.replication.crdts.replica import Entry, Replica
from lessons.replication.crdts.rules import Dot
from lessons.replication.crdts.stability import covers
from lessons.replication.crdts.updates import told

Pairs = tuple[tuple[str, int], ...]


@message
class Operation:
    """Operation ``number`` of ``author``, who had seen ``past``."""

    author: str
    number: int
    past: Pairs
    body: tuple[Any, ...]

    @property
    def dot(self) -> Dot:
        """The operation's name."""
        return self.author, self.number

    def __str__(self) -> str:
        past = ", ".join(f"{name} {number}" for name, number in self.past)
        body = " ".join(part if isinstance(part, str) else render(part) for part in self.body)
        return f"Operation({self.author} {self.number}{f' after {past}' if past else ''}: {body})"


@message
class Progress:
    """How many operations of each replica the sender has; it wants those that it lacks."""

    seen: Pairs

    def __str__(self) -> str:
        return f"Progress({', '.join(f'{name} {number}' for name, number in self.seen)})"


class CausalBroadcast(Replica):
    """Keeps operations in a log until every replica has them. State, log and ``seen`` are durable."""

    watched: ClassVar[tuple[str, ...]] = (*Replica.watched, "kept")

    def __init__(self, of: str, period: float = 0.1) -> None:
        super().__init__(of)
        self.period = period

    def start(self) -> None:
        """Take up the log, and repair from now on."""
        self.operations: dict[Dot, Operation] = {}
        self.early: dict[Dot, Operation] = {}
        super().start()
        if self.peers:
            self.every(self.period, self.repair)

    @property
    def kept(self) -> int:
        """How many operations are in the log."""
        return len(self.operations)

    # Sending

    def do(self, name: str, args: tuple[Any, ...] = ()) -> int:
        """Prepare an update, let it take effect here, and send it to all."""
        body = self.state.prepare(self.name, name, args, self.milliseconds())
        past = tuple(self.seen.items())
        operation = Operation(self.name, self.seen.get(self.name, 0) + 1, past, body)
        self.deliver(operation, (*self.log, Entry(name, told(self.of, self.value, name, args), past)))
        self.broadcast(operation)
        return operation.number

    def repair(self) -> None:
        """Tell one of the others how far this one has come, and forget what everybody has."""
        self.stability.heard(self.name, self.seen)
        stable = self.stability.stable()
        self.operations = {dot: each for dot, each in self.operations.items() if dot[1] > stable.get(dot[0], 0)}
        self.send(self.rng.choice(self.peers), Progress(tuple(self.seen.items())))

    def on_progress(self, sender: str, progress: Progress) -> None:
        """Send what the other lacks."""
        theirs = dict(progress.seen)
        if covers(self.seen, theirs):
            self.stability.heard(sender, theirs)
        for dot, operation in list(self.operations.items()):
            if dot[1] > theirs.get(dot[0], 0):
                self.send(sender, operation)

    # Receiving

    def on_operation(self, sender: str, operation: Operation) -> None:
        """Keep an operation until its time has come; one that is here already is dropped."""
        if operation.number > self.seen.get(operation.author, 0):
            self.early[operation.dot] = operation
        while (ready := self.next_ready()) is not None:
            del self.early[ready.dot]
            try:
                self.deliver(ready, self.log)
            except BadState as error:
                self.note("refuses an operation", why=str(error))
                return
            except DiskFull:
                return  # unchanged: it will come again

    def next_ready(self) -> Operation | None:
        """An early operation of which everything that it comes after is here."""
        self.early = {dot: each for dot, each in self.early.items() if dot[1] > self.seen.get(dot[0], 0)}
        return next((each for _, each in sorted(self.early.items()) if self.is_ready(each)), None)

    def is_ready(self, operation: Operation) -> bool:
        """Whether an operation is its author's next one, and everything that the author had seen is here."""
        is_next = operation.number == self.seen.get(operation.author, 0) + 1
        return is_next and covers(self.seen, dict(operation.past))

    def deliver(self, operation: Operation, log: tuple[Entry, ...]) -> None:
        """Let an operation take effect, and make that durable."""
        state = self.copy()
        state.effect(DottedVersion(operation.dot, dict(operation.past)), operation.body)
        self.operations[operation.dot] = operation
        try:
            self.keep(state, {**self.seen, operation.author: operation.number}, log)
        except DiskFull:
            del self.operations[operation.dot]
            raise

    # The state and the disk

    def bottom(self) -> ByOperation:
        """The state of a replica that has seen nothing."""
        return by_operation(self.of)

    def copy(self) -> ByOperation:
        """A copy of the state, to be changed."""
        return self.restored(self.state.saved())

    def restored(self, saved: Any) -> ByOperation:
        """The state that was saved."""
        state = self.bottom()
        state.recall(dict(saved) if isinstance(saved, dict) else saved)
        return state

    def saved(self, state: ByOperation, seen: Vector, log: tuple[Entry, ...]) -> tuple[Any, ...]:
        return state.saved(), seen, log, tuple(self.operations.values())

    def recall(self, saved: Any, seen: Vector, log: tuple[Entry, ...], *operations: Any) -> None:
        self.state, self.seen, self.log = self.restored(saved), seen, log
        self.operations = {operation.dot: operation for operation in operations[0]}
