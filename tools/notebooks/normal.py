"""The normal form of a stored notebook: nothing in it depends on who ran it, when, and where."""

import hashlib
import re
from typing import Any

from tools.notebooks.files import Cell, Notebook, source_of, text_of

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_OF_CELL = ("lesson", "mystnb", "tags")  # The rest is the state of somebody's editor.
ASKS = re.compile(r"\b(?:Quiz|Prediction)\(")  # The source has the answer.


def normalise(notebook: Notebook) -> Notebook:
    """Return the notebook in its normal form; a second time changes nothing."""
    cells = [_cell(cell) for cell in notebook["cells"]]
    _number(cells)
    _identify(cells)
    lesson = {key: value for key, value in notebook["metadata"].items() if key == "lesson"}
    return {"cells": cells, "metadata": METADATA | lesson, "nbformat": 4, "nbformat_minor": 5}


def _cell(cell: Cell) -> Cell:
    kept: Cell = {
        "cell_type": cell["cell_type"],
        "metadata": _metadata(cell),
        "source": _lines(source_of(cell).rstrip()),
    }
    if "id" in cell:
        kept["id"] = cell["id"]
    if cell.get("attachments"):
        kept["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        kept["execution_count"] = cell.get("execution_count")
        kept["outputs"] = _merged([_output(output) for output in cell.get("outputs", [])])
    return kept


def _metadata(cell: Cell) -> dict[str, Any]:
    """What the book needs to know of a cell; the source of one that asks is folded, in the page and in JupyterLab."""
    kept = {key: cell["metadata"][key] for key in KEPT_OF_CELL if cell["metadata"].get(key)}
    if cell["cell_type"] == "code" and ASKS.search(source_of(cell)):
        kept["tags"] = sorted({*kept.get("tags", ()), "hide-input"})
        kept["jupyter"] = {"source_hidden": True}
    return kept


def _output(output: dict[str, Any]) -> dict[str, Any]:
    kept = {key: output[key] for key in output if key not in {"execution_count", "transient"}}
    if "text" in kept:
        kept["text"] = text_of(kept["text"])
    if "data" in kept:
        kept["data"] = _bundle(kept["data"])
    return kept


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """Store text as lines; drop the live form of a widget that has a static form beside it."""
    static = "text/html" in data
    return {
        mime: _lines(text_of(value)) if mime.startswith(("text/", "image/svg")) else value
        for mime, value in data.items()
        if not (static and mime == WIDGET_VIEW)
    }


def _merged(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring pieces of one stream: where the kernel cuts them is chance."""
    merged: list[dict[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output["output_type"] == "stream" == last.get("output_type") and output["name"] == last["name"]:
            last["text"] += output["text"]
        else:
            merged.append(output)
    return [output | {"text": _lines(output["text"])} if "text" in output else output for output in merged]


def _number(cells: list[Cell]) -> None:
    """Number the cells that ran 1, 2, 3 ..., also in their results."""
    ran = [cell for cell in cells if cell.get("execution_count") is not None]
    for count, cell in enumerate(ran, start=1):
        cell["execution_count"] = count
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = count


def _identify(cells: list[Cell]) -> None:
    """Keep each id that is there and unique; make the others from the source, so that they are the same each time."""
    seen: set[str] = set()
    for cell in cells:
        name = cell.get("id", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) or name in seen:
            name = hashlib.sha256("".join(cell["source"]).encode()).hexdigest()[:12]
            while name in seen:
                name += "-"
        seen.add(name)
        cell["id"] = name


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
