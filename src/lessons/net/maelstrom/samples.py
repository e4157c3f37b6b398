"""Two services that need no chapter: an echo, and identifiers that nobody else gives out."""

from __future__ import annotations

from typing import Any

from lessons.net.maelstrom.answering import Answering, Fields, field
from lessons.net.maelstrom.services import Service


class Echo(Answering):
    """Says what was said."""

    def answer_echo(self, fields: Fields) -> dict[str, Any]:
        """The same again."""
        return {"echo": field(fields, "echo")}


class UniqueIds(Answering):
    """Counts, and puts its own name in front: nobody has to be asked, so it answers in every partition."""

    def start(self) -> None:
        """Begin where the last life has certainly not been: its count is on the disk before it is told."""
        self.count = self.disk.get("count", 0)

    def answer_generate(self, fields: Fields) -> dict[str, Any]:
        """The next one."""
        self.count += 1
        self.disk.put("count", self.count)
        self.disk.sync()
        return {"id": f"{self.name}-{self.count}"}


SERVICES = {
    "echo": Service(lambda name, names: Echo(), (Echo,)),
    "unique-ids": Service(lambda name, names: UniqueIds(), (UniqueIds,)),
}
