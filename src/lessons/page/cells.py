"""Cells: runs the code of a page's cells, one after the other, in one namespace."""

from __future__ import annotations

import ast
import builtins
import inspect
import io
import linecache
import sys
import tokenize
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any

from lessons.page.figures import figures
from lessons.page.outputs import Output, Outputs, Printed
from lessons.page.problems import is_missing_server, problem_of

Tell = Callable[[dict[str, Any]], None]


class Cells:
    """The state of a page: what its cells have defined, as the module ``__main__``.

    Making one replaces ``sys.modules["__main__"]``: what a cell defines belongs there, as it does in a notebook.
    """

    def __init__(self) -> None:
        self.main = ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self._runs: Counter[int] = Counter()
        sys.modules["__main__"] = self.main

    async def run(self, source: str, number: int, tell: Tell = lambda news: None) -> list[Output]:
        """Run the cell ``number`` of the page and return its outputs in the form of nbformat.

        ``tell`` hears what is printed while the cell runs. What the cell raises is its last output, whatever it is:
        an endless loop that is interrupted too.
        """
        outputs = Outputs(lambda printed: tell({"printed": printed}))
        self.main.__dict__["display"] = outputs.display
        with redirect_stdout(Printed(outputs, "stdout")), redirect_stderr(Printed(outputs, "stderr")):
            try:
                value = await self._value(source, self._name(source, number))
                outputs.display(*figures())
                if isinstance(value, BaseException) and is_missing_server(value):
                    raise value
                if value is not None and not is_silenced(source):
                    outputs.result(value)
            except BaseException as error:
                outputs.problem(problem_of(error))
        return outputs.all

    def _name(self, source: str, number: int) -> str:
        """A file name for this run of a cell, under which tracebacks and ``inspect`` find its lines."""
        self._runs[number] += 1
        again = f", run {self._runs[number]}" if self._runs[number] > 1 else ""
        name = f"cell {number}{again}"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return name

    async def _value(self, source: str, name: str) -> object:
        """Execute ``source``; return the value of its last statement if that is an expression."""
        tree = ast.parse(source, name)
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, ast.Expr):
            return await self._execute(tree, name) and None
        tree.body.pop()
        await self._execute(tree, name)
        return await self._execute(ast.Expression(last.value), name)

    async def _execute(self, tree: ast.Module | ast.Expression, name: str) -> object:
        mode = "exec" if isinstance(tree, ast.Module) else "eval"
        code = compile(tree, name, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(code, self.main.__dict__)
        return await value if code.co_flags & inspect.CO_COROUTINE else value


def is_silenced(source: str) -> bool:
    """Say whether the last statement ends with a semicolon: then a notebook does not show its value."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    words = [token.string for token in tokens if token.type not in NOT_CODE]
    return words[-1:] == [";"]


NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT}
