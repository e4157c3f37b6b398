"""Every interleaving of a small system: a model checker for the nodes that run in every other world.

    def election():
        sim = Simulation(seed=1, invariants=SAFETY)
        sim.add(["n1", "n2", "n3"], Raft, voters=("n1", "n2", "n3"))
        return sim

    verdict = Explorer(election, timers={"election_timeout": 1}, crashes=1).run(seconds=10)
    print(verdict)
    verdict.trace.play()        # if an invariant is broken: the shortest run that does it
"""

from lessons.check.explore.explored import Effort, Explored
from lessons.check.explore.explorer import Explorer
from lessons.check.explore.moves import Kind, Move
from lessons.check.explore.search import REDUCTIONS

__all__ = ["REDUCTIONS", "Effort", "Explored", "Explorer", "Kind", "Move"]
