"""Figures of matplotlib that a cell has drawn and not shown: a notebook shows them when the cell ends."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any


class Figure:
    """A drawn figure, as a picture."""

    def __init__(self, drawn: Any) -> None:
        self._drawn = drawn

    def __repr__(self) -> str:
        width, height = (self._drawn.get_size_inches() * self._drawn.dpi).astype(int)
        return f"<Figure size {width}x{height} with {len(self._drawn.axes)} Axes>"

    def _repr_png_(self) -> bytes:
        data = BytesIO()
        self._drawn.savefig(data, format="png", bbox_inches="tight")
        return data.getvalue()


def figures() -> list[Figure]:
    """Return the open figures of matplotlib and close them; none where nothing has imported it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    drawn = [Figure(pyplot.figure(number)) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return drawn
