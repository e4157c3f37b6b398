"""Workflows that sleep again and again: nobody looks at their node between two naps, until there is a reason to."""

from __future__ import annotations

import pytest

from lessons.node import Cancelled, Future, Node, Task
from lessons.sim import DiskModel, Simulation
from lessons.trace import Changed, Noted, Trace
from tests.sim.worlds import happenings

NAP = 0.1
END = 2.0


class Sleeper(Node):
    """Sleeps, and notes how often it has; a second workflow does something to the first, or to their disk."""

    def __init__(self, deed: str = "") -> None:
        self.deed = deed
        self.naps = 0

    def start(self) -> None:
        self.gate: Future[None] = Future()
        self.sleeper: Task = self.spawn(self.rest())
        self.after(0.55, getattr(self, self.deed or "nothing"))

    async def rest(self) -> None:
        try:
            while True:
                await self.sleep(NAP)
                self.naps += 1
                self.note("slept", at=self.now, naps=self.naps)
                if self.naps == 8 and self.deed.startswith("then"):
                    await self.turn()
        except Cancelled:
            self.note("cancelled", at=self.now)
            raise

    async def turn(self) -> None:
        """Do, in the sleeper itself, what is no sleep."""
        match self.deed:
            case "then_keep":
                self.keep()
            case "then_cancel":
                self.sleeper.cancel()
            case "then_wait":
                self.after(0.33, self.gate.set, None)
                await self.gate

    def nothing(self) -> None:
        """Let it sleep."""

    then_keep = then_cancel = then_wait = nothing

    def cancel(self) -> None:
        """Cancel the sleeper while it sleeps."""
        self.sleeper.cancel()

    def overrule(self) -> None:
        """Say what the sleeper returns, before it does."""
        self.sleeper.set(None)

    def keep(self) -> None:
        """Make the machine wait for its disk."""
        self.disk.put("naps", self.naps)
        self.disk.sync()


class Watched(Sleeper):
    """The same, with a record of its naps: after each event somebody looks at it."""

    watched = ("naps",)


def run(kind: type[Sleeper], deed: str, fault: str) -> Trace:
    """A node that sleeps, something that one of its workflows does, and something that happens to it."""
    sim = Simulation(1, disk=DiskModel(sync=0.25))
    sim.add(["n"], kind, deed=deed)
    if fault == "drift":
        sim.at(0.45).drift_clock("n", rate=2.0)
        sim.at(0.9).crash("n")
        sim.at(1.0).restart("n")
    elif fault:
        getattr(sim.at(0.45), fault)("n")
        sim.at(1.05).restart("n") if fault == "crash" else sim.at(1.05).resume("n")
    return sim.run(END)


@pytest.mark.parametrize("fault", ["", "pause", "crash", "drift"])
@pytest.mark.parametrize("deed", ["", "cancel", "overrule", "keep", "then_keep", "then_cancel", "then_wait"])
def test_a_sleeper_that_nobody_watches_does_what_one_does_that_is_watched(deed: str, fault: str) -> None:
    alone, watched = run(Sleeper, deed, fault), run(Watched, deed, fault)
    assert happenings(alone) == happenings(watched)
    assert watched.only(Changed) and not alone.only(Changed)


def naps(trace: Trace) -> list[float]:
    """When it was awake."""
    return [round(event.time, 6) for event in trace.only(Noted) if event.text == "slept"]


def test_it_sleeps_on_time_and_no_longer_once_it_is_cancelled() -> None:
    assert naps(run(Sleeper, "", "")) == [round(NAP * number, 6) for number in range(1, 20)]
    assert naps(run(Sleeper, "cancel", "")) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert naps(run(Sleeper, "overrule", ""))[-1] == 0.5
    assert naps(run(Sleeper, "then_cancel", ""))[-1] == 0.8


def test_its_clock_its_disk_and_a_pause_keep_it_from_being_on_time() -> None:
    assert [time for time in naps(run(Sleeper, "", "drift")) if time < 0.9] == [
        0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
    ]  # fmt: skip
    assert [time for time in naps(run(Sleeper, "keep", "")) if 0.5 < time < 1.0] == [0.8, 0.9]
    assert [time for time in naps(run(Sleeper, "", "pause")) if 0.45 < time < 1.2] == [1.05, 1.15]
