"""Watched fields: a change is what is no longer equal, in place or not; a record of changes can be read again."""

from __future__ import annotations

from typing import Any

from lessons.node import Node
from lessons.sim import Simulation
from lessons.trace import Changed
from lessons.trace.decode import sends
from tests.sim.worlds import Ping


class Watched(Node):
    """Does to its fields, at each of the times 1, 2, 3 ..., what the steps say."""

    watched = ("share", "items", "pair")
    steps: tuple[Any, ...] = ()

    def start(self) -> None:
        self.share, self.items, self.pair = 0.5, [1], (1, 2)
        for number, step in enumerate(self.steps, start=1):
            self.after(number, step, self)


def changes(*steps: Any) -> list[Changed]:
    kind = type("Watched", (Watched,), {"steps": steps})
    sim = Simulation(1)
    sim.add("n1", kind)
    return sim.run().only(Changed)[1:]


def test_what_changes_in_place_is_seen() -> None:
    (change,) = changes(lambda node: node.items.append(2))
    assert (change.before, change.after) == ({"items": [1]}, {"items": [1, 2]})


def test_another_object_that_is_equal_is_no_change() -> None:
    def again(node: Watched) -> None:
        node.share, node.items, node.pair = 1 / 2, [1], (int("1"), 2)

    assert changes(again) == []


def test_an_equal_object_is_watched_in_its_place() -> None:
    def other(node: Watched) -> None:
        node.items = [1]

    (change,) = changes(other, lambda node: node.items.append(3))
    assert change.after == {"items": [1, 3]}


def test_several_changes_are_one_event_in_the_order_of_the_fields() -> None:
    def both(node: Watched) -> None:
        node.pair, node.share = (2, 3), 0.25

    (change,) = changes(both)
    assert list(change.after.items()) == [("share", 0.25), ("pair", (2, 3))]


def test_numbers_among_the_values_are_not_taken_for_sends() -> None:
    class Talks(Watched):
        def start(self) -> None:
            super().start()
            self.send("n1", Ping(1))

        def on_ping(self, sender: str, ping: Ping) -> None:
            self.share = 7.5

    sim = Simulation(1)
    sim.add(("n1", "n2"), Talks)
    sim.run()
    assert [(sender, to) for _, sender, to in sends(sim._world.kernel.log)] == [("n1", "n1"), ("n2", "n1")]
