"""The desk: answers what a front end asks about labs, in plain data; it keeps the last runs, to go on with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lessons.lab.catalogue import find
from lessons.lab.change import change
from lessons.lab.fields import Refused
from lessons.lab.lab import Lab
from lessons.lab.link import from_link, to_link
from lessons.lab.moment import Moment
from lessons.lab.runs import Progress, is_too_long, run_to
from lessons.lab.state import State, demand, from_text
from lessons.lab.words import program, sentence
from lessons.sim import Action, Simulation
from lessons.trace import Faulted, Trace
from lessons.viz.words import verdict_of

MOST_KEPT = 3  # worlds: that of the run on show, one at the reader's moment, and the one before

Request = Mapping[str, Any]
Reply = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """A world that stands where a run has come to."""

    lab: str
    seed: int | str
    parameters: Mapping[str, Any]
    sim: Simulation

    def leads_to(self, state: State) -> bool:
        """Whether to go on with it gives the very run of a state."""
        same = (self.lab, self.seed, self.parameters) == (state.lab, state.seed, state.parameters)
        if not same or self.sim.now > state.until:
            return False
        done = self.done()
        return state.actions[: len(done)] == done and all(a.at >= self.sim.now for a in state.actions[len(done) :])

    def done(self) -> tuple[Action, ...]:
        """The actions that have happened in it."""
        planned = set(map(id, self.sim.planned))
        return tuple(action for action in self.sim.actions if id(action) not in planned)


@dataclass(frozen=True)
class Shown:
    """What a front end has of a lab: the run of ``state`` and its document, under a number."""

    state: State
    sim: Simulation
    trace: Trace
    document: dict[str, Any]
    serial: int


class Desk:
    """Answers requests, one after the other. To replay is always right; what is kept is only quicker."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._shown: dict[str, Shown] = {}
        self._serials = 0
        self._tasks: dict[str, Callable[[Request, Progress | None], Reply]] = {
            "open": self._open, "show": self._show, "act": self._act, "fork": self._fork, "on": self._on,
            "offers": self._offers, "prepare": self._prepare,
            "program": self._program, "link": self._link,
        }  # fmt: skip

    def answer(self, request: Request, progress: Progress | None = None) -> Reply:
        """The answer to a request: see ``lessons.lab.answer``."""
        try:
            task = self._tasks.get(str(request.get("do")))
            if task is None:
                raise Refused(f"do is {str(request.get('do'))[:40]!r}: it must be one of {', '.join(self._tasks)}")
            return task(request, progress)
        except Refused as refused:
            return {"refused": str(refused)}

    # Runs

    def _open(self, request: Request, progress: Progress | None) -> Reply:
        """A lab as it begins, or in the state of a link or a file."""
        if "link" in request:
            state = from_link(str(request["link"]))
        elif "file" in request:
            state = from_text(str(request["file"]))
        else:
            state = find(request.get("lab")).start
        demand(request.get("lab") in (None, state.lab), f"this is a run of the lab {state.lab}: open it there")
        lab = find(state.lab)
        return {**self._run(lab, state, request, progress), "lab": lab.form()}

    def _show(self, request: Request, progress: Progress | None) -> Reply:
        """The run of a state."""
        lab, state = _read(request)
        return self._run(lab, state, request, progress)

    def _act(self, request: Request, progress: Progress | None) -> Reply:
        """Do what was offered after event ``index``, with ``values`` filled in; what was planned later is gone."""
        lab, state = _read(request)
        shown, index = self._moment(lab, state, request)
        offers = {offer.id: offer for offer in lab.offers(shown.sim.kinds, Moment.of(shown.trace, index))}
        wanted, values = str(request.get("offer")), request.get("values", {})
        demand(wanted in offers, f"{wanted} can't be done at this moment: something else has changed it")
        demand(isinstance(values, Mapping), f"values is {values!r}: it must map fields to values")
        now = shown.trace[index].time
        action = offers[wanted].action(now, values)
        forked = replace(state.fork(now, action), until=now + lab.ahead)
        reply = self._run(lab, forked, request, progress)
        reply["index"] = _index_of_last_fault(self._shown[lab.name].trace, now)
        return {**reply, "says": f"Done: {sentence(action)}."}

    def _fork(self, request: Request, progress: Progress | None) -> Reply:
        """Forget what was done after event ``index``."""
        lab, state = _read(request)
        shown, index = self._moment(lab, state, request)
        return {**self._run(lab, state.fork(shown.trace[index].time), request, progress), "index": index}

    def _on(self, request: Request, progress: Progress | None) -> Reply:
        """Let the run go on for as long as an action does."""
        lab, state = _read(request)
        shown = self._shown_of(lab, state)
        demand(not is_too_long(shown.sim), "this run is as long as a page can show: go back and act, or start again")
        demand(shown.trace.violation is None, "this run has ended with a broken invariant: go back and act, or undo")
        return self._run(lab, replace(state, until=state.until + lab.ahead), request, progress)

    def _run(self, lab: Lab, state: State, request: Request, progress: Progress | None) -> Reply:
        """The run of a state as the reader's front end needs it: whole, or as what differs from what it has."""
        sim, trace = self._world(lab, state, progress)
        if is_too_long(sim):
            state = replace(state.fork(sim.now), until=sim.now)
        before = self._shown.get(lab.name)
        document = lab.play(trace).document
        self._serials += 1
        self._shown[lab.name] = Shown(state, sim, trace, document, self._serials)
        has = before is not None and before.serial == request.get("have")
        drawn = {"change": change(before.document, document)} if before and has else {"document": document}
        return {
            "state": state.to_json(),
            "serial": self._serials,
            **drawn,
            "done": _done(state, trace),
            "ends": _end(sim, trace),
            "verdict": _shown_by(lab.judge(trace)) if lab.judge else None,
        }

    def _world(self, lab: Lab, state: State, progress: Progress | None = None) -> tuple[Simulation, Trace]:
        """A world that has run as the state says, and is kept: one that was kept goes on, if one leads there."""
        fitting = [kept for kept in self._kept if kept.leads_to(state)]
        if fitting:
            kept = max(fitting, key=lambda each: each.sim.now)
            self._kept.remove(kept)
            kept.sim.replan(state.actions[len(kept.done()) :])
        else:
            kept = Kept(lab.name, state.seed, state.parameters, lab.replay(state))
        trace = run_to(kept.sim, state.until, progress)
        self._kept = [*self._kept, kept][-MOST_KEPT:]
        return kept.sim, trace

    # Moments

    def _moment(self, lab: Lab, state: State, request: Request) -> tuple[Shown, int]:
        """The run of a state, and the number of the event at which the reader stands."""
        shown, index = self._shown_of(lab, state), request.get("index")
        length = len(shown.trace)
        there = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < length
        demand(there, f"index is {index!r}: the run has the events 0 to {length - 1}")
        return shown, int(index or 0)

    def _shown_of(self, lab: Lab, state: State) -> Shown:
        """The run of a state that is on show; made now if another one is."""
        shown = self._shown.get(lab.name)
        if shown is None or shown.state != state:
            self._run(lab, state, {}, None)
            shown = self._shown[lab.name]
        return shown

    def _offers(self, request: Request, progress: Progress | None) -> Reply:
        """What can be done after event ``index``, and how the nodes are."""
        lab, state = _read(request)
        shown, index = self._moment(lab, state, request)
        moment = Moment.of(shown.trace, index)
        nodes = [
            {"name": name, "is": status, "client": name in moment.clients} for name, status in moment.status.items()
        ]
        forms = [offer.form() for offer in lab.offers(shown.sim.kinds, moment)]
        return {"time": moment.time, "nodes": nodes, "offers": forms}

    def _prepare(self, request: Request, progress: Progress | None) -> Reply:
        """Bring a world to the time of event ``index``, so that what the reader does next has its answer sooner."""
        lab, state = _read(request)
        shown, index = self._moment(lab, state, request)
        now = shown.trace[index].time
        self._world(lab, replace(state.fork(now), until=now), progress)
        return {}

    # Texts

    def _program(self, request: Request, progress: Progress | None) -> Reply:
        """The Python that makes the run of a state again."""
        return {"text": program(_read(request)[1])}

    def _link(self, request: Request, progress: Progress | None) -> Reply:
        """What stands behind ``#lab=`` in a link to the run of a state."""
        return {"text": to_link(_read(request)[1])}


def _read(request: Request) -> tuple[Lab, State]:
    """The state in a request and its lab, whose parameters and names it has; raises Refused."""
    state = State.from_json(request.get("state"))
    lab = find(state.lab)
    lab.values(state.parameters)
    return lab, state


def _index_of_last_fault(trace: Trace, time: float) -> int:
    """The last fault at a time; the last event of all if the run ended before it."""
    found = [event.index for event in trace.only(Faulted) if event.time == time]
    return found[-1] if found else len(trace) - 1


def _done(state: State, trace: Trace) -> list[dict[str, Any]]:
    """The actions in words, each with the number of its event, if the run came to it."""
    faults = [event.index for event in trace.only(Faulted)]
    places = [*faults, *[None] * (len(state.actions) - len(faults))]
    return [
        {"at": action.at, "text": sentence(action), "index": index}
        for action, index in zip(state.actions, places, strict=True)
    ]


def _end(sim: Simulation, trace: Trace) -> str:
    """Why a run can't go on; empty when it can."""
    if trace.violation is not None:
        return verdict_of(trace)
    return "The run is as long as a page can show." if is_too_long(sim) else ""


def _shown_by(result: Any) -> dict[str, str] | None:
    """What a judge's result shows of itself: text, and HTML of ours, in which all that came from outside is escaped."""
    if result is None:
        return None
    forms = result._repr_mimebundle_()
    return {"text": forms["text/plain"], "html": forms.get("text/html", "")}


_DESK = Desk()


def answer(request: Request, progress: Progress | None = None) -> Reply:
    """Answer a request of a front end; both are plain JSON data, in a notebook's kernel and in a reader's browser.

    ``request["do"]`` says what is wanted:

    - ``open``: a lab as it begins (``lab``, its name), or in the state of a ``link`` or of a ``file``'s text;
    - ``show``: the run of a ``state``; ``on``: the same, for some more seconds;
    - ``act``: what was offered (``offer``, its id, with ``values``) after event ``index``; ``fork``: forget what was
      done after it;
    - ``offers``: what can be done after event ``index``; ``prepare``: get ready for it;
    - ``program``, ``link``: the Python, and the link, that make the run of a ``state`` again.

    Those that run something answer with the ``state``, the ``document`` of the player, what was ``done`` and where,
    why it ``ends``, and the ``verdict`` of the lab's judge. A front end that ``has`` the document of the last
    answer, by its ``serial``, gets what has changed. ``progress`` is called with 0 to 1 while a run takes long. What
    can't be done is answered by ``{"refused": words}``, and nothing has changed.
    """
    return _DESK.answer(request, progress)
