"""The desk: answers what a front end asks about labs, in plain data; it keeps what is on show, to go on with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lessons.lab.catalogue import find
from lessons.lab.change import change
from lessons.lab.fields import Refused
from lessons.lab.lab import Declared
from lessons.lab.link import from_link, to_link
from lessons.lab.runs import Progress
from lessons.lab.shown import Shown
from lessons.lab.state import State, demand, from_text
from lessons.lab.words import program, sentence
from lessons.lab.worlds import Worlds

Request = Mapping[str, Any]
Reply = dict[str, Any]


class Desk:
    """Answers requests, one after the other; ``labs`` gives the lab of a name, those of the book unless given."""

    def __init__(self, labs: Callable[[object], Declared] = find) -> None:
        self._labs = labs
        self._worlds = Worlds()
        self._shown: dict[str, tuple[int, Shown]] = {}  # lab -> number of the answer, and what was in it
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
            demand(task, f"do is {str(request.get('do'))[:40]!r}: it must be one of {', '.join(self._tasks)}")
            assert task is not None
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
            state = self._labs(request.get("lab")).start
        demand(request.get("lab") in (None, state.lab), f"this is a run of the lab {state.lab}: open it there")
        lab = self._labs(state.lab)
        return {**self._run(lab, state, request, progress), "lab": lab.form()}

    def _show(self, request: Request, progress: Progress | None) -> Reply:
        """The run of a state."""
        lab, state = self._read(request)
        return self._run(lab, state, request, progress)

    def _act(self, request: Request, progress: Progress | None) -> Reply:
        """Do what was offered after event ``index``, with ``values`` filled in; what was planned later is gone."""
        lab, shown, index = self._moment(request)
        offers = {offer.id: offer for offer in shown.offers(index)}
        wanted, values = str(request.get("offer"))[:200], request.get("values", {})
        demand(wanted in offers, f"{wanted} can't be done at this moment: look again at what can be")
        demand(isinstance(values, Mapping), f"values is {values!r}: it must map fields to values")
        acted = shown.acted(index, offers[wanted], values)
        reply = self._run(lab, acted, request, progress)
        shown, says = self._shown[lab.name][1], f"Done: {sentence(acted.actions[-1])}."
        places = shown.places()
        at = places[-1] if len(places) == len(acted.actions) else shown.length - 1  # it ended before
        return {**reply, "index": at, "says": says}

    def _fork(self, request: Request, progress: Progress | None) -> Reply:
        """Forget what was done after event ``index``."""
        lab, shown, index = self._moment(request)
        return {**self._run(lab, shown.state.fork(shown.time(index)), request, progress), "index": index}

    def _on(self, request: Request, progress: Progress | None) -> Reply:
        """Let the run go on for as long as an action does."""
        lab, state = self._read(request)
        return self._run(lab, self._shown_of(lab, state).on(), request, progress)

    def _run(self, lab: Declared, state: State, request: Request, progress: Progress | None) -> Reply:
        """The run of a state as the front end needs it: whole, or as what differs from what it has."""
        serial, before = self._shown.get(lab.name, (0, None))
        shown = lab.show(state, self._worlds, progress, before)
        self._serials += 1
        self._shown[lab.name] = self._serials, shown
        has = before if serial == request.get("have") else None
        return {
            "state": shown.state.to_json(),
            "serial": self._serials,
            **({"change": change(has.document, shown.document)} if has else {"document": shown.document}),
            "done": _done(shown),
            "ends": shown.ends,
            "verdict": _forms(shown.verdict),
        }

    # Moments

    def _moment(self, request: Request) -> tuple[Declared, Shown, int]:
        """A lab, what is on show of it, and the number of the event at which the reader stands."""
        lab, state = self._read(request)
        shown, index = self._shown_of(lab, state), request.get("index")
        there = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < shown.length
        demand(there, f"index is {index!r}: the run has the events 0 to {shown.length - 1}")
        return lab, shown, int(index or 0)

    def _shown_of(self, lab: Declared, state: State) -> Shown:
        """What is on show of a lab; another state is put on show first."""
        if lab.name not in self._shown or self._shown[lab.name][1].state != state:
            self._run(lab, state, {}, None)
        return self._shown[lab.name][1]

    def _offers(self, request: Request, progress: Progress | None) -> Reply:
        """What can be done after event ``index``, and how the nodes are."""
        _, shown, index = self._moment(request)
        forms = [offer.form() for offer in shown.offers(index)]
        return {"time": shown.time(index), "nodes": shown.nodes(index), "offers": forms}

    def _prepare(self, request: Request, progress: Progress | None) -> Reply:
        """Bring a world to the time of event ``index``, so that what the reader does next has its answer sooner."""
        lab, shown, index = self._moment(request)
        lab.prepare(shown.state.fork(shown.time(index)).until_at(shown.time(index)), self._worlds)
        return {}

    def _read(self, request: Request) -> tuple[Declared, State]:
        """The state in a request and its lab, whose parameters it has; raises Refused."""
        state = State.from_json(request.get("state"))
        lab = self._labs(state.lab)
        lab.values(state.parameters)
        return lab, state

    # Texts

    def _program(self, request: Request, progress: Progress | None) -> Reply:
        """The Python that makes the run of a state again."""
        lab, state = self._read(request)
        return {"text": program(lab, state)}

    def _link(self, request: Request, progress: Progress | None) -> Reply:
        """What stands behind ``#lab=`` in a link to the run of a state."""
        return {"text": to_link(self._read(request)[1])}


def _done(shown: Shown) -> list[dict[str, Any]]:
    """The actions in words, each with the number of its event, if the run came to it."""
    actions, places = shown.state.actions, shown.places()
    reached = [*places, *[None] * (len(actions) - len(places))]
    return [
        {"at": action.at, "text": sentence(action), "index": index}
        for action, index in zip(actions, reached, strict=True)
    ]


def _forms(result: Any) -> dict[str, str] | None:
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
    why it ``ends``, and the ``verdict`` of the lab's judge. A front end that has the document of the last answer names
    its ``serial`` as ``have``, and gets what has changed. ``progress`` is called with 0 to 1 while a run takes long.
    What can't be done is answered by ``{"refused": words}``, and nothing has changed.
    """
    return _DESK.answer(request, progress)
