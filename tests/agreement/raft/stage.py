"""A stage for one real server, n1: its peers say what a test tells them to, and remember what they hear."""

from __future__ import annotations

from typing import Any, TypeVar

from lessons.agreement.raft import Entry, Kind, Options, Raft
from lessons.agreement.raft.messages import AppendEntries, InstallSnapshot, RequestVote, TimeoutNow, Vote
from lessons.node import Node
from lessons.sim import Constant, DiskModel, Link, Simulation

M = TypeVar("M")

#: Nobody stands for election and no heartbeat is due within a test, unless it waits for that.
QUIET = Options(heartbeat=50.0, election=(100.0, 200.0), check_quorum=False)
DELAY = 0.001  # of every message, in seconds
MOMENT = 0.01  # enough for a question and its answer


class Peer(Node):
    """Keeps what it hears, in order; votes for whoever asks, if told so, and says nothing else by itself."""

    def start(self) -> None:
        self.heard: list[Any] = []
        self.votes = False

    def keep(self, sender: str, message: Any) -> None:
        self.heard.append(message)
        if self.votes and isinstance(message, RequestVote):
            self.send(sender, Vote(message.term, True, message.pre))

    on_request_vote = on_vote = on_append_entries = on_appended = on_install_snapshot = on_installed = keep
    on_timeout_now = on_done = on_not_leader = on_lost = on_unknown = on_refused = keep


class Stage:
    """A simulation of n1 and its peers, which every ``say`` moves on by a moment."""

    def __init__(
        self,
        size: int = 3,
        kind: type[Raft] = Raft,
        options: Options = QUIET,
        disk: DiskModel | None = None,
        seed: int = 1,
        peer: type[Peer] = Peer,
        **parameters: Any,
    ) -> None:
        names = tuple(f"n{number}" for number in range(1, size + 1))
        self.peers = [*names[1:], "ann", "bob"]  # the last two stand for clients and for servers that may join
        self.sim = Simulation(seed, network=Link(Constant(DELAY)), disk=disk)
        self.sim.add("n1", kind, **{"voters": names, "options": options, **parameters})
        self.sim.add(self.peers, peer)
        self.wait(0.0)

    @property
    def server(self) -> Any:
        """The real server."""
        return self.sim.node("n1")

    @property
    def log(self) -> list[tuple[int, str]]:
        """Term and text of each entry in the server's log."""
        return [(entry.term, entry.data) for entry in self.server.log.entries]

    @property
    def terms(self) -> list[int]:
        """The term of each entry in the server's log."""
        return [entry.term for entry in self.server.log.entries]

    def peer(self, name: str) -> Any:
        """One of the scripted peers."""
        return self.sim.node(name)

    def wait(self, seconds: float = MOMENT) -> None:
        """Let time pass."""
        self.sim.run(self.sim.now + seconds)

    def say(self, sender: str, *messages: Any) -> list[Any]:
        """Let ``sender`` send these to the server, a moment apart; returns what it has heard since."""
        for message in messages:
            self.peer(sender).send("n1", message)
            self.wait()
        return self.heard(sender)

    def ask(self, sender: str, message: Any) -> Any:
        """The one answer to ``message``."""
        (answer,) = self.say(sender, message)
        return answer

    def heard(self, peer: str, kind: type[M] | None = None) -> list[M]:
        """What ``peer`` has heard since the last look, or all of one kind in it."""
        heard, self.peer(peer).heard = self.peer(peer).heard, []
        return [message for message in heard if kind is None or isinstance(message, kind)]

    def forget(self) -> None:
        """Let every peer forget what it has heard."""
        for peer in self.peers:
            self.heard(peer)

    def crash(self) -> None:
        """Crash the server, and start it again on what its disk has kept."""
        self.sim.faults.restart("n1")
        self.wait(0.0)

    def fill(self, *terms: int, term: int = 0, commit: int = 0) -> None:
        """Give the server a log with entries of these terms, from a leader n2 of ``term`` (the last one's)."""
        self.say("n2", append(term or max(terms, default=1), 0, 0, *entries(*terms), commit=commit))
        self.forget()

    def lead(self, term: int = 1) -> None:
        """Make the server the leader of ``term``; it has appended its first entry, nobody has answered."""
        for peer in self.peers:
            self.peer(peer).votes = True
        self.say("n2", append(term - 1, 0, 0), TimeoutNow(term - 1))
        self.forget()
        assert self.server.role.value == "leader" and self.server.term == term


def entries(*terms: int, start: int = 1) -> tuple[Entry, ...]:
    """Entries of these terms; the text of each says where it stands: x1, x2, ..."""
    return tuple(Entry(term, Kind.COMMAND, f"x{place}") for place, term in enumerate(terms, start))


def append(term: int, prev_index: int, prev_term: int, *new: Entry, commit: int = 0, round: int = 0) -> AppendEntries:
    """An AppendEntries; in tests most fields don't matter."""
    return AppendEntries(term, prev_index, prev_term, new, commit, round)


def piece(
    term: int, index: int, of_term: int, offset: int, data: bytes, done: bool, members: str = ""
) -> InstallSnapshot:
    """A piece of a snapshot up to ``index``."""
    return InstallSnapshot(term, index, of_term, members, offset, data, done, 0)
