"""The worker's side of Pyodide: requests come from JavaScript, and news go to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lessons.page.requests import answerer


def serve() -> Callable[[str, Callable[[str], Any]], Awaitable[str]]:
    """Return what the worker calls for each request. Needs Pyodide.

    ``news`` is a JavaScript function that returns a promise: whether the reader wants to stop. Where the engine can
    wait in the middle of Python (JavaScript Promise Integration), we wait for it; elsewhere nothing can be heard before
    the answer is there.
    """
    from pyodide.ffi import can_run_sync, run_sync

    answer = answerer()

    async def asked(request: str, news: Callable[[str], Any]) -> str:
        def heard(text: str) -> bool:
            wanted = news(text)
            return bool(run_sync(wanted)) if can_run_sync() else False

        return await answer(request, heard)

    return asked
