"""Where notebooks lie, and how they are read and written: plain JSON, two runs give the same bytes."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"

Notebook = dict[str, Any]
Cell = dict[str, Any]


def all_notebooks(folder: Path = NOTEBOOKS) -> list[Path]:
    """Return every notebook below `folder`, sorted."""
    return sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def read(path: Path) -> Notebook:
    """Read a notebook as it stands in the file."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf8"))
    return notebook


def write(path: Path, notebook: Notebook) -> bool:
    """Write a notebook if that changes the file; return whether it did."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if path.is_file() and path.read_text(encoding="utf8") == text:
        return False
    path.write_text(text, encoding="utf8")
    return True


def text_of(value: str | list[str]) -> str:
    """Return a text that the format may store as one string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def source_of(cell: Cell) -> str:
    """Return the source of a cell."""
    return text_of(cell["source"])


def tags_of(cell: Cell) -> list[str]:
    """Return the tags of a cell."""
    tags: list[str] = cell.get("metadata", {}).get("tags", [])
    return tags


def is_compared(cell: Cell) -> bool:
    """Say whether nbval compares the outputs of a cell with a new run."""
    return not {"nbval-ignore-output", "nbval-skip"} & set(tags_of(cell))
