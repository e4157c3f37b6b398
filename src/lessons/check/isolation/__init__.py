"""Isolation: which anomalies a history of transactions has, and which levels it is compatible with.

    history = [
        Transaction("T1", [Read("x", []), Append("y", 1)]),
        Transaction("T2", [Read("y", []), Append("x", 1)]),
    ]
    verdict = check_isolation(history)
    verdict.strongest           # ("snapshot isolation",)
    verdict.anomalies[0].title  # "G2-item (write skew)"
    verdict                     # in a notebook: the sentence, the cycle drawn, the evidence

Transactions append to lists, write registers, and read both. From what reads returned the check infers
which transaction depends on which (Kingsbury and Alvaro 2020), and finds the cycles that Adya (1999) forbids.
``python -m lessons.check isolation FILE`` does the same to a file.
"""

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.checking import check_isolation
from lessons.check.isolation.edges import Edge, Rule
from lessons.check.isolation.history import UNSEEN, Append, BadHistory, Read, Transaction, Write
from lessons.check.isolation.levels import LEVELS, Level
from lessons.check.isolation.verdict import Isolation

__all__ = [
    "LEVELS",
    "UNSEEN",
    "Anomaly",
    "Append",
    "BadHistory",
    "Edge",
    "Isolation",
    "Level",
    "Read",
    "Rule",
    "Transaction",
    "Write",
    "check_isolation",
]
