"""Diagram: the still picture of one run, with its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lessons.viz.look import Look
from lessons.viz.markup import escape, image
from lessons.viz.picture import picture
from lessons.viz.scene import Mark
from lessons.viz.words import alt_text, counted

if TYPE_CHECKING:
    from lessons.trace import Trace


class Diagram:
    """A space-time diagram of ``trace``; ``caption`` stands under it. In a terminal it is the transcript.

    ``look`` and ``marks`` are those of a scene. A run of more than 60 events is shown in part, as
    ``lessons.viz.picture`` says.
    """

    def __init__(
        self, trace: Trace, *, caption: str = "", look: Look | None = None, marks: Sequence[Mark] = ()
    ) -> None:
        self.trace, self.caption = trace, caption
        self._svg = picture(trace, look, marks)

    def __repr__(self) -> str:
        return f"Diagram({counted(len(self.trace.events), 'event')})"

    def svg(self) -> str:
        """The picture itself."""
        return self._svg

    def html(self) -> str:
        """The picture with its alt text, and the caption if there is one."""
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        shown = image(self._svg.encode(), "image/svg+xml", alt_text(self.trace))
        return f'<figure class="lesson-diagram">{shown}{caption}</figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        words = [self.caption] if self.caption else []
        return {"text/plain": "\n".join([*words, self.trace.transcript()]), "text/html": self.html()}
