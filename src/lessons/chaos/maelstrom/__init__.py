"""Maelstrom's workloads without Maelstrom: nodes as processes, a network that we spoil, verdicts of our checkers.

    python -m lessons.chaos.maelstrom lin-kv --seconds 10
    python -m lessons.chaos.maelstrom echo -- ./my-node

It speaks the protocol of Maelstrom's doc/protocol.md, so nodes in any language can be tried.
"""

from lessons.chaos.maelstrom.router import Crashed, Router, Weather
from lessons.chaos.maelstrom.trial import Outcome, Plan, run_trial
from lessons.chaos.maelstrom.workloads import WORKLOADS, Workload

__all__ = ["WORKLOADS", "Crashed", "Outcome", "Plan", "Router", "Weather", "Workload", "run_trial"]
