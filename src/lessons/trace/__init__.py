"""The trace of a run: events, transcript, causality, client history, and its JSON for the player."""

from lessons.trace.events import (
    Changed,
    Delivered,
    Dropped,
    Event,
    Faulted,
    Fired,
    Invoked,
    Noted,
    Returned,
    Sent,
    Started,
    Violated,
)
from lessons.trace.history import Operation
from lessons.trace.trace import Difference, Rule, Trace

__all__ = [
    "Changed",
    "Delivered",
    "Difference",
    "Dropped",
    "Event",
    "Faulted",
    "Fired",
    "Invoked",
    "Noted",
    "Operation",
    "Returned",
    "Rule",
    "Sent",
    "Started",
    "Trace",
    "Violated",
]
