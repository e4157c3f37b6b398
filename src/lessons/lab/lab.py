"""Lab: a world that a reader breaks by hand, declared as data: how it is built, what can be set, how it is shown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

from lessons.lab import page
from lessons.lab.asks import Hints, checked, wishes_of
from lessons.lab.fields import Field, Refused
from lessons.lab.runs import Progress
from lessons.lab.shown import Shown, ShownRun
from lessons.lab.state import State, demand
from lessons.lab.words import fault_call
from lessons.lab.worlds import Worlds
from lessons.node import Client, Node
from lessons.sim import Action, Simulation
from lessons.trace import Trace
from lessons.viz import Player, play
from lessons.viz.widget import can_run, view

Judge = Callable[[Trace], Any]


class Declared(ABC):
    """What every lab declares; ``Lab`` says what the parameters mean."""

    made = "sim"  # what the Python that makes a run again calls it

    def __init__(
        self,
        name: str,
        build: Callable[..., Any],
        *,
        title: str,
        caption: str,
        seed: int | str = 1,
        parameters: Mapping[str, Field] | None = None,
        opening: Sequence[Any] = (),
        asks: Hints | None = None,
    ) -> None:
        if not re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+", name):
            raise ValueError(f"name is {name!r}: it must be part/chapter")
        self.name, self.build, self.title, self.caption = name, build, title, caption
        self.parameters = dict(parameters or {})
        self.defaults = {name: self._default(name, each) for name, each in self.parameters.items()}
        self.hints = asks or {}
        actions = self._actions(opening)
        self.start = State(name, seed, self._until(actions), {}, actions)
        self._widget: Any = None

    def _default(self, name: str, each: Field) -> Any:
        """The plain form of the value that ``build`` has for a parameter; it fits its field."""
        there = signature(self.build).parameters.get(name)
        if there is None or there.default is Parameter.empty:
            raise ValueError(f"parameters has {name!r}: {self.build} has no parameter of this name with a default")
        plain = each.plain(there.default)
        each.read(name, plain)
        return plain

    @abstractmethod
    def _actions(self, opening: Sequence[Any]) -> tuple[Action, ...]:
        """The actions of the first run."""

    @abstractmethod
    def _until(self, actions: tuple[Action, ...]) -> float:
        """How long the first run is."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def id(self) -> str:
        """A slug for its place in the page."""
        return "lab-" + re.sub(r"[^a-z0-9]+", "-", self.name)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of ``build`` for plain parameters; raises Refused, naming the parameter, value and rule."""
        for name in given:
            known = ", ".join(self.parameters) or "none"
            demand(name in self.parameters, f"parameters has {name!r}: those of {self.name} are {known}")
        return {name: self.parameters[name].read(name, value) for name, value in given.items()}

    def make(self, seed: int | str = 1, **given: Any) -> Any:
        """What ``build`` makes; ``given`` are parameters as plain data, a choice by its label. Raises Refused."""
        try:
            return self.build(seed, **self.values(given))
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error

    @abstractmethod
    def show(
        self, state: State, worlds: Worlds, progress: Progress | None = None, before: Shown | None = None
    ) -> Shown:
        """What a state becomes; what was on show ``before`` makes it quicker. Raises Refused."""

    def prepare(self, state: State, worlds: Worlds) -> None:  # noqa: B027 (most need none)
        """Get ready for what leads on from a state."""

    def form(self) -> dict[str, Any]:
        """The lab as the front end draws it: its name, its parameters, the state in which it begins."""
        fields = {name: self._field(name, each) for name, each in self.parameters.items()}
        return {"name": self.name, "title": self.title, "fields": fields, "begin": self.start.to_json()}

    def _field(self, name: str, each: Field) -> dict[str, Any]:
        return {**each.form(), "start": self.defaults[name], "help": each.help}

    @abstractmethod
    def call(self, action: Action) -> str:
        """An action as a line of Python."""

    @abstractmethod
    def shown_by(self, state: State) -> str:
        """The line of Python that shows what a state has become."""

    # Showing

    @abstractmethod
    def text(self) -> str:
        """The first run in words, for a terminal."""

    @abstractmethod
    def html(self) -> str:
        """The static form: the first run, which lab.js turns into the lab."""

    @abstractmethod
    def first_document(self) -> dict[str, Any]:
        """The document of the first run."""

    def live(self) -> Any:
        """The widget of this lab, whose kernel answers; made once. Needs anywidget."""
        if self._widget is None:
            from lessons.lab import widget

            self._widget = widget.make(self)
        return self._widget

    def widgets(self) -> dict[str, Any]:
        """The seed and the parameters as ipywidgets by name, to compose with others. Needs ipywidgets and anywidget.

        To change one runs the lab so, wherever it is on show. ``live().state`` is the state of the run on show.
        """
        from lessons.lab import widget

        return widget.controls(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self.text(), "text/html": self.html()}
        return {**forms, **view(self.live())} if can_run() else forms


class Lab(Declared):
    """A world to break by hand, under the name ``part/chapter``.

    ``build`` makes its simulation from a seed and parameters; those of its parameters that a reader may change are
    named in ``parameters``, with their fields. ``caption`` says in words what the first run shows: ``seed`` until
    ``horizon`` (virtual seconds), with what ``opening`` does. What a reader does, and "go on", adds ``ahead`` more
    seconds, as many as ``horizon`` unless given. ``users`` are the classes of nodes whose ``ask_`` methods a reader
    can ask for, clients unless given; ``asks`` has the fields of wishes that their types do not tell.
    ``judge`` looks at each run and returns a result that shows itself, such as the verdict on a history, or None. The
    reader waits for it, so what it may cost must have a bound: to stop it may cost what the cells have defined.
    ``options`` are those of ``lessons.viz.play``, such as ``look``, ``logs`` and ``layout``.

    Raises ValueError for a name that is none, for a parameter that ``build`` has not, and for a default that its field
    refuses.
    """

    build: Callable[..., Simulation]

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
        users: tuple[type[Node], ...] = (Client,),
        asks: Hints | None = None,
        judge: Judge | None = None,
        **options: Any,
    ) -> None:
        if not horizon > 0:
            raise ValueError(f"horizon is {horizon!r}: it must be over 0 seconds")
        self.horizon, self.ahead = float(horizon), float(ahead or horizon)
        self.users, self.judge, self.options = users, judge, options
        given: dict[str, Any] = {"seed": seed, "parameters": parameters, "opening": opening, "asks": asks}
        super().__init__(name, build, title=title, caption=caption, **given)

    def _actions(self, opening: Sequence[Any]) -> tuple[Action, ...]:
        return tuple(item if isinstance(item, Action) else Action.from_json(item) for item in opening)

    def _until(self, actions: tuple[Action, ...]) -> float:
        return self.horizon

    # Running

    def run(self, state: State | None = None) -> Trace:
        """The run of a state, the first one unless given."""
        return Worlds().run(state or self.start, self).sim.trace

    def begin(self, state: State) -> Simulation:
        """The world of a state at its beginning. Raises ValueError when it was built with faults: those are actions."""
        sim: Simulation = self.make(state.seed, **state.parameters)
        if sim.actions:
            raise ValueError(f"build plans {sim.actions[0].name}: what happens in a lab is its opening")
        return sim

    def check(self, sim: Simulation, actions: Sequence[Action]) -> None:
        """Raise Refused unless clients of ``sim`` can do what they are asked for."""
        for action in actions:
            if action.name == "ask":
                self._check_wish(sim, action)

    def _check_wish(self, sim: Simulation, action: Action) -> None:
        """Raise Refused for a client that is not there, a wish it does not know, arguments that its form has not."""
        client, wish = action.args.get("client"), action.args.get("wish")
        users = [name for name, kind in sim.kinds.items() if issubclass(kind, self.users)]
        demand(client in users, f"client is {client!r}: it must be one of {', '.join(users) or 'none'}")
        known = wishes_of(sim.kinds[str(client)])
        demand(wish in known, f"wish is {wish!r}: {client} can be asked for {', '.join(known) or 'nothing'}")
        checked(known[str(wish)], self.hints.get(str(wish), {}), action.args.get("args", ()))

    def show(
        self, state: State, worlds: Worlds, progress: Progress | None = None, before: Shown | None = None
    ) -> Shown:
        """See ``Declared``."""
        return ShownRun(self, state, worlds.run(state, self, progress), before)

    def prepare(self, state: State, worlds: Worlds) -> None:
        """See ``Declared``."""
        worlds.run(state, self)

    def call(self, action: Action) -> str:
        """See ``Declared``."""
        return f"sim.at({action.at!r}).{fault_call(action)}"

    def shown_by(self, state: State) -> str:
        """See ``Declared``."""
        return f"LAB.play(sim.run(until={state.until!r}))"

    # Showing

    def play(self, trace: Trace) -> Player:
        """The player of a run, as the lab shows it."""
        return play({"run": trace}, title=self.title, caption=self.caption, id=self.id, **self.options)

    def text(self) -> str:
        """See ``Declared``."""
        return self.play(self.run()).text()

    def html(self) -> str:
        """See ``Declared``."""
        return page.html(self.name, self.play(self.run()).html())

    def first_document(self) -> dict[str, Any]:
        """See ``Declared``."""
        return self.play(self.run()).document
