"""Python for the reader's browser: the folder live/ of the site, from packages of npm and PyPI and the book's code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tools.live import core
from tools.live.packages import NotFetched


def build(folder: Path) -> dict[str, Any]:
    """Make ``live/`` in ``folder``; return what a page must know of it.

    Ends the program with words when a package can't be had.
    """
    try:
        return core.build(folder / "live")
    except NotFetched as error:
        sys.exit(f"{error}\nThe site was not built.")
