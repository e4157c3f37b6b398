"""What changes in a player's document from one run to the next: a run that was only forked keeps its beginning."""

from __future__ import annotations

from typing import Any

from lessons.viz.logs import shared


def change(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """``now`` without the events and transcript lines that it begins with as ``before`` does, and how many those are.

    A document of several runs, or of another form, is taken whole.
    """
    if len(before.get("runs", ())) != 1 or len(now.get("runs", ())) != 1:
        return {"keep": 0, "document": now}
    old, run = before["runs"][0], now["runs"][0]
    keep = min(shared(old["events"], run["events"]), shared(old["lines"], run["lines"]))
    tail = {**run, "events": run["events"][keep:], "lines": run["lines"][keep:]}
    return {"keep": keep, "document": {**now, "runs": [tail]}}
