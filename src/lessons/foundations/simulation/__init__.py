"""A counter that is right whatever happens to it, and a pool of workers: two systems to learn simulation on.

    sim = Simulation(seed=7, network=LOSSY, disk=DiskModel(sync=0.002), invariants=[Kept, Once])
    sim.add("counter", Counter)
    sim.add(["ann", "bob"], Clerk, additions=3)
    sim.unleash(TROUBLE, until=1.0)
    trace = sim.run(until=30)
"""

from lessons.foundations.simulation.counter import Add, Clerk, Counter, Total

__all__ = ["Add", "Clerk", "Counter", "Total"]
