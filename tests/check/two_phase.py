"""Two-phase commit, small: a coordinator that may crash, two participants, and what goes wrong without a forced log.

Gray 1978, "Notes on Data Base Operating Systems", section 5.8.3.3; Bernstein, Hadzilacos and Goodman 1987, chapter 7.
"""

from __future__ import annotations

from lessons.check import invariant
from lessons.node import Node, message
from lessons.sim import DiskModel, Simulation, State

PARTICIPANTS = ("p1", "p2")


@message
class Prepare:
    """Can you commit?"""


@message
class Ballot:
    """Yes or no."""

    yes: bool


@message
class Outcome:
    """The transaction is committed, or aborted."""

    commit: bool


@message
class Ask:
    """What became of the transaction? A participant that is in doubt asks after a restart, or when it waits long."""


class Coordinator(Node):
    """Asks everybody, decides, writes its decision down, and tells it as often as it is asked."""

    watched = ("decision",)

    def start(self) -> None:
        self.yes: set[str] = set()
        self.decision = self.disk.get("decision")
        if self.decision is not None:
            self.tell()
        elif self.disk.get("asked"):
            self.decide(False)  # before the crash nobody can have been told to commit
        else:
            self.disk.put("asked", True)
            self.disk.sync()
            self.broadcast(Prepare())
            self.after(1.0, self.give_up)

    def on_ballot(self, participant: str, ballot: Ballot) -> None:
        if ballot.yes:
            self.yes.add(participant)
        if self.decision is None and (not ballot.yes or len(self.yes) == len(self.peers)):
            self.decide(ballot.yes)

    def give_up(self) -> None:
        if self.decision is None:
            self.decide(False)

    def decide(self, commit: bool) -> None:
        self.decision = commit
        self.disk.put("decision", commit)
        self.disk.sync()
        self.tell()

    def tell(self) -> None:
        assert self.decision is not None
        self.broadcast(Outcome(self.decision))

    def on_ask(self, participant: str, ask: Ask) -> None:
        if self.decision is not None:
            self.reply(Outcome(self.decision))


class Participant(Node):
    """Votes once, durably, and then waits for the outcome as long as it takes."""

    watched = ("decision", "willing")

    def __init__(self, willing: bool = True) -> None:
        self.willing = willing

    def start(self) -> None:
        self.vote = self.disk.get("vote")
        self.decision = self.disk.get("decision")
        if self.vote and self.decision is None:
            self.send("c", Ask())

    def on_prepare(self, coordinator: str, prepare: Prepare) -> None:
        if self.vote is None:
            self.vote = self.willing
            self.disk.put("vote", self.vote)
            self.disk.sync()
            self.after(1.0, self.lose_patience)
        self.reply(Ballot(self.vote))

    def lose_patience(self) -> None:
        if self.decision is None:
            self.send("c", Ask())

    def on_outcome(self, coordinator: str, outcome: Outcome) -> None:
        self.decision = outcome.commit
        self.disk.put("decision", outcome.commit)
        self.disk.sync()


class Hasty(Coordinator):
    """Tells the decision, and writes it down without waiting for the disk: telling is what matters, after all."""

    def decide(self, commit: bool) -> None:
        self.decision = commit
        self.disk.put("decision", commit)
        self.tell()


class Impatient(Participant):
    """Gives up when it hears nothing for long, as it would before it has voted."""

    def lose_patience(self) -> None:
        if self.decision is None:
            self.on_outcome("c", Outcome(False))


@invariant("No two nodes decide differently.", cite="Bernstein, Hadzilacos and Goodman 1987, AC1")
def Agreement(state: State) -> str | None:
    decisions = {node.name: node.decision for node in state.values() if node.up and node.decision is not None}
    return f"{decisions}" if len(set(decisions.values())) > 1 else None


@invariant("Nobody commits unless all participants voted yes.", cite="Bernstein, Hadzilacos and Goodman 1987, AC3")
def Consent(state: State) -> str | None:
    unwilling = [node.name for node in state.values() if "willing" in node and not node.willing]
    committed = [node.name for node in state.values() if node.up and node.decision]
    return f"{committed} committed without {unwilling}" if unwilling and committed else None


def two_phase(
    coordinator: type[Coordinator] = Coordinator, participant: type[Participant] = Participant, willing: bool = True
) -> Simulation:
    """A coordinator c and two participants, of which p2 votes as it is ``willing``."""
    sim = Simulation(1, disk=DiskModel(keep=0.5, tear=0.0), invariants=[Agreement, Consent])
    sim.add("c", coordinator)
    sim.add("p1", participant)
    sim.add("p2", participant, willing=willing)
    return sim
