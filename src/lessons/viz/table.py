"""Results that read as results: a table with a caption, a verdict in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lessons.viz.markup import escape
from lessons.viz.prose import code, phrase


class Table:
    """Rows under named columns, with a caption; the first column names its row, numbers stand to the right.

    See ``table``, which makes one.
    """

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str) -> None:
        self.columns, self.caption = list(columns), caption
        self.rows = [[_shown(value) for value in row] for row in rows]
        self._numeric = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(columns))]

    def __repr__(self) -> str:
        return f"Table({self.caption!r}, {len(self.rows)} rows)"

    def html(self) -> str:
        """A table with caption and header cells, which a screen reader reads out with each value."""
        head = "".join(
            f'<th scope="col"{self._css(place)}>{phrase(name)}</th>' for place, name in enumerate(self.columns)
        )
        body = "\n".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return (
            f'<table class="lesson-table"><caption>{phrase(self.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        )

    def _cells(self, row: Sequence[str]) -> str:
        first, *others = (code(cell) for cell in row)
        cells = (f"<td{self._css(place)}>{cell}</td>" for place, cell in enumerate(others, 1))
        return f'<th scope="row"{self._css(0)}>{first}</th>' + "".join(cells)

    def _css(self, place: int) -> str:
        return ' class="number"' if self._numeric[place] else ""

    def text(self) -> str:
        """Caption and aligned columns."""
        grid = [self.columns, *self.rows]
        widths = [max(len(row[place]) for row in grid) for place in range(len(self.columns))]
        lines = [self._line(row, widths) for row in grid]
        return "\n".join([self.caption, lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        aligned = (
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(row, widths, self._numeric, strict=True)
        )
        return "  ".join(aligned).rstrip()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def table(
    rows: Sequence[Mapping[str, object]] | Sequence[Sequence[object]],
    caption: str,
    columns: Sequence[str] | None = None,
) -> Table:
    """A table of ``rows``: mappings with the same keys, or sequences with ``columns`` given.

    Numbers are shown as ``1,234`` and ``0.123`` (4 digits); give text to show them otherwise. Raises
    ValueError when the caption is empty or a row does not fit the columns.
    """
    if not caption.strip():
        raise ValueError(f"caption is {caption!r}: say in words what the table shows")
    given: list[Mapping[str, object] | Sequence[object]] = list(rows)
    if columns is None:
        if not given or not isinstance(given[0], Mapping):
            raise ValueError("columns is None: name them, or give rows that are mappings")
        columns = list(given[0])
    return Table(columns, [_fitted(row, columns) for row in given], caption)


def _fitted(row: Mapping[str, object] | Sequence[object], columns: Sequence[str]) -> list[object]:
    names = list(row) if isinstance(row, Mapping) else list(columns)[: len(row)]
    if set(names) != set(columns) or len(row) != len(columns):
        raise ValueError(f"row {row!r} does not fit the columns: {', '.join(columns)}")
    return [row[name] for name in columns] if isinstance(row, Mapping) else list(row)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


class Verdict:
    """A sentence that a run has proved: shown as a result, not as printed text."""

    def __init__(self, sentence: str, holds: bool | None) -> None:
        self.sentence, self.holds = sentence, holds

    def __repr__(self) -> str:
        return self.sentence

    def html(self) -> str:
        """The sentence; a sign in front says whether it is good news, for eyes that see no colour too."""
        css, sign = {None: ("", ""), True: (" held", "✓ "), False: (" broken", "✗ ")}[self.holds]
        return f'<p class="lesson-verdict{css}">{sign}{escape(self.sentence)}</p>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.sentence, "text/html": self.html()}


def verdict(sentence: str, holds: bool | None = None) -> Verdict:
    """Show ``sentence`` as a result; ``holds`` says whether what we wanted is true, if that is the question."""
    if not sentence.strip():
        raise ValueError(f"sentence is {sentence!r}: say in words what came out")
    return Verdict(sentence, holds)
