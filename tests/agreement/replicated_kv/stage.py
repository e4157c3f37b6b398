"""A stage for one real server of the store, n1, whose peers say what a test tells them to (see Raft's stage)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lessons.agreement.raft import Done, Propose
from lessons.agreement.raft.messages import Appended
from lessons.agreement.replicated_kv.commands import Command, Operation
from lessons.agreement.replicated_kv.rules import Limits
from lessons.agreement.replicated_kv.server import KVServer
from lessons.agreement.replicated_kv.text import from_text, to_text
from tests.agreement.raft import stage
from tests.agreement.raft.stage import MOMENT, QUIET

#: Ticks each tenth of a second; no elections within a test.
TICKING = replace(QUIET, heartbeat=0.1)


class Listener(stage.Peer):
    """Keeps all answers of a store, too."""

    on_malformed = on_told = on_compacted = on_report = on_read_index = stage.Peer.keep


class Stage(stage.Stage):
    """One server of the store, with peers that answer what they are told to, and clients ann and bob."""

    def __init__(self, size: int = 3, limits: Limits | None = None, **parameters: Any) -> None:
        super().__init__(**{"size": size, "kind": KVServer, "peer": Listener, "limits": limits, **parameters})

    def propose(self, do: Operation, sender: str = "ann", **session: int) -> Any:
        """Let a client ask for an operation, and followers confirm it; returns the answer, or what came instead."""
        self.forget()
        self.say(sender, Propose(to_text(Command(do, **session))))
        self.confirm()
        answers = [answer for answer in self.heard(sender) if not isinstance(answer, Appended)]
        (answer,) = answers or [None]
        return from_text(answer.result, object) if isinstance(answer, Done) else answer

    def confirm(self) -> None:
        """Let n2 have all that the leader has."""
        self.peer("n2").send("n1", Appended(self.server.term, True, self.server.log.last, self.server.round))
        self.wait(2 * MOMENT)

    @property
    def times(self) -> list[float]:
        """What time the commands in the log say."""
        texts = [entry.data for entry in self.server.log.entries if entry.data]
        return [from_text(text, Command).time for text in texts]
