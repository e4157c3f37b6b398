"""A reader of Raft's lab who crashes a server after so many events: the requests, and a desk that answers them."""

from __future__ import annotations

from typing import Any

from lessons.agreement.raft.lab import LAB
from lessons.lab import State
from lessons.lab.desk import Desk

Reply = dict[str, Any]
OFFER = "Crash n1"
STRETCH = 0.5  # virtual seconds by which the run is made longer until it has enough events


def long_run(events: int) -> State:
    """The state of a run in which there is a second left after that many events."""
    state = LAB.start
    while len(LAB.run(state)) < events:
        state = state.until_at(state.until + STRETCH)
    return state.until_at(state.until + 1.0)


def act(state: dict[str, Any], index: int, have: int | None) -> dict[str, Any]:
    """The request to crash the server after event ``index``."""
    return {"do": "act", "state": state, "index": index, "offer": OFFER, "values": {}, "have": have}


class Reader:
    """Has the run on show, and acts; ``ready`` says whether the desk was told to get ready for it."""

    def __init__(self, state: State, index: int, ready: bool) -> None:
        self.desk, self.index = Desk(), index
        self.shown = self.desk.answer({"do": "show", "state": state.to_json()})
        if ready:
            self.desk.answer({"do": "prepare", "state": self.shown["state"], "index": index})

    def act(self) -> Reply:
        """The answer, as what has changed."""
        return self.desk.answer(act(self.shown["state"], self.index, self.shown["serial"]))


def from_nothing(state: State) -> Reply:
    """The answer of a desk that has nothing: a replay, and the whole document."""
    return Desk().answer({"do": "show", "state": state.to_json()})
