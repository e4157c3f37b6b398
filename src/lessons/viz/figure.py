"""A matplotlib figure in a page: a PNG with words for those who can't see it."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

from lessons.viz.markup import escape, image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 144


class Picture:
    """A PNG with its alt text and its caption."""

    def __init__(self, png: bytes, alt: str, caption: str) -> None:
        self.png, self.alt, self.caption = png, alt, caption

    def __repr__(self) -> str:
        return f"Picture({self.alt!r})"

    def html(self) -> str:
        """The picture, and the caption if there is one."""
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="lesson-figure">{image(self.png, "image/png", self.alt)}{caption}</figure>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        words = f"Figure: {self.alt}" + (f"\n{self.caption}" if self.caption else "")
        return {"text/plain": words, "text/html": self.html()}


def figure(fig: Figure, alt: str, caption: str = "") -> Picture:
    """Show ``fig`` as a PNG; ``alt`` says in words what it shows. The figure is closed.

    Raises ValueError when ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError(f"alt is {alt!r}: say in words what the figure shows")
    buffer = BytesIO()
    fig.savefig(buffer, format="png", dpi=DOTS_PER_INCH, bbox_inches="tight", metadata={"Software": None})
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(fig)  # else a notebook shows it once more at the end of the cell
    return Picture(buffer.getvalue(), alt, caption)
