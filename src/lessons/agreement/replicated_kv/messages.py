"""What clients say to servers beside Raft's ``Propose``, and servers to each other and back.

Commands and questions travel as text (see ``text``), because that is what a log and a state machine take.
"""

from __future__ import annotations

from enum import Enum

from lessons.agreement.replicated_kv.answers import Event
from lessons.node import message


class Consistency(Enum):
    """How new an answer to a read must be. Any server can be asked for any of these.

    Only BOUNDED trusts in clocks: none may be slower than ``Options.drift`` says.
    """

    LINEARIZABLE = "linearizable"  # nothing that was confirmed to anybody before the question is missing
    BOUNDED = "bounded"  # nothing is missing that was confirmed longer ago than so many seconds
    SESSION = "session"  # nothing is missing that the client has seen itself
    STALE = "stale"  # whatever the server has


@message
class Read:
    """A client asks ``question``; the answer must include ``least``, an index of the log.

    ``bound`` is in seconds, for bounded staleness.
    """

    question: str
    consistency: Consistency = Consistency.LINEARIZABLE
    bound: float = 0.0
    least: int = 0


@message
class ReadIndex:
    """A follower asks its leader how far it must have executed to answer a read; the answer is a Done."""


@message
class Watch:
    """A client wants to hear of changes, of one key or a range, from revision ``since`` on.

    The server answers when there are some, or after ``hold`` seconds without any.
    """

    key: str
    end: str | None
    since: int
    hold: float


@message
class Told:
    """All that happened to what is watched in the revisions from ``first`` to ``last``."""

    first: int
    last: int
    events: tuple[Event, ...]


@message
class Compacted:
    """The events that were asked for are forgotten; those from revision ``oldest`` on are here."""

    oldest: int


@message
class Malformed:
    """Nothing was done, and no server would do it: why."""

    why: str


@message
class Status:
    """Whoever watches over the cluster asks a server for its state."""


@message
class Follower:
    """What a leader knows of another server: how far its log goes, and how many seconds ago it answered."""

    name: str
    match: int
    silent: float


@message
class Report:
    """A server's own account of itself; only a leader has ``followers``.

    ``last`` is the end of its log, ``time`` the cluster's in seconds; ``keys``, ``size`` (characters and bytes),
    ``leases`` and ``sessions`` count what is in the store.
    """

    role: str
    term: int
    leader: str | None
    voters: tuple[str, ...]
    learners: tuple[str, ...]
    commit: int
    applied: int
    last: int
    revision: int
    keys: int
    size: int
    leases: int
    sessions: int
    time: float
    followers: tuple[Follower, ...] = ()
