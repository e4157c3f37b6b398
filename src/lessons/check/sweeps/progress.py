"""Progress: a bar with rate, failures so far and time left, where somebody is there to see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec

#: Told how many runs more are done, and something about them in words.
Show = Callable[[int, str], None]


@contextmanager
def bar(total: int, wanted: bool | None, unit: str = "seeds") -> Iterator[Show]:
    """Something to call as work goes on; it draws a bar, or nothing.

    ``wanted`` None draws where standard error is a terminal and no automatic build runs (``CI``), so that nothing is
    stored in a notebook; True asks for it everywhere, and raises ModuleNotFoundError where tqdm is not installed.
    """
    if not (is_watched() if wanted is None else wanted):
        yield lambda more, words: None
        return
    with import_module("tqdm.auto").tqdm(total=total, unit=f" {unit}", dynamic_ncols=True) as drawn:

        def show(more: int, words: str) -> None:
            drawn.set_postfix_str(words, refresh=False)
            drawn.update(more)

        yield show


def is_watched() -> bool:
    """Whether a person sees standard error, and tqdm is here to draw on it."""
    return sys.stderr.isatty() and not os.environ.get("CI") and find_spec("tqdm") is not None
