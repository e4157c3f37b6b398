"""Structured logs: one JSON object a line, so that a program can read them too."""

from __future__ import annotations

import json
import logging
from typing import Any, TextIO

log = logging.getLogger("lessons.net")
log.addHandler(logging.NullHandler())

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Writes a record as JSON: time, level, event, and what else was given as ``extra``."""

    def __init__(self, **always: Any) -> None:
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``."""
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        facts = {"time": round(record.created, 6), "level": record.levelname.lower(), "event": record.getMessage()}
        if record.exc_info:
            extra["traceback"] = self.formatException(record.exc_info)
        return json.dumps({**facts, **self._always, **extra}, default=str)


def log_to(stream: TextIO, level: int = logging.INFO, **always: Any) -> logging.Handler:
    """Write the logs of this package to ``stream``, each line with the facts ``always``; returns the handler."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(**always))
    log.addHandler(handler)
    log.setLevel(level)
    return handler
