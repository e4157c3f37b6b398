"""Requests: what the page asks its Python for, as JSON, one at a time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from lessons.node.errors import LessonsError
from lessons.page.cells import Cells
from lessons.page.outputs import Output

Tell = Callable[[dict[str, Any]], None]


class BadRequest(LessonsError, ValueError):
    """A request that says nothing that can be done; the text says which part of it."""


class Stopped(LessonsError):
    """The reader does not want the answer any more."""


class Desk:
    """Answers requests; keeps what the cells of the page have defined."""

    def __init__(self) -> None:
        self.cells = Cells()

    async def answer(self, request: Any, tell: Tell) -> dict[str, Any]:
        """Answer ``{"kind": "run", "payload": {"cell": 3, "source": "1 + 1"}}``, or one of kind "lab".

        ``tell`` hears news before the answer is there. Raises BadRequest for any other request, and what a lab raises.
        """
        kind, payload = (request.get("kind"), request.get("payload")) if isinstance(request, dict) else (None, None)
        if not isinstance(payload, dict):
            raise BadRequest(f"payload is {payload!r}: it must be an object")
        if kind == "run":
            return {"outputs": await self._run(payload.get("source"), payload.get("cell"), tell)}
        if kind == "lab":
            from lessons import lab  # only a page with a lab needs it

            return lab.answer(payload, lambda part: tell({"done": part}))
        raise BadRequest(f"kind is {kind!r}: it must be 'run' or 'lab'")

    async def _run(self, source: object, cell: object, tell: Tell) -> list[Output]:
        if not isinstance(source, str):
            raise BadRequest(f"source is {source!r}: it must be the text of a cell")
        if not isinstance(cell, int):
            raise BadRequest(f"cell is {cell!r}: it must be the number of a cell on its page")
        return await self.cells.run(source, cell, tell)


Answerer = Callable[[str, Callable[[str], bool]], Awaitable[str]]


def answerer() -> Answerer:
    """Return a function for one page: it takes a request as JSON and returns the answer, or the problem, as JSON.

    Its second argument hears news as JSON before the answer is there, and says whether the reader wants to stop.
    """
    desk = Desk()

    async def answer(request: str, news: Callable[[str], bool]) -> str:
        def tell(what: dict[str, Any]) -> None:
            if news(json.dumps(what)):
                raise Stopped("stopped by the reader")

        try:
            said = {"answer": await desk.answer(json.loads(request), tell)}
        except (Exception, KeyboardInterrupt) as error:  # an interrupt may come just before the cell
            name = type(error).__name__
            said = {"problem": {"name": name, "text": str(error) or name}}
        return json.dumps(said)

    return answer
