"""A Raft server's state, its terms and its timers: what all roles have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from math import inf
from typing import Concatenate, ParamSpec, TypeVar

from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.machine import Machine, Register
from lessons.agreement.raft.members import Members
from lessons.agreement.raft.storage import Snapshot, Storage
from lessons.node import DiskFull, Node, Series, Timer

P = ParamSpec("P")
S = TypeVar("S", bound="Server")


class Role(Enum):
    """What a server is at the moment (paper, Figure 4)."""

    FOLLOWER = "follower"
    PRECANDIDATE = "pre-candidate"
    CANDIDATE = "candidate"
    LEADER = "leader"


@dataclass(frozen=True)
class Options:
    """Times in seconds, sizes in entries or bytes.

    ``election`` is the range from which each election timeout is drawn; ``heartbeat`` must be well
    below it. ``batch`` is the most entries in a message, ``size`` the most bytes that all of them have as JSON,
    and so a command; ``window`` is the most messages under way to one follower. A snapshot is taken once
    ``compact_after`` entries have been applied since the last, and sent in pieces of ``chunk`` bytes.
    ``drift`` is the share of an election timeout that clocks may differ in: leases trust in it. ``lease``
    lets the leader answer queries without asking around.
    """

    heartbeat: float = 0.05
    election: tuple[float, float] = (0.15, 0.3)
    batch: int = 64
    size: int = 2_100_000  # half of what lessons.net carries in a frame
    window: int = 8
    compact_after: int = 1000
    chunk: int = 4096
    drift: float = 0.1
    pre_vote: bool = True
    check_quorum: bool = True
    lease: bool = False

    def __post_init__(self) -> None:
        low, high = self.election
        if not 0 < self.heartbeat < low <= high < inf:
            raise ValueError(
                f"heartbeat is {self.heartbeat!r}, election is {self.election!r}: they must rise, from over 0"
            )
        for name in ("batch", "size", "window", "compact_after", "chunk"):
            number = getattr(self, name)
            if type(number) is not int or number < 1:
                raise ValueError(f"{name} is {number!r}: it must be a whole number, 1 or more")
        if self.lease and not self.check_quorum:
            raise ValueError("lease is True, check_quorum is False: without it others may be elected in a lease")
        if not 0 <= self.drift < 1:
            raise ValueError(f"drift is {self.drift!r}: it must be a share, from 0 to below 1")


def unless_full(handler: Callable[Concatenate[S, P], None], /) -> Callable[Concatenate[S, P], None]:
    """Let a server that cannot write do nothing and say nothing, as if the message had been lost.

    That is right because handlers write before they change their memory and before they answer. What a
    handler had written before there was no room is in force, and made durable: it may soon be told.
    """

    @wraps(handler)
    def careful(server: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            handler(server, *args, **kwargs)
        except DiskFull as full:
            server.storage.sync()
            server.note("disk full", why=str(full))

    return careful


class Server(Node):
    """State and rules for all servers (paper, Figure 2). ``voters`` found the cluster on an empty disk.

    A server that is to join later is started with no voters, and waits for a leader to write to it.
    Raises ValueError when a voter is named twice.
    """

    watched = ("role", "term", "vote", "leader", "commit", "applied", "entries", "base", "voters")

    def __init__(
        self,
        voters: tuple[str, ...] = (),
        machine: Callable[[], Machine] = Register,
        options: Options | None = None,
    ) -> None:
        if len(set(voters)) < len(voters):
            raise ValueError(f"voters is {voters!r}: name each server once")
        self.founding = Members(voters).to_text() if voters else ""
        self.make_machine, self.options = machine, options or Options()

    def start(self) -> None:
        """Take up what the disk has; begin as a follower."""
        self.storage = Storage(self.disk)
        found = self.storage.load()
        self.term, self.vote, self.log = found.term, found.vote, found.log
        self.snapshot: Snapshot = found.snapshot
        self.machine = self.make_machine()
        if self.snapshot.index:
            self.machine.restore(self.snapshot.data)
        self.commit = self.applied = self.snapshot.index
        self.role = Role.FOLLOWER
        self.leader: str | None = None
        self.find_members()
        self.heard = self.monotonic  # when a leader was last heard of; after a crash, perhaps just now
        self.clock: Timer | None = None
        self.wait_for_leader()

    # What others may look at

    @property
    def entries(self) -> Series[Entry]:
        """The entries of the log, without those in the snapshot."""
        return self.log.entries

    @property
    def base(self) -> int:
        """The last index that the snapshot stands for."""
        return self.log.base

    @property
    def voters(self) -> tuple[str, ...]:
        """The voters of the configuration in force."""
        return self.members.voters

    # Configuration

    def find_members(self) -> None:
        """Use the latest configuration in the log, committed or not; else the snapshot's, else the founders."""
        self.members_index, text = self.log.latest(Kind.MEMBERS, self.log.last)
        text = text or self.snapshot.members or self.founding
        self.members = Members.from_text(text) if text else Members(())

    @property
    def others(self) -> list[str]:
        """All other servers of the configuration in force."""
        return [server for server in self.members.everybody if server != self.name]

    # Terms

    def adopt(self, term: int) -> None:
        """Enter a term that is newer than ours, without a vote in it; raises DiskFull, unchanged."""
        self.storage.save_vote(term, None)
        self.term, self.vote = term, None
        self.follow(None)

    def follow(self, leader: str | None) -> None:
        """Be a follower of ``leader``, or of nobody known yet."""
        was_leader, self.role, self.leader = self.role is Role.LEADER, Role.FOLLOWER, leader
        if was_leader:
            self.left_office()
            self.wait_for_leader()

    def left_office(self) -> None:
        """A leader has become a follower; the layers above forget what only leaders need."""

    # The election timer

    def wait_for_leader(self) -> None:
        """Draw a new election timeout, and start waiting (section 5.2)."""
        low, high = self.options.election
        self.rest()
        self.clock = self.after(low + (high - low) * self.rng.random(), self.election_timeout)

    def rest(self) -> None:
        """Stop the timer that is running."""
        if self.clock is not None:
            self.clock.cancel()

    def election_timeout(self) -> None:
        """Nobody has led for too long; see ``Election``."""
