"""The lab in JupyterLab: an anywidget whose kernel answers, and its parameters as ipywidgets to compose with others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lessons.lab.desk import answer
from lessons.viz.widget import static

if TYPE_CHECKING:
    from lessons.lab.lab import Declared

MODULE = "\nexport default { render: globalThis.LessonLab.render };\n"


def own(name: str) -> str:
    """The text of a file of the lab's front end."""
    return files("lessons.lab").joinpath("static", name).read_text(encoding="utf-8")


def make(lab: Declared) -> Any:
    """A widget of a lab. Needs anywidget."""
    return widget_class()(lab=lab.name, document=lab.first_document())


@cache
def widget_class() -> Any:
    """The widget's class: made when first needed, so that anywidget is no dependency of this package."""
    import anywidget
    import traitlets

    class LessonLab(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Shows a lab; the kernel answers each request of the front end by a message."""

        _esm = static("player.js") + own("lab.js") + MODULE
        _css = static("player.css") + static("results.css") + own("lab.css")
        lab = traitlets.Unicode().tag(sync=True)
        document = traitlets.Dict().tag(sync=True)

        def __init__(self, **values: Any) -> None:
            super().__init__(**values)
            self.on_msg(self._hear)

        def _hear(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
            number = content.get("id")
            tell: Callable[[float], None] = lambda part: self.send({"id": number, "done": part})  # noqa: E731
            self.send({"id": number, "reply": answer(content.get("request", {}), tell)})

        def __repr__(self) -> str:
            return f"LessonLab({self.lab!r})"

    return LessonLab
