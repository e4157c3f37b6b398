"""What JupyterLab shows live, with its style: the player, and pages; both as an anywidget."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

MODULE = "\nexport default { render: globalThis.LessonPlayer.render };\n"
PAGE = """
export default {
  render({ model, el }) {
    const page = document.createElement("div");
    page.className = "lesson-live";
    page.innerHTML = model.get("html");
    for (const code of page.querySelectorAll("pre")) code.tabIndex = 0; // wide code scrolls by keyboard too
    el.append(page);
  },
};
"""


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


@cache
def page_class() -> Any:
    """The class of pages: HTML with the style that the book gives it (results.css)."""
    import anywidget
    import traitlets

    class LessonPage(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
        """Shows HTML that this package has made; what came from outside is escaped in it."""

        _esm = PAGE
        _css = static("results.css")
        html = traitlets.Unicode().tag(sync=True)

        def __repr__(self) -> str:
            return f"LessonPage({len(self.html)} characters)"

    return LessonPage


def page(html: str, *below: Any) -> dict[str, Any]:
    """The widget's part of a mime bundle for ``html``, with other widgets below it. Needs ipywidgets."""
    shown = page_class()(html=html)
    if below:
        import ipywidgets

        shown = ipywidgets.VBox([shown, *below])
    return view(shown)
