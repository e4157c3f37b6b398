"""The house rules of a stored notebook that are about its code cells and outputs; shape.py has those of a chapter."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.notebooks.files import Cell, Notebook, is_compared, read, source_of, text_of
from tools.notebooks.normal import WIDGET_VIEW, normalise
from tools.notebooks.shape import problems_of_shape

MOST_LINES = 20
# Patterns are written so that this file does not match itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|private|mnt|work|workspace)/\w"
    r"|\b[A-Z]:\\{1,2}[A-Z]\w"
    r"|/site[-]packages/"
)
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
WALL_CLOCK = re.compile(
    r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d"  # a date with a time
    r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d"
    r"|\b(?:Wall time|CPU times):"  # %%time
    r"|\bper loop\b"  # %%timeit
    r"|\d(?:it/s|s/it)\b"  # a progress bar
)
FORBIDDEN_IN_OUTPUT = {
    "a path of this machine": MACHINE_PATH,
    "a memory address": ADDRESS,
    "a time of day or a duration of this machine": WALL_CLOCK,
}


def problems_in(path: Path) -> list[str]:
    """Return what a notebook does against the rules, in sentences; none when it is in order."""
    return problems_of(read(path))


def problems_of(notebook: Notebook) -> list[str]:
    """Return the problems of a notebook that has been read."""
    return [*_of_file(notebook), *_of_cells(notebook), *problems_of_shape(notebook)]


def _of_file(notebook: Notebook) -> Iterator[str]:
    if "widgets" in notebook["metadata"]:
        yield "stores the state of widgets; the site shows the static form of a player instead"
    elif notebook != normalise(notebook):
        yield "is not in the normal form: make notebooks"


def _of_cells(notebook: Notebook) -> Iterator[str]:
    expected = 0
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        expected += 1
        for problem in (*_of_source(cell), *_of_run(cell, expected), *_of_outputs(cell)):
            yield f"cell {number}: {problem}"


def _of_source(cell: Cell) -> Iterator[str]:
    source = source_of(cell)
    lines = source.count("\n") + 1
    if not source.strip():
        yield "is empty"
    if lines > MOST_LINES:
        yield f"has {lines} lines; {MOST_LINES} is the most"
    if MACHINE_PATH.search(source):
        yield "names a path of this machine"


def _of_run(cell: Cell, expected: int) -> Iterator[str]:
    count = cell.get("execution_count")
    if count is None:
        yield "was never run"
    elif count != expected:
        yield f"ran as number {count} and stands as number {expected}: run all cells in order"


def _of_outputs(cell: Cell) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            yield f"ended in {output.get('ename', 'an error')}"
        if output.get("name") == "stderr":
            yield "wrote to stderr"
        if WIDGET_VIEW in output.get("data", {}):
            yield "stores a live widget, which a page without a kernel cannot show"
        if "image/png" in output.get("data", {}) and not _alt(cell):
            yield "has a picture without alt text: metadata mystnb.image.alt"
        yield from _of_text(cell, _text_of_output(output))


def _of_text(cell: Cell, text: str) -> Iterator[str]:
    for image in re.findall(r"<img\b[^>]*>", text):
        if not re.search(r"""\balt\s*=\s*["'][^"']""", image):
            yield f"has a picture without alt text: {image[:60]}"
    for what, pattern in FORBIDDEN_IN_OUTPUT.items():
        found = pattern.search(text)
        if found and (is_compared(cell) or pattern is MACHINE_PATH):
            yield f"has {what} in its output: {found.group()!r}"


def _alt(cell: Cell) -> str:
    alt: str = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
    return alt


def _text_of_output(output: Cell) -> str:
    """Return all text of an output; of a data URL only its head, since base64 may look like anything."""
    data = [text_of(value) for mime, value in output.get("data", {}).items() if mime.startswith("text/")]
    text = "\n".join([text_of(output.get("text", "")), *data])
    return re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", text)
