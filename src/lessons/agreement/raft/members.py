"""The configuration of a cluster: who votes, who only learns, and what a majority is."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping

from lessons.node import message


@message
class Members:
    """Voters and learners; ``outgoing`` are the voters before, while a change is under way (section 6).

    In such a joint configuration a decision needs a majority of both, each counted by itself.
    """

    voters: tuple[str, ...]
    learners: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()

    @property
    def joint(self) -> bool:
        """Whether a change through a joint configuration is under way."""
        return bool(self.outgoing)

    @property
    def everybody(self) -> tuple[str, ...]:
        """All servers that get the log, each once, sorted."""
        return tuple(sorted({*self.voters, *self.outgoing, *self.learners}))

    def votes(self, server: str) -> bool:
        """Whether ``server`` takes part in decisions."""
        return server in self.voters or server in self.outgoing

    def is_quorum(self, servers: Collection[str]) -> bool:
        """Whether ``servers`` hold a majority of the voters, and of the outgoing ones if there are any."""
        return all(
            sum(server in servers for server in group) > len(group) // 2
            for group in (self.voters, self.outgoing)
            if group
        )

    def agreed(self, value_of: Callable[[str], float]) -> float:
        """The greatest value that a majority of each group has reached: its lower median."""
        agreed = _agreed(self.voters, value_of)
        return min(agreed, _agreed(self.outgoing, value_of)) if self.outgoing else agreed

    def to_text(self) -> str:
        """The text of a log entry that carries this configuration."""
        return json.dumps({"voters": self.voters, "learners": self.learners, "outgoing": self.outgoing})

    @classmethod
    def from_text(cls, text: str) -> Members:
        """The inverse of ``to_text``."""
        groups: Mapping[str, Iterable[str]] = json.loads(text)
        return cls(**{name: tuple(group) for name, group in groups.items()})


def _agreed(group: tuple[str, ...], value_of: Callable[[str], float]) -> float:
    values = sorted(map(value_of, group))
    return values[(len(values) - 1) // 2]
