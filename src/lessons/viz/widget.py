"""The live player in JupyterLab: the same player.js, as an anywidget."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

MODULE = "\nexport default { render: globalThis.LessonPlayer.render };\n"


def static(name: str) -> str:
    """The text of a file that the player is made of."""
    return files("lessons.viz").joinpath("static", name).read_text(encoding="utf-8")


def can_run() -> bool:
    """Whether a notebook kernel runs this code and anywidget is installed."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None and find_spec("anywidget") is not None


def make(document: dict[str, Any]) -> Any:
    """A widget that plays ``document``. Needs anywidget."""
    return widget_class()(document=document)


@cache
def widget_class() -> Any:
    """The widget's class: made when first needed, so that anywidget is no dependency of this package."""
    import anywidget
    import traitlets

    class LessonPlayer(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Shows a player document."""

        _esm = static("player.js") + MODULE
        _css = static("player.css")
        document = traitlets.Dict().tag(sync=True)

        def __repr__(self) -> str:
            return f"LessonPlayer({self.document.get('title')!r})"

    return LessonPlayer


def view(widget: Any) -> dict[str, Any]:
    """The widget's part of a mime bundle."""
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {kind: content for kind, content in (data or {}).items() if "widget" in kind}


def below(html: str, player: Any) -> Any:
    """A widget that shows ``html`` and, below it, the live player. Needs ipywidgets."""
    import ipywidgets

    return ipywidgets.VBox([ipywidgets.HTML(html), player])
