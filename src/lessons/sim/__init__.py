"""The simulated world: one seed fixes time, network, disks, clocks, faults and chance.

    sim = Simulation(seed=7, network=Link(Uniform(0.01, 0.05), loss=0.1))
    sim.add(["a", "b"], Counter)
    sim.at(3.0).crash("a")
    trace = sim.run(until=10.0)
"""

from lessons.sim.actions import Action
from lessons.sim.disk import DiskModel, SimDisk
from lessons.sim.errors import EndlessRun, RunIsOver
from lessons.sim.faults import Faults
from lessons.sim.latency import Constant, Exponential, Latency, LogNormal, Uniform
from lessons.sim.nemesis import COMMON, KINDS, Nemesis
from lessons.sim.network import Link, Network
from lessons.sim.simulation import Simulation
from lessons.sim.state import NodeState, State

__all__ = [
    "COMMON",
    "KINDS",
    "Action",
    "Constant",
    "DiskModel",
    "EndlessRun",
    "Exponential",
    "Faults",
    "Latency",
    "Link",
    "LogNormal",
    "Nemesis",
    "Network",
    "NodeState",
    "RunIsOver",
    "SimDisk",
    "Simulation",
    "State",
    "Uniform",
]
