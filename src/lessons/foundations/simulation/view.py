"""The picture that the book opens with."""

from __future__ import annotations

from lessons.foundations.simulation.drafts import Hasty
from lessons.foundations.simulation.runs import counter_run
from lessons.sim import Nemesis
from lessons.viz import Mark, Player, play

CRASHES = Nemesis(("crash",), every=0.2, lasting=0.1)


def landing() -> Player:
    """The shortest run in which a confirmed addition is lost in a crash, with remarks."""
    return play(
        counter_run(578, Hasty, trouble=CRASHES).run(until=30),
        title="Confirmed, then forgotten",
        caption="Ann and Bob each add 1 to a counter and are told that it is done. The counter crashes before its "
        "disk has what was written, and comes back with a total of 0. Seed 578 does this every time.",
        layout=("cluster", "lanes"),
        marks=[
            Mark("returns from operation 1", "Ann is told that her addition is counted."),
            Mark("returns from operation 2", "So is Bob, though the counter is gone by now."),
            Mark("fault: crash", "A crash. Neither write had been synced to the disk, and both are lost."),
            Mark("is broken", "The counter is back, and has never heard of them."),
        ],
    )
