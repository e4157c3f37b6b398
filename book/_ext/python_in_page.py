"""Tells each page where the Python for the reader's browser is: what tools.site has put into LESSON_PYTHON.

Without it, as when the site is built with LIVE=0, pages say nothing, and python.js says why it can't start.
"""

import os
from html import escape

from sphinx.application import Sphinx

NOTEBOOKS = "notebooks/"
META = '<meta name="{}" content="{}">'


def tell(app: Sphinx, page: str, template: str, context: dict[str, str], doctree: object) -> None:
    """Add the description to the head of a page; to that of a chapter, its address as a notebook too."""
    python = os.environ.get("LESSON_PYTHON")
    if not python:
        return
    tags = [META.format("lesson-python", escape(python))]
    if page.startswith(NOTEBOOKS):
        notebook = f"lite/notebooks/index.html?path={page.removeprefix(NOTEBOOKS)}.ipynb"
        tags.append(META.format("lesson-notebook", escape(notebook)))
    context["metatags"] = context.get("metatags", "") + "".join(tags)


def setup(app: Sphinx) -> dict[str, object]:
    """Called by Sphinx."""
    app.connect("html-page-context", tell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
