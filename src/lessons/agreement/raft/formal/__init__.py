"""Raft against its specification ``spec/Raft.tla``: TLC visits all states of a small one, and judges runs of ours.

::

    from lessons.agreement.raft.formal import stormy, validate

    for verdict in validate(stormy(seed).run(1.5) for seed in range(10)):
        print(verdict)

``python -m lessons.agreement.raft.formal`` is the same as a command.
"""

from lessons.agreement.raft.formal.runs import END, stormy
from lessons.agreement.raft.formal.steps import Step, steps
from lessons.agreement.raft.formal.validation import Verdict, validate

__all__ = ["END", "Step", "Verdict", "steps", "stormy", "validate"]
