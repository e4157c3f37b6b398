"""Recorded measurements: tables of the benchmarks, which need a quiet machine and more time than a page has."""

from __future__ import annotations

import json
from pathlib import Path

import lessons
from lessons.node.errors import LessonsError
from lessons.viz import Table, table


class NotRecorded(LessonsError, LookupError):
    """There is no recorded result of this name."""


def recorded(name: str) -> Table:
    """The table that the benchmark ``name`` has recorded, with its workload and the version of Python as caption.

    Raises NotRecorded, which says how to measure it.
    """
    folder = Path(lessons.__file__).parents[2] / "benchmarks" / "results"
    path = folder / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.json"))) or "none"
        raise NotRecorded(f"name is {name!r}: recorded are {known}; python -m benchmarks NAME measures and records")
    result = json.loads(path.read_text())
    caption = f"{result['title'][:1].upper()}{result['title'][1:]} (Python {result['python']}): {result['workload']}"
    return table(result["rows"], caption)
