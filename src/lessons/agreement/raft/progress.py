"""What a leader knows of a follower: how far its log goes, and what is under way to it (thesis 10.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from lessons.agreement.raft.storage import Snapshot

NO_SNAPSHOT = Snapshot()


class Mode(Enum):
    """How a leader sends to a follower."""

    PROBE = "probe"  # one message at a time, until it is known where the logs agree
    STREAM = "stream"  # the next batch without waiting for the answer to the last
    SNAPSHOT = "snapshot"  # what it lacks is compacted


@dataclass
class Progress:
    """``match``: known to be in the follower's log; ``next``: to be sent next; ``round``: last answered.

    ``inflight`` holds the last index of each message with entries, or of the snapshot, that is not
    answered yet; ``offset`` is how many bytes have arrived of ``snapshot``, if one is being sent;
    ``heard`` is when the follower last answered, on the leader's clock.
    """

    next: int
    match: int = 0
    mode: Mode = Mode.PROBE
    inflight: list[int] = field(default_factory=list)
    snapshot: Snapshot = NO_SNAPSHOT
    offset: int = 0
    round: int = 0
    heard: float = float("-inf")

    def succeeded(self, index: int) -> None:
        """The follower's log is the leader's up to ``index``."""
        self.match = match = max(self.match, index)
        self.next = max(self.next, match + 1)
        self.inflight = [last for last in self.inflight if last > match]
        if self.mode is not Mode.STREAM and match >= self.settled:
            self.mode, self.inflight, self.snapshot = Mode.STREAM, [], NO_SNAPSHOT

    @property
    def settled(self) -> int:
        """The index up to which the logs must agree for more than one message to go out at a time."""
        return self.snapshot.index if self.mode is Mode.SNAPSHOT else self.next - 1

    def back_up(self, index: int) -> None:
        """The logs differ before ``next``: go on from behind ``index``, and carefully."""
        self.next = max(self.match, index) + 1
        self.mode, self.inflight, self.snapshot = Mode.PROBE, [], NO_SNAPSHOT

    def send_snapshot(self, snapshot: Snapshot) -> None:
        """Begin with the first byte of ``snapshot``."""
        self.mode, self.snapshot, self.offset = Mode.SNAPSHOT, snapshot, 0

    def received(self, index: int, offset: int) -> None:
        """So much of the snapshot up to ``index`` is there; a copy of an old answer begins no second transfer."""
        if self.mode is Mode.SNAPSHOT and index == self.snapshot.index and offset != self.offset:
            self.offset, self.inflight = offset, []

    def may_send(self, window: int) -> bool:
        """Whether one more message with entries may go out."""
        return len(self.inflight) < (window if self.mode is Mode.STREAM else 1)
