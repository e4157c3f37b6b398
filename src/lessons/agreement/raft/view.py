"""Raft to look at: the election timers, who voted for whom, and the logs of all servers as one grid.

    play(raft_run(7, 5, watched()).run(until=1.5), **VIEW, title="A leader for five", caption="...")
    compare(draft, right, **VIEW, title="...", caption="...")     # both runs of watched(...)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lessons.agreement.raft.breaks import broken_by
from lessons.agreement.raft.log import Entry, Kind
from lessons.agreement.raft.messages import Appended, AppendEntries, InstallSnapshot, RequestVote, Vote
from lessons.agreement.raft.raft import Raft
from lessons.agreement.raft.server import Role
from lessons.node import Timer
from lessons.viz import Logs, Look, Player, compare


class Watched(Raft):
    """A Raft server that also shows its election timer and, as a leader, what it knows of the others.

    It draws the same random numbers and sends the same messages as one without: a run of the same seed
    is the same run, with more in its record.
    """

    watched = (*Raft.watched, "next", "match", "timer")  # type: ignore[assignment]
    timer: tuple[float, float] | None = None

    @property
    def next(self) -> dict[str, int]:
        """The index that a leader sends next, to each of the others."""
        return {server: progress.next for server, progress in self.progress.items()}

    @property
    def match(self) -> dict[str, int]:
        """The last index that a leader knows to be in each other log."""
        return {server: progress.match for server, progress in self.progress.items()}

    def after(self, delay: float, action: Callable[..., object], *args: Any) -> Timer:
        """See ``Node.after``; keeps in mind when the election timer was set, and when it fires."""
        if action == self.election_timeout:
            self.timer = round(self.monotonic, 6), round(self.monotonic + delay, 6)
        return super().after(delay, action, *args)

    def rest(self) -> None:
        """See ``Server.rest``."""
        super().rest()
        self.timer = None


def watched(kind: type[Raft] = Raft) -> type[Raft]:
    """``kind``, Raft or a draft of it, under its own name, with what ``Watched`` shows."""
    return type(kind.__name__, (Watched, kind), {"__doc__": kind.__doc__, "__module__": kind.__module__})


def on_entry(entry: Entry) -> str:
    """The few letters that stand on an entry of the log."""
    return entry.data if entry.kind is Kind.COMMAND else {Kind.NOOP: "no-op", Kind.MEMBERS: "members"}[entry.kind]


def on_message(message: Any) -> str:
    """The few words that stand on a message in flight; none where its class says it all."""
    match message:
        case RequestVote(pre=True):
            return "pre-vote?"
        case RequestVote():
            return f"vote, term {message.term}?"
        case Vote():
            return ("pre-vote: " if message.pre else "vote: ") + ("yes" if message.granted else "no")
        case AppendEntries(entries=()):
            return "heartbeat"
        case AppendEntries(entries=(entry,)):
            return f"append {on_entry(entry)}"
        case AppendEntries():
            return f"append {len(message.entries)} entries"
        case Appended():
            return f"has {message.index}" if message.success else "refuses"
        case InstallSnapshot():
            return f"snapshot to {message.last_index}"
    return ""


LOOK = Look(
    badge="role",
    tones={Role.LEADER.value: 0, Role.CANDIDATE.value: 4, Role.PRECANDIDATE.value: 6, Role.FOLLOWER.value: 7},
    captions={"term": "term", "vote": "voted for"},
    deadline="timer",
    label=on_message,
)
LOGS = Logs(
    entries="entries",
    base="base",
    commit="commit",
    term="term",
    label=on_entry,
    leader=("role", Role.LEADER),
    newest="term",
    next="next",
    match="match",
)
#: The options of ``play`` and ``compare`` for runs of ``watched`` servers.
VIEW: dict[str, Any] = {"look": LOOK, "logs": LOGS, "layout": ("cluster", "logs", "lanes", "events")}


def versus(draft: type[Raft], **options: Any) -> Player:
    """A draft and Raft side by side, in the shortest run that breaks the draft; ``options`` are those of ``play``."""
    found = broken_by(draft)
    names = (draft.__name__, Raft.__name__)
    return compare(found.run(watched(draft)), found.run(watched()), labels=names, **(VIEW | options))
