"""Troubles: what faults have left behind in a world, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lessons.sim.machine import Machine
    from lessons.sim.world import World


def troubles(world: World) -> Iterator[str]:
    """What is not as it was at first: nodes, their clocks and disks, then links."""
    for machine in world.machines.values():
        if machine.name not in world.unborn:
            yield from _of_machine(machine, world.disk_model.capacity)
    traffic = world.traffic
    yield from (f"nothing gets from {sender} to {to}" for sender, to in sorted(traffic.cuts))
    if traffic.default != traffic.first:
        yield f"the weather is {traffic.default}"
    if traffic.chosen is not None:
        yield "messages are withheld"


def _of_machine(machine: Machine, capacity: int | None) -> Iterator[str]:
    if machine.process is None:
        yield f"{machine.name} is down"
    if machine.paused:
        yield f"{machine.name} is paused"
    if machine.clock.rate != 1.0:
        yield f"the clock of {machine.name} counts {machine.clock.rate:g} seconds a second"
    if machine.disk.slowness != 1.0:
        yield f"the disk of {machine.name} takes {machine.disk.slowness:g} times as long"
    if machine.disk.capacity != capacity:
        yield f"the disk of {machine.name} has room for {machine.disk.capacity} bytes"
