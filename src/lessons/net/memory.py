"""Memory of a process that runs a node: logs are many small objects that live long, and refer to nothing in circles."""

from __future__ import annotations

import gc


def look_seldom() -> None:
    """Let the garbage collector look for circles less often: it would look through the whole log again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
