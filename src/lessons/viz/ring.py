"""The ring view: who owns which part of a circle, for every choice of nodes, weights and points, to play with.

In a page it works without a kernel, over states that were computed before; in JupyterLab the kernel is asked
for what lies beyond them. It knows no rule of placement: it is given a function that computes a state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Any

from lessons.viz import widget
from lessons.viz.markup import escape, folded, image, script_data
from lessons.viz.ring_picture import ring_picture
from lessons.viz.table import Table, table
from lessons.viz.words import counted

FORMAT = "lessons-ring/1"
STEPS = 1 << 16  # places of the drawn circle
MODULE = "\nexport default { render: globalThis.LessonRing.render };\n"

Wish = tuple[tuple[int, ...], int]  # a weight for each node, 0 if it is not there; points of a node with weight 1


@dataclass(frozen=True)
class RingState:
    """One state: the places of each node's points, as parts of the circle from 0 up to 1, and its number of keys.

    Points stand in the order in which more weight adds them.
    """

    points: Mapping[str, Sequence[float]]
    loads: Mapping[str, int]


@dataclass(frozen=True)
class Choices:
    """What the reader can choose from: the nodes, the whole weights besides 0, the points of a node of weight 1."""

    nodes: tuple[str, ...]
    weights: tuple[int, ...]
    vnodes: tuple[int, ...]

    def states(self) -> Iterator[Wish]:
        """Every choice in which there is a node."""
        for weights in product((0, *self.weights), repeat=len(self.nodes)):
            if any(weights):
                yield from ((weights, vnodes) for vnodes in self.vnodes)


class RingView:
    """A circle to play with: nodes join, leave and change their weight, and what moves is lit.

    ``compute`` gives the state for the weights of the nodes that are there (in the order of ``choices``) and the
    points of a node with weight 1. ``sample`` are places of some keys, as parts of the circle. ``start`` is a
    state of ``choices``; ``live`` is what a kernel offers. Raises ValueError when ``start`` is not among the
    choices, and when a state's points are not the first ones of those of a heavier node.
    """

    def __init__(
        self,
        compute: Callable[[Mapping[str, int], int], RingState],
        choices: Choices,
        start: Wish,
        *,
        title: str,
        caption: str,
        id: str,
        sample: Sequence[float] = (),
        live: Choices | None = None,
    ) -> None:
        if start not in choices.states():
            raise ValueError(f"start is {start!r}: it must be one of the choices")
        self.compute, self.choices, self.start = compute, choices, start
        self.title, self.caption, self.id = title, caption, id
        self.sample, self.live_choices = sample, live or choices
        self._widget: Any = None

    def __repr__(self) -> str:
        return f"RingView({self.title!r})"

    def state(self, choices: Choices, wish: Wish) -> RingState:
        """The state of a choice."""
        weights, vnodes = wish
        there = {name: weight for name, weight in zip(choices.nodes, weights, strict=True) if weight}
        return self.compute(there, vnodes)

    # The document

    @cached_property
    def document(self) -> dict[str, Any]:
        """What ring.js reads in a page: every state of the choices."""
        states = {wish: self.state(self.choices, wish) for wish in self.choices.states()}
        points = self._points(states)
        loads = {_name(wish): _in_order(self.choices, state.loads) for wish, state in states.items()}
        return {**self._head(self.choices, self.start), "points": points, "loads": loads}

    def _head(self, choices: Choices, start: Wish) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "id": self.id,
            "title": self.title,
            "caption": self.caption,
            "steps": STEPS,
            "nodes": list(choices.nodes),
            "weights": [0, *choices.weights],
            "vnodes": list(choices.vnodes),
            "counts": [[weight * vnodes for vnodes in choices.vnodes] for weight in (0, *choices.weights)],
            "start": {"weights": list(start[0]), "vnodes": start[1]},
            "sample": _places(self.sample),
        }

    def _points(self, states: Mapping[Wish, RingState]) -> list[list[int]]:
        """The points of each node at its heaviest; those of all other states are the first ones of these."""
        most: dict[str, Sequence[float]] = {}
        for state in states.values():
            for name, points in state.points.items():
                most[name] = max(most.get(name, ()), points, key=len)
        for (weights, vnodes), state in states.items():
            for name, weight in zip(self.choices.nodes, weights, strict=True):
                if list(state.points.get(name, ())) != list(most[name][: weight * vnodes]):
                    raise ValueError(f"points of {name!r} with weight {weight} are not among those with more weight")
        return [_places(most[name]) for name in self.choices.nodes]

    # Forms

    @cached_property
    def numbers(self) -> Table:
        """The same for those who want no picture: how full the fullest node is, by nodes and points."""
        rows = [
            [count, *(self._fullest(count, vnodes) for vnodes in self.choices.vnodes)]
            for count in range(1, len(self.choices.nodes) + 1)
        ]
        columns = ["nodes", *(counted(vnodes, "point") for vnodes in self.choices.vnodes)]
        caption = "Keys of the fullest node, in times its share, by the number of nodes and of points of each"
        return table(rows, caption, columns)

    def _fullest(self, count: int, vnodes: int) -> float:
        weights = tuple(int(number < count) for number in range(len(self.choices.nodes)))
        loads = self.state(self.choices, (weights, vnodes)).loads.values()
        return round(max(loads) * count / sum(loads), 2)

    def text(self) -> str:
        """Title, caption and numbers."""
        return f"{self.title}\n{self.caption}\n\n{self.numbers.text()}"

    def svg(self) -> str:
        """The still picture of the first state."""
        points = self.state(self.choices, self.start).points
        return ring_picture({name: points.get(name, ()) for name in self.choices.nodes})

    def alt(self) -> str:
        """The first state in words."""
        state = self.state(self.choices, self.start)
        parts = [f"{name} with {counted(len(places), 'point')}" for name, places in state.points.items()]
        keys = [f"{state.loads[name]:,} keys" for name in state.points]
        nodes = ", ".join(f"{part} and {load}" for part, load in zip(parts, keys, strict=True))
        return f"{self.title}. A circle cut into arcs, each of which belongs to a node: {nodes}."

    def html(self) -> str:
        """The static form: picture, caption, numbers, and the document that ring.js reads."""
        return (
            f'<figure class="lesson-ring" data-lesson-ring="1" id="ring-{escape(self.id)}">\n'
            f"{image(self.svg().encode(), 'image/svg+xml', self.alt())}\n"
            f"<figcaption>{escape(self.caption)}</figcaption>\n"
            f"{folded('The same in numbers', self.numbers.html())}\n{script_data(self.document)}\n</figure>"
        )

    def live(self) -> Any:
        """The widget, which asks this kernel for states; made once. Needs anywidget."""
        if self._widget is None:
            choices = self.live_choices
            weights = self.start[0] + (0,) * (len(choices.nodes) - len(self.start[0]))
            start = (weights, self.start[1])
            loads = {_name(start): _in_order(choices, self.state(choices, start).loads)}
            points = [_places(self.state(choices, start).points.get(name, ())) for name in choices.nodes]
            document = {**self._head(choices, start), "points": points, "loads": loads}
            self._widget = widget_class()(document=document)
            self._widget.observe(self._answer, "wish")
        return self._widget

    def _answer(self, event: Mapping[str, Any]) -> None:
        """Compute the state that the reader wants, if it is one of the live choices."""
        self._widget.state = self.answer(event["new"])

    def answer(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The state that ring.js asks for, with the number of its question.

        Raises ValueError for what is not among the live choices.
        """
        choices = self.live_choices
        weights, vnodes = tuple(wish["weights"]), wish["vnodes"]
        known = len(weights) == len(choices.nodes) and {*weights} <= {0, *choices.weights} and vnodes in choices.vnodes
        if not known or not any(weights):
            raise ValueError(f"wish is {wish!r}: it is not one of the choices")
        state = self.state(choices, (weights, vnodes))
        points = [_places(state.points.get(name, ())) for name in choices.nodes]
        return {"number": wish["number"], "points": points, "loads": _in_order(choices, state.loads)}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        forms = {"text/plain": self.text(), "text/html": self.html()}
        return {**forms, **widget.view(self.live())} if widget.can_run() else forms


def _name(wish: Wish) -> str:
    weights, vnodes = wish
    return f"{','.join(map(str, weights))}/{vnodes}"


def _places(parts: Sequence[float]) -> list[int]:
    return [int(part * STEPS) % STEPS for part in parts]


def _in_order(choices: Choices, loads: Mapping[str, int]) -> list[int]:
    return [loads.get(name, 0) for name in choices.nodes]


@cache
def widget_class() -> Any:
    """The widget's class: made when first needed, so that anywidget is no dependency of this package."""
    import anywidget
    import traitlets

    class LessonRing(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Shows a ring document, and passes the reader's wishes to the kernel."""

        _esm = widget.static("ring.js") + MODULE
        _css = widget.static("player.css") + widget.static("ring.css")
        document = traitlets.Dict().tag(sync=True)
        wish = traitlets.Dict().tag(sync=True)
        state = traitlets.Dict().tag(sync=True)

        def __repr__(self) -> str:
            return f"LessonRing({self.document.get('title')!r})"

    return LessonRing
