"""Python for the reader's browser: the folders live/ and lite/ of the site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tools.live import core, lite
from tools.live.packages import NotFetched


def build(folder: Path) -> dict[str, Any]:
    """Make ``live/`` and ``lite/`` in ``folder``; return what a page must know of them.

    Ends the program with words when a package can't be had.
    """
    try:
        built = core.build(folder / "live")
    except NotFetched as error:
        sys.exit(f"{error}\nThe site was not built.")
    lite.build(folder / lite.FOLDER, built)
    return built.described()
