"""Tells each page where the Python for the reader's browser is: what tools.site has put into LESSON_PYTHON.

Without it, as when the site is built with LIVE=0, pages say nothing, and python.js says why it can't start.
"""

import os
from html import escape

from sphinx.application import Sphinx

META = '<meta name="lesson-python" content="{}">'


def tell(app: Sphinx, page: str, template: str, context: dict[str, str], doctree: object) -> None:
    """Add the description to the head of a page."""
    if python := os.environ.get("LESSON_PYTHON"):
        context["metatags"] = context.get("metatags", "") + META.format(escape(python))


def setup(app: Sphinx) -> dict[str, object]:
    """Called by Sphinx."""
    app.connect("html-page-context", tell)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
