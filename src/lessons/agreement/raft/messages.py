"""What Raft servers say to each other (Ongaro and Ousterhout 2014, Figures 2 and 13), and to clients.

Every message between servers carries the sender's term; the sender's name comes with the message.
"""

from __future__ import annotations

from lessons.agreement.raft.log import Entry
from lessons.node import message


@message
class RequestVote:
    """A candidate asks for a vote; its log ends with an entry of ``last_term`` at ``last_index``.

    ``pre`` marks a pre-vote: would you vote for me in this term? (thesis 9.6). ``transfer`` says that
    the leader itself has asked for this election, so that nobody need protect it (thesis 4.2.3).
    """

    term: int
    last_index: int
    last_term: int
    pre: bool = False
    transfer: bool = False


@message
class Vote:
    """The answer to a RequestVote; to a pre-vote with the term that was asked for."""

    term: int
    granted: bool
    pre: bool = False


@message
class AppendEntries:
    """The leader's entries from ``prev_index + 1`` on; without entries, a heartbeat.

    ``commit`` is the leader's commit index. ``round`` counts the leader's heartbeats; the answer
    carries it back, so that the leader knows when it was still believed (thesis 6.4).
    """

    term: int
    prev_index: int
    prev_term: int
    entries: tuple[Entry, ...]
    commit: int
    round: int


@message
class Appended:
    """The answer to AppendEntries.

    On success ``index`` is the last entry that is known to be the leader's. On refusal ``index`` is
    where the logs may still agree, and ``hint_term`` the follower's term there, so that the leader
    skips a whole term at a time (paper, end of section 5.3); ``prev_index`` is what was refused.
    """

    term: int
    success: bool
    index: int
    round: int
    hint_term: int = 0
    prev_index: int = 0


@message
class InstallSnapshot:
    """A piece of the leader's snapshot, from byte ``offset`` on (paper, Figure 13).

    The snapshot stands for the log up to ``last_index``, whose term is ``last_term``; ``members`` is
    the configuration at that point, as text.
    """

    term: int
    last_index: int
    last_term: int
    members: str
    offset: int
    data: bytes
    done: bool
    round: int


@message
class Installed:
    """The answer to InstallSnapshot: ``offset`` bytes of it are here; ``done`` says that it is in use."""

    term: int
    last_index: int
    offset: int
    done: bool
    round: int


@message
class TimeoutNow:
    """The leader asks a follower to start an election at once (thesis 3.10)."""

    term: int


@message
class Propose:
    """A client wants ``command`` to be executed by the replicated state machine."""

    command: str


@message
class Query:
    """A client wants to read: ``question`` is answered by the state machine without changing it."""

    question: str


@message
class ChangeMembers:
    """An administrator wants these to be the voters and the learners of the cluster from now on.

    ``joint`` chooses the way through a joint configuration (paper, section 6); without it a change
    must be of one voter at most (thesis 4.1).
    """

    voters: tuple[str, ...]
    learners: tuple[str, ...] = ()
    joint: bool = True


@message
class TransferLeadership:
    """An administrator wants ``to`` to become the leader."""

    to: str


@message
class Done:
    """It was committed at ``index`` and executed (a query: answered), with this result."""

    index: int
    result: str


@message
class NotLeader:
    """Nothing was done: ask ``leader``, if it is known."""

    leader: str | None


@message
class Lost:
    """The command was in the log of a leader, and another command has been committed in its place."""

    index: int


@message
class Unknown:
    """The command was in the log of a leader. What was committed at ``index`` is in a snapshot: perhaps it."""

    index: int


@message
class Refused:
    """Nothing was done, and why."""

    why: str
