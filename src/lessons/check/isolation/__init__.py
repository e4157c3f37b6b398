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
``check_isolation(transactions(trace.history()))`` judges a run, ``read_history(path).check()`` and
``python -m lessons.check isolation FILE`` a file.
"""

from lessons.check.isolation.anomalies import Anomaly
from lessons.check.isolation.checking import check_isolation
from lessons.check.isolation.clients import transactions
from lessons.check.isolation.edges import Edge, Rule
from lessons.check.isolation.files import HistoryFile, Unreadable, history_lines, parse_history, read_history
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
    "HistoryFile",
    "Isolation",
    "Level",
    "Read",
    "Rule",
    "Transaction",
    "Unreadable",
    "Write",
    "check_isolation",
    "history_lines",
    "parse_history",
    "read_history",
    "transactions",
]
