"""What a front end has on show: the run of a state, with its document, what was done in it and what can be done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lessons.lab.asks import asks
from lessons.lab.moment import Moment
from lessons.lab.offers import Offer, offers
from lessons.lab.runs import is_too_long
from lessons.lab.state import State, demand
from lessons.trace import Faulted
from lessons.viz.words import verdict_of

if TYPE_CHECKING:
    from lessons.lab.lab import Lab
    from lessons.lab.worlds import World


class Shown(ABC):
    """What a state has become; its events are numbered from 0, and at each of them a reader can act."""

    state: State
    document: dict[str, Any]
    length: int  # how many events there are

    @abstractmethod
    def time(self, index: int) -> float:
        """When event ``index`` happened."""

    @abstractmethod
    def nodes(self, index: int) -> list[dict[str, Any]]:
        """Who there is after event ``index``: name, how it is, and whether it is a user, who can be asked."""

    @abstractmethod
    def offers(self, index: int) -> Iterator[Offer]:
        """What can be done after event ``index``."""

    @abstractmethod
    def places(self) -> list[int]:
        """The numbers of the events that the actions are, as far as the run came to them."""

    @abstractmethod
    def acted(self, index: int, offer: Offer, values: dict[str, Any]) -> State:
        """The state in which an offer is taken up after event ``index``."""

    def on(self) -> State:
        """The state in which it goes on for a while; raises Refused when it can't."""
        raise NotImplementedError

    @property
    def ends(self) -> str:
        """Why it can't go on; empty when it can."""
        return ""

    @property
    def verdict(self) -> Any:
        """The result of a judge that shows itself, or None."""
        return None


class ShownRun(Shown):
    """The run of a simulation."""

    def __init__(self, lab: Lab, state: State, world: World, before: Shown | None = None) -> None:
        self.lab, self.sim, self.trace = lab, world.sim, world.sim.trace
        self.too_long, self.failure = is_too_long(self.sim), world.failure
        self.state = state.until_at_most(self.sim.now) if self.too_long else state
        self.length = len(self.trace)
        demand(self.length, f"until is {state.until:g}: nothing has happened by then, not even the start")
        self.document = lab.play(self.trace).document_after(before.document if before else None)

    def time(self, index: int) -> float:
        """See ``Shown``."""
        return self.trace[index].time

    def nodes(self, index: int) -> list[dict[str, Any]]:
        """See ``Shown``."""
        status, kinds = Moment.of(self.trace, index).status, self.sim.kinds
        return [{"name": name, "is": status[name], "user": issubclass(kinds[name], self.lab.users)} for name in status]

    def offers(self, index: int) -> Iterator[Offer]:
        """See ``Shown``."""
        moment = Moment.of(self.trace, index)
        yield from asks(moment, self.sim.kinds, self.lab.users, self.lab.hints)
        yield from offers(moment)

    def places(self) -> list[int]:
        """See ``Shown``."""
        return [event.index for event in self.trace.only(Faulted)]

    def acted(self, index: int, offer: Offer, values: dict[str, Any]) -> State:
        """See ``Shown``."""
        now = self.time(index)
        return self.state.fork(now, offer.action(now, values)).until_at(now + self.lab.ahead)

    def on(self) -> State:
        """See ``Shown``."""
        demand(not self.ends, f"this run can't go on: {self.ends} Go back and act, or start again.")
        return self.state.until_at(self.state.until + self.lab.ahead)

    @property
    def ends(self) -> str:
        """See ``Shown``."""
        if self.trace.violation is not None:
            return f"{verdict_of(self.trace)}."
        if self.failure:
            return f"{self.failure}."
        return "It is as long as a page can show." if self.too_long else ""

    @property
    def verdict(self) -> Any:
        """See ``Shown``."""
        return self.lab.judge(self.trace) if self.lab.judge else None
