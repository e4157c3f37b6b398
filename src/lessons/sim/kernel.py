"""The kernel: an agenda of events in virtual time, and the record of what happened.

An event is a tuple ``(time, number, action, ...)``; the agenda is a heap of them, so that equal times
go in the order of their numbers and no run depends on anything but its seed. To run is to take the
earliest event, set the clock to its time, and call its action with it. An action may return an event
that comes next of its kind, as the waking of a workflow does that sleeps again: to put one event on a
heap while another is taken is one walk through it, and not two.

The record holds what the trace is made of. To keep a run fast and small it is one flat list, in which
an event takes as many places as it needs: a run then keeps numbers, names and messages, and no
container for each event, which memory and the garbage collector would have to bear.
``lessons.trace.decode`` turns the record into events when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush, heappushpop
from itertools import count, repeat
from math import inf
from typing import Any

Entry = tuple[Any, ...]
Deed = Callable[[Entry], Entry | None]  # what an event does; returns the event that follows, if one does

_LAST = 2**62  # numbers from here on are those of events that come last at their time


class Halt(Exception):
    """Raised by an action to end the run: an invariant is broken."""


class Kernel:
    """Virtual time (seconds), the agenda and the record of one run."""

    __slots__ = ("agenda", "log", "now", "numbers")

    def __init__(self) -> None:
        self.now = 0.0
        self.agenda: list[Entry] = []
        self.log: list[Any] = []
        self.numbers: Iterator[int] = count(1)

    def schedule(self, time: float, action: Deed, *payload: Any) -> int:
        """Call ``action`` with the whole event at ``time``; returns the event's number."""
        number = next(self.numbers)
        heappush(self.agenda, (float(time), number, action, *payload))
        return number

    def schedule_last(self, time: float, action: Deed, *payload: Any) -> None:
        """Call ``action`` at ``time`` after all else that happens then, whenever that was scheduled."""
        heappush(self.agenda, (float(time), _LAST + next(self.numbers), action, *payload))

    def withdraw(self, unwanted: Callable[[Entry], bool]) -> list[Entry]:
        """Take these events off the agenda; returns them in the order in which they would have come."""
        gone = sorted(filter(unwanted, self.agenda))
        self.agenda[:] = [event for event in self.agenda if not unwanted(event)]
        heapify(self.agenda)
        return gone

    def run(self, until: float, limit: int) -> bool:
        """Run every event up to and including time ``until``, at most ``limit`` of them.

        Returns whether the stretch was completed; the clock then stands at ``until``, or at the last
        event when ``until`` is infinite. An exception of an action leaves the rest on the agenda.
        """
        agenda = self.agenda
        end = (until, inf if until < inf else 0, None)  # what is due after all times never comes
        event: Entry = heappushpop(agenda, end)
        try:
            for _ in repeat(None, limit):
                if event is end:
                    break
                self.now = event[0]
                following = event[2](event)
                event = heappop(agenda) if following is None else heappushpop(agenda, following)
        except Exception as error:
            place(error, _host(event))
            raise
        finally:
            if end in agenda:
                agenda.remove(end)
                heapify(agenda)
        if event is not end:
            heappush(agenda, event)
        elif until < inf:
            self.now = float(until)
        return event is end

    def step(self) -> bool:
        """Run the next event; False when there is none."""
        if not self.agenda or self.agenda[0][0] == inf:
            return False
        event = heappop(self.agenda)
        self.now = event[0]
        try:
            self.perform(event)
        except Exception as error:
            place(error, _host(event))
            raise
        return True

    def perform(self, event: Entry) -> None:
        """Run an event that is not on the agenda."""
        following = event[2](event)
        if following is not None:
            heappush(self.agenda, following)


def comes_last(event: Entry) -> bool:
    """Whether an event of the agenda was made by ``schedule_last``."""
    return bool(_LAST <= event[1] < inf)


def place(error: Exception, host: Any) -> None:
    """Say on an author's error at which node, the one of ``host``, it happened."""
    if host is not None and not isinstance(error, Halt):
        error.add_note(f"(in an event of node {host.name})")


def _host(event: Entry) -> Any:
    """Whose event it is: the owner of its action, or of the sleeper that it resumes."""
    return getattr(event[2], "__self__", None) or getattr(event[-1], "host", None)
