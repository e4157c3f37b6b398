"""Lab: a world that a reader breaks by hand, declared as data: how it is built, what can be set, how it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

from lessons.lab import page
from lessons.lab.asks import Hints, asks
from lessons.lab.fields import Field, Refused
from lessons.lab.moment import Moment
from lessons.lab.offers import Offer, offers
from lessons.lab.runs import run_to
from lessons.lab.state import State, demand
from lessons.sim import Action, Simulation
from lessons.trace import Trace
from lessons.viz import Player, play
from lessons.viz.widget import can_run, view

Judge = Callable[[Trace], Any]


class Lab:
    """A world to break by hand, under the name ``part/chapter``.

    ``build`` makes its simulation from a seed and parameters; those of its parameters that a reader may change are
    named in ``parameters``, with their fields. ``caption`` says in words what the first run shows: ``seed`` until
    ``horizon`` (virtual seconds), with what ``opening`` does. What a reader does, and "go on", adds ``ahead`` more
    seconds, as many as ``horizon`` unless given. ``asks`` has the fields of wishes that their types do not tell.
    ``judge`` looks at each run and returns a result that shows itself, such as the verdict on a history, or None.
    ``options`` are those of ``lessons.viz.play``, such as ``look``, ``logs`` and ``layout``.

    Raises ValueError for a name that is none, for a parameter that ``build`` has not, and for a default that its field
    refuses.
    """

    def __init__(
        self,
        name: str,
        build: Callable[..., Simulation],
        *,
        title: str,
        caption: str,
        horizon: float,
        ahead: float | None = None,
        seed: int | str = 1,
        parameters: Mapping[str, Field] | None = None,
        opening: Sequence[Action | Mapping[str, Any]] = (),
        asks: Hints | None = None,
        judge: Judge | None = None,
        **options: Any,
    ) -> None:
        if not re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+", name):
            raise ValueError(f"name is {name!r}: it must be part/chapter")
        if not horizon > 0:
            raise ValueError(f"horizon is {horizon!r}: it must be over 0 seconds")
        self.name, self.build, self.title, self.caption = name, build, title, caption
        self.horizon, self.ahead = float(horizon), float(ahead or horizon)
        self.parameters = dict(parameters or {})
        self.defaults = {name: self._default(name, each) for name, each in self.parameters.items()}
        self.hints, self.judge, self.view = asks or {}, judge, options
        self._widget: Any = None
        actions = tuple(item if isinstance(item, Action) else Action.from_json(item) for item in opening)
        self.start = State(name, seed, self.horizon, {}, actions)

    def _default(self, name: str, each: Field) -> Any:
        """The plain form of the value that ``build`` has for a parameter; it fits its field."""
        there = signature(self.build).parameters.get(name)
        if there is None or there.default is Parameter.empty:
            raise ValueError(f"parameters has {name!r}: {self.build} has no parameter of this name with a default")
        plain = each.plain(there.default)
        each.read(name, plain)
        return plain

    def __repr__(self) -> str:
        return f"Lab({self.name!r})"

    @property
    def id(self) -> str:
        """A slug for its place in the page."""
        return "lab-" + re.sub(r"[^a-z0-9]+", "-", self.name)

    # Running

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of ``build`` for plain parameters; raises Refused, naming the parameter, value and rule."""
        for name in given:
            known = ", ".join(self.parameters) or "none"
            demand(name in self.parameters, f"parameters has {name!r}: those of {self.name} are {known}")
        return {name: self.parameters[name].read(name, value) for name, value in given.items()}

    def sim(self, seed: int | str = 1, **given: Any) -> Simulation:
        """Its world; ``given`` are parameters as plain data, for example the label of a choice. Raises Refused."""
        try:
            return self.build(seed, **self.values(given))
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error

    def run(self, state: State | None = None) -> Trace:
        """The run of a state, the first one unless given."""
        state = state or self.start
        return run_to(self.replay(state), state.until)

    def replay(self, state: State) -> Simulation:
        """The world of a state at its beginning, with all actions planned."""
        sim = self.sim(state.seed, **state.parameters)
        sim.apply(state.actions)
        return sim

    def offers(self, kinds: Mapping[str, type], moment: Moment) -> Iterator[Offer]:
        """What can be done at a moment; ``kinds`` are the classes of the nodes."""
        yield from asks(moment, kinds, self.hints)
        yield from offers(moment)

    # Showing

    def play(self, trace: Trace) -> Player:
        """The player of a run, as the lab shows it."""
        return play({"run": trace}, title=self.title, caption=self.caption, id=self.id, **self.view)

    def form(self) -> dict[str, Any]:
        """The lab as the front end draws it: its name, its parameters, the state in which it begins."""
        fields = {name: self._field(name, each) for name, each in self.parameters.items()}
        return {"name": self.name, "title": self.title, "fields": fields, "begin": self.start.to_json()}

    def _field(self, name: str, each: Field) -> dict[str, Any]:
        return {**each.form(), "start": self.defaults[name], "help": each.help}

    def html(self) -> str:
        """The static form: the player of the first run, which lab.js turns into the lab."""
        return page.html(self.name, self.play(self.run()).html())

    def live(self) -> Any:
        """The widget of this lab, whose kernel answers; made once. Needs anywidget."""
        if self._widget is None:
            from lessons.lab import widget

            self._widget = widget.make(self)
        return self._widget

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self.play(self.run()).text(), "text/html": self.html()}
        return {**forms, **view(self.live())} if can_run() else forms
