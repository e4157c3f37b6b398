"""Running all cells of a chapter with lessons.page, and where the outputs differ from those that are stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lessons.page import Cells

NOT_COMPARED = "nbval-ignore-output"


async def differences(notebook: Path) -> list[str]:
    """Run every cell; return one sentence for each output that is not the stored one.

    A cell that needs what a page's Python lacks is left out, with what follows from it, and so is one whose output is
    never compared.
    """
    cells, lacked = Cells(), False
    code = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    found = []
    for number, cell in enumerate(code, start=1):
        outputs = await cells.run("".join(cell["source"]), number)
        lacks = any(output.get("lacks") for output in outputs)
        follows = lacked and any(output.get("ename") == "NameError" for output in outputs)
        lacked |= lacks
        if not (lacks or follows) and NOT_COMPARED not in cell["metadata"].get("tags", ()):
            found += [f"{notebook.stem}, cell {number}: {words}" for words in compared(outputs, cell["outputs"])]
    return found


def compared(new: list[dict[str, Any]], stored: list[dict[str, Any]]) -> Iterator[str]:
    """Say how outputs differ from stored ones: in their kinds first, then in each text."""
    kinds = [output["output_type"] for output in new]
    if kinds != [output["output_type"] for output in stored]:
        yield f"gives {kinds}: {new[-1:]!s:.300}"
        return
    for ours, theirs in zip(new, stored, strict=True):
        mine = texts(ours)
        wrong = [kind for kind, text in texts(theirs).items() if mine.get(kind) != text]
        yield from (differing(kind, mine.get(kind, ""), texts(theirs)[kind]) for kind in wrong)


def texts(output: dict[str, Any]) -> dict[str, str]:
    """Return what an output shows, by media type."""
    if output["output_type"] == "stream":
        return {"stream": "".join(output["text"])}
    return {kind: "".join(text) for kind, text in output["data"].items()}


def differing(kind: str, ours: str, theirs: str) -> str:
    """Show where two texts begin to differ."""
    at = next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), 0)
    return f"{kind} has {ours[max(0, at - 20) : at + 60]!r}, stored is {theirs[max(0, at - 20) : at + 60]!r}"
