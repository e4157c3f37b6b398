"""Waiting for a server that is busy with a failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lessons.real.process import PATIENCE, PAUSE

T = TypeVar("T")


def eventually(
    attempt: Callable[[], T], *, unless: tuple[type[Exception], ...] = (OSError,), patience: float = PATIENCE
) -> T:
    """What ``attempt`` returns, as soon as it neither raises one of ``unless`` nor returns None, False or nothing.

    Raises TimeoutError after ``patience`` seconds, from the last exception; a single attempt is not cut short.
    """
    end = time.monotonic() + patience
    last: Exception | None = None
    while time.monotonic() < end:
        try:
            if answer := attempt():
                return answer
        except unless as error:
            last = error
        time.sleep(PAUSE)
    raise TimeoutError(f"patience is {patience:g} s: it did not succeed in that time") from last
