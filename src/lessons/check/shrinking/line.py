"""Lines: one line that has a case run again, for a shell where its world can be imported, else for Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Any

from lessons.check.shrinking.plain import NotPlain, address, expression, to_plain
from lessons.check.sweeps.case import Case

COMMAND = "python -m lessons.check replay"


def line_of(case: Case) -> str:
    """One line that reproduces the case: a command of the shell, or an expression of Python."""
    try:
        return " ".join([COMMAND, *arguments(case)])
    except NotPlain:
        return f"replay({', '.join(operands(case))})"


def arguments(case: Case) -> Iterator[str]:
    """What the command is given; raises NotPlain when a line can't tell it."""
    world = case.sweep
    parameters = case.parameters if world.name else {**world.parameters, **case.parameters}
    yield quote(world.name or address(world.build))
    yield quote(as_json(case.seed))
    if case.end is not None and (case.until is not None or not world.name):
        yield f"--until {case.end!r}"
    if parameters:
        yield f"--parameters {quote(as_json({name: to_plain(value) for name, value in parameters.items()}))}"
    if case.actions is not None:
        yield f"--actions {quote(as_json([action.to_json() for action in case.actions]))}"
    if not world.name:
        yield from (f"--complaint {quote(address(rule))}" for rule in world.rules)


def operands(case: Case) -> Iterator[str]:
    """What ``replay`` is given in Python."""
    world = case.sweep
    parameters: Mapping[str, Any] = {**world.parameters, **case.parameters}
    yield expression(world.build)
    yield repr(case.seed)
    if case.end is not None:
        yield f"until={case.end!r}"
    if world.rules:
        yield f"complaints={expression(world.rules)}"
    if parameters:
        yield f"parameters={{{', '.join(f'{name!r}: {expression(value)}' for name, value in parameters.items())}}}"
    if case.actions is not None:
        yield f"actions={[action.to_json() for action in case.actions]!r}"


def as_json(data: Any) -> str:
    """JSON without spaces."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
