"""Chaos: clusters of real processes that are killed, stopped and cut off, by the script that faults simulations, too.

    python -m lessons.chaos agreement/replicated_kv --seconds 600 --clients 8
"""

from lessons.chaos.soak import Soak, recovers
from lessons.chaos.trial import Outcome, Trial, plan
from lessons.chaos.world import RealFaults, RealWorld, Unavailable

__all__ = ["Outcome", "RealFaults", "RealWorld", "Soak", "Trial", "Unavailable", "plan", "recovers"]
