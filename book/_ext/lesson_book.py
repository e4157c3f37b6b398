"""Sphinx directives of the book: `lesson-player`, `parts` and `curriculum`."""

import ast
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from zlib import crc32

from curriculum_data import CONTENTS, DATA, Part, read_curriculum
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class LessonPlayer(SphinxDirective):
    """Put the player that a function returns into the page: ``{lesson-player} package.module:function``.

    The function takes no argument and returns an object with ``html()``. It runs in every build, so the picture is
    always one of the present code. A target that cannot be had is a warning, and warnings fail the build.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Call the function; no node when there is none."""
        self.env.note_reread()
        target = self.arguments[0]
        try:
            html = find(target)().html()
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            logger.warning("lesson-player %s: %s", target, error, location=self.get_location())
            return []
        return [nodes.raw("", html, format="html")]


def find(target: str) -> Callable[[], Any]:
    """Return what ``package.module:name`` names.

    Raises ValueError when the target has no colon, ImportError or AttributeError when nothing is there.
    """
    module, colon, name = target.partition(":")
    if not colon:
        raise ValueError(f"target {target!r} must read package.module:function")
    function: Callable[[], Any] = getattr(import_module(module), name)
    return function


class _FromCurriculum(SphinxDirective):
    """A directive that becomes the Markdown that `markdown` writes."""

    def run(self) -> list[nodes.Node]:
        """Parse the Markdown in place; note the files it was made from."""
        for source in (DATA, CONTENTS):
            self.env.note_dependency(str(source))
        self.env.note_reread()
        lines = list(self.markdown(read_curriculum()))
        box = nodes.Element()
        self.state.nested_parse(StringList(lines, source=str(DATA)), 0, box, match_titles=True)
        return box.children

    def markdown(self, parts: tuple[Part, ...]) -> Iterator[str]:
        """Write the lines."""
        raise NotImplementedError


class Parts(_FromCurriculum):
    """One card a part, with its chapters; a card leads to the part's introduction when there is one."""

    def markdown(self, parts: tuple[Part, ...]) -> Iterator[str]:
        """Write a grid of cards."""
        yield from (":::::{grid} 1 2 2 2", ":gutter: 3", ":class-container: parts", "")
        for part in parts:
            yield from _card(part)
        yield ":::::"


def _card(part: Part) -> Iterator[str]:
    yield f"::::{{grid-item-card}} {{octicon}}`{part.icon};1.1em` {part.name}"
    yield f":link: /{part.page}" if part.page else ":class-card: later"
    if part.page:
        yield ":link-type: doc"
    names = "\N{NO-BREAK SPACE}· ".join(chapter.name for chapter in part.chapters)
    yield from ("", part.line, "", ":::{card-footer}", names, ":::", "::::")


class Curriculum(_FromCurriculum):
    """Every chapter of every part, or of the one part named: title, claim, what is built, whether it is there."""

    optional_arguments = 1

    def markdown(self, parts: tuple[Part, ...]) -> Iterator[str]:
        """Write a table for each part, under a heading when there are several."""
        for part in parts:
            if not self.arguments:
                yield from (f"## {part.name}", "", part.line, "")
                yield from _table(part)
            elif self.arguments[0] == part.slug:
                yield from _table(part)


def _table(part: Part) -> Iterator[str]:
    yield from (":::{list-table}", ":header-rows: 1", ":widths: 22 64 14", ":class: curriculum", "")
    yield from ("* - Chapter", "  - What it shows", "  - Status")
    for chapter in part.chapters:
        title = f"[{chapter.name}](/{chapter.page}.ipynb)" if chapter.ready else chapter.name
        yield f"* - **{title}**"
        yield from (f"  - *{chapter.claim}.*", "", f"    {chapter.line}")
        yield f"  - {'ready' if chapter.ready else 'planned'}"
    yield from (":::", "")


def mark_code(app: Sphinx, what: str, name: str, obj: Any, options: object, lines: list[str]) -> None:
    """Make the indented blocks of a module's docstring code, though the source does not mark them with ``::``."""
    if what != "module":
        return
    lines.clear()
    # As it stands in the file: autodoc's lines, and __doc__ from Python 3.13 on, have lost their indentation.
    written = ast.get_docstring(ast.parse(inspect.getsource(obj)), clean=False) or ""
    for line in written.splitlines():
        last = next(filter(None, reversed(lines)), "")
        if line.startswith("    ") and lines[-1] == "" and not last.startswith("    ") and last[-2:] != "::":
            lines += ["::", ""]
        lines.append(line)
    lines.append("")


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directives and the hook."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", mark_code)
    app.add_directive("lesson-player", LessonPlayer)
    app.add_directive("parts", Parts)
    app.add_directive("curriculum", Curriculum)
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    # When this code changes, Sphinx must read every page again.
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": crc32(sources)}
