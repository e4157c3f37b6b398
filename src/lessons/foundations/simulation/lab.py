"""A counter to break by hand: a reader chooses a design and its world, and brings about the accidents itself."""

from __future__ import annotations

from lessons.foundations.simulation.counter import Clerk, Counter
from lessons.foundations.simulation.drafts import Forgetful, Hasty, ReadWriteClerk, Register, Trusting
from lessons.foundations.simulation.runs import Kept, Once
from lessons.lab import Choice, Lab, Number, Whole
from lessons.node import Node
from lessons.sim import DiskModel, Link, Simulation

CLERKS = ("ann", "bob", "cem", "dora")


class ClerkAtHand(Clerk):
    """A clerk that adds more when it is asked to, and keeps a book of what it began, so that it may crash too."""

    def start(self) -> None:
        """Take up the book, and finish what was begun."""
        self.wanted, self.begun, self.confirmed = self.disk.get("book", (self.additions, 0, 0))
        self.spawn(self.session())

    async def session(self) -> None:
        """One addition after the other, until there are as many as were wanted."""
        while self.confirmed < self.wanted:
            await self.sleep(self.rest * self.rng.random())
            self.begun = self.confirmed + 1
            self.write_down()
            operation = self.begin("add", 1)
            operation.ok(await self.add(self.begun))
            self.confirmed = self.begun
            self.write_down()

    def write_down(self) -> None:
        """Make the book durable."""
        self.disk.put("book", (self.wanted, self.begun, self.confirmed))
        self.disk.sync()

    def ask_add(self, times: int = 1) -> None:
        """Add 1, so many times, one after the other."""
        idle = self.confirmed == self.wanted
        self.wanted += max(0, times)
        self.write_down()
        if idle:
            self.spawn(self.session())


class ReadWriteClerkAtHand(ClerkAtHand, ReadWriteClerk):
    """The same, for the register: it reads, adds and writes back."""


Design = tuple[type[Node], type[Clerk]]
COUNTER: Design = (Counter, ClerkAtHand)
DESIGNS: dict[str, Design] = {
    "Counter": COUNTER,
    "Register: read, add, write": (Register, ReadWriteClerkAtHand),
    "Trusting: adds what arrives": (Trusting, ClerkAtHand),
    "Hasty: does not sync": (Hasty, ClerkAtHand),
    "Forgetful: numbers in memory alone": (Forgetful, ClerkAtHand),
}


def counter_lab(
    seed: int | str = 1,
    *,
    design: Design = COUNTER,
    clerks: int = 2,
    additions: int = 1,
    loss: float = 0.0,
    duplicate: float = 0.0,
    patience: float = 0.05,
    sync: float = 0.002,
    keep: float = 0.5,
) -> Simulation:
    """A counter and its clerks under I1 and I2, with no faults but those of the network and those that are done to it.

    ``design`` is a class for the counter and one for the clerks, ``additions`` how many each clerk makes unasked,
    ``patience`` the seconds until it sends an addition again. ``loss`` and ``duplicate`` are shares of messages;
    a sync takes ``sync`` seconds, and a crash keeps a write that was not synced with the probability ``keep``.
    """
    counter, clerk = design
    disk = DiskModel(sync=sync, keep=keep)
    sim = Simulation(seed, network=Link(loss=loss, duplicate=duplicate), disk=disk, invariants=(Kept, Once))
    sim.add("counter", counter)
    sim.add(CLERKS[:clerks], clerk, additions=additions, patience=patience)
    return sim


LAB = Lab(
    "foundations/simulation",
    counter_lab,
    title="A counter to break",
    caption="Ann and bob add 1 each, and both are told so. Choose a design, and bring about the accident that it "
    "does not survive.",
    horizon=0.2,
    parameters={
        "design": Choice(DESIGNS, help="The finished counter, or one of its first drafts."),
        "clerks": Whole(1, len(CLERKS), help="Clerks that add."),
        "additions": Whole(0, 10, help="Additions that each clerk makes unasked."),
        "loss": Number(0, 0.9, 0.05, help="The share of messages that get lost."),
        "duplicate": Number(0, 0.9, 0.05, help="The share of messages that arrive twice."),
        "patience": Number(0.01, 1, 0.01, "s", help="How long a clerk waits before it sends an addition again."),
        "sync": Number(0, 0.1, 0.001, "s", help="How long the disk takes to make writes durable."),
        "keep": Number(0, 1, 0.05, help="How likely a write that was not synced survives a crash."),
    },
    layout=("cluster", "table", "lanes"),
)
