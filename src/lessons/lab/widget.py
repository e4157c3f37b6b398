"""The lab in JupyterLab: an anywidget whose kernel answers, and its parameters as ipywidgets to compose with others."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lessons.lab.desk import answer
from lessons.lab.fields import Choice, Field, Number, Span, Switch, Whole
from lessons.viz.widget import static

if TYPE_CHECKING:
    from lessons.lab.lab import Declared

MODULE = "\nexport default { render: globalThis.LessonLab.render };\n"


def own(name: str) -> str:
    """The text of a file of the lab's front end."""
    return files("lessons.lab").joinpath("static", name).read_text(encoding="utf-8")


def make(lab: Declared) -> Any:
    """A widget of a lab. Needs anywidget."""
    start = lab.start.to_json()
    return widget_class()(lab=lab.name, document=lab.first_document(), state=start, settings=settings(lab, start))


def settings(lab: Declared, state: dict[str, Any]) -> dict[str, Any]:
    """The seed and all parameters of a state."""
    return {"seed": state["seed"], **lab.defaults, **state["parameters"]}


@cache
def widget_class() -> Any:
    """The widget's class: made when first needed, so that anywidget is no dependency of this package."""
    import anywidget
    import traitlets

    class LessonLab(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Shows a lab; the kernel answers each request of the front end by a message.

        ``state`` is that of the run on show; ``settings`` are its seed and parameters, which can be set.
        """

        _esm = static("player.js") + own("lab.js") + MODULE
        _css = static("player.css") + static("results.css") + own("lab.css")
        lab = traitlets.Unicode().tag(sync=True)
        document = traitlets.Dict().tag(sync=True)
        state = traitlets.Dict().tag(sync=True)
        settings = traitlets.Dict().tag(sync=True)

        def __init__(self, **values: Any) -> None:
            super().__init__(**values)
            self.on_msg(self._hear)

        def _hear(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
            number, reply = content.get("id"), {"refused": "The kernel was interrupted, or has failed: see its output."}
            try:
                reply = answer(content.get("request", {}), lambda part: self.send({"id": number, "done": part}))
            finally:  # else the front end would wait for ever
                self.send({"id": number, "reply": reply})

        def __repr__(self) -> str:
            return f"LessonLab({self.lab!r})"

    return LessonLab


def controls(lab: Declared) -> dict[str, Any]:
    """An ipywidget for the seed and for each parameter: to change one runs the lab so, wherever it is on show.

    Needs ipywidgets and anywidget.
    """
    import ipywidgets

    live = lab.live()
    made = {"seed": ipywidgets.Text(value=str(lab.start.seed), description="seed", continuous_update=False)}
    made |= {name: control(name, each, lab.defaults[name]) for name, each in lab.parameters.items()}
    for name, each in made.items():
        each.observe(lambda change, name=name: _set(live, name, change["new"]), "value")
    live.observe(lambda change: _follow(made, change["new"]), "settings")
    return made


def control(name: str, field: Field, value: Any) -> Any:
    """The ipywidget for one parameter."""
    import ipywidgets

    about = {"description": name.replace("_", " "), "tooltip": field.help}
    match field:
        case Span(low=low, high=high, step=step):
            return ipywidgets.FloatRangeSlider(value=value, min=low, max=high, step=step or 0.1, **about, **_LATE)
        case Whole(low=low, high=high):
            return ipywidgets.BoundedIntText(value=value, min=int(low), max=int(high), **about)
        case Number(low=low, high=high, step=step):
            return ipywidgets.BoundedFloatText(value=value, min=low, max=high, step=step, **about)
        case Switch():
            return ipywidgets.Checkbox(value=value, **about)
        case Choice(options=options):
            return ipywidgets.Dropdown(value=value, options=list(options), **about)
    return ipywidgets.Text(value=value, **about, **_LATE)


_LATE = {"continuous_update": False}  # a run for the value at the end, not for each on the way


def _set(live: Any, name: str, value: Any) -> None:
    """Have the lab run with another value."""
    if name == "seed" and value.removeprefix("-").isdecimal():
        value = int(value)
    value = list(value) if isinstance(value, tuple) else value
    live.settings = {**live.settings, name: value}


def _follow(made: dict[str, Any], settings: dict[str, Any]) -> None:
    """Show what the reader has set in the lab itself."""
    for name, each in made.items():
        value = str(settings[name]) if name == "seed" else settings[name]
        if isinstance(each.value, tuple):
            value = tuple(value)
        if each.value != value:
            each.value = value
