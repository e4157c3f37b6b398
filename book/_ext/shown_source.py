"""Source pages for what the chapters show: viewcode makes them for documented modules only.

``show(Kernel.step)`` links to ``_modules/lessons/sim/kernel.html#Kernel.step``. This extension tells viewcode of each
such link, so that the page is there, has the anchor, and leads back to the chapter.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import PycodeError
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging

logger = logging.getLogger(__name__)
LINK = re.compile(r'href="(?:\.\./)*_modules/([\w/]+)\.html#([\w.]+)"')

BACK = re.compile(r'(<a class="viewcode-back" href="[^"#]*notebooks/[^"#]*)#[^"]*"')


def note_shown_source(app: Sphinx, doctree: nodes.document) -> None:
    """Register every piece of source that a document shows."""
    for raw in doctree.findall(nodes.raw):
        for path, name in LINK.findall(raw.astext()):
            _register(app, path.replace("/", "."), name)


def _register(app: Sphinx, module: str, name: str) -> None:
    modules: dict[str, Any] = app.env.__dict__.setdefault("_viewcode_modules", {})  # where viewcode keeps them
    if not modules.get(module):
        try:
            analyzer = ModuleAnalyzer.for_module(module)
            analyzer.find_tags()
        except PycodeError as error:
            logger.warning("%s shows %s of %s: %s", app.env.docname, name, module, error)
            return
        modules[module] = analyzer.code, analyzer.tags, {}, module
    _, tags, used, _ = modules[module]
    if name not in tags:
        logger.warning("%s shows %s, which is not in %s: make notebooks", app.env.docname, name, module)
    else:
        used.setdefault(name, app.env.docname)


def lead_back(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let the way back from shown source lead to the chapter, in which the names have no anchors."""
    if page.startswith("_modules/") and "body" in context:
        context["body"] = BACK.sub(r'\1"', context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("doctree-read", note_shown_source)
    app.connect("html-page-context", lead_back)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
