"""Where a class or function stands in its file, and which of its lines matter."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Listing:
    """Chosen lines of one definition: its module and name, and each line with its number in the file."""

    module: str
    name: str
    lines: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(line for _, line in self.lines)

    def spans(self) -> list[tuple[int, int]]:
        """First and last line number of each stretch without a gap."""
        spans: list[tuple[int, int]] = []
        for number, _ in self.lines:
            if spans and number <= spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], number)
            else:
                spans.append((number, number))
        return spans


def listing(obj: Any, only: Sequence[str] = (), docstring: bool = False) -> Listing:
    """The source of a class, function, method or property; of a class, with ``only`` these of its methods.

    Raises TypeError when ``obj`` is none of these, LookupError when it has no such method.
    """
    target = _definable(obj)
    lines, first = inspect.getsourcelines(target)
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    source = "".join(line.removeprefix(margin) for line in lines)  # a line inside a text may have no margin
    tree = ast.parse(source).body[0]
    assert isinstance(tree, Definition)
    wanted = set(range(1, len(source.splitlines()) + 1))
    if only:
        wanted = _of_methods(tree, only, target.__qualname__)
    if not docstring:
        wanted -= _docstrings(tree)
    kept = _without_double_gaps([(at, line) for at, line in enumerate(source.splitlines(), 1) if at in wanted])
    numbered = tuple((first + at - 1, line) for at, line in kept)
    return Listing(target.__module__, target.__qualname__, numbered)


def _definable(obj: Any) -> Any:
    """What ``inspect`` finds the source of: the function inside a property, a bound or a wrapped method."""
    if isinstance(obj, property):
        obj = obj.fget
    obj = inspect.unwrap(getattr(obj, "__func__", obj))
    if not isinstance(obj, type | FunctionType):
        raise TypeError(f"obj is {obj!r}: it must be a class, a function, a method or a property")
    return obj


def _of_methods(tree: Definition, only: Sequence[str], owner: str) -> set[int]:
    """The lines of a class's head and of these methods."""
    if isinstance(only, str) or not isinstance(tree, ast.ClassDef):
        raise TypeError(f"only is {only!r}: it must list methods of a class")
    methods = {item.name: item for item in tree.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)}
    missing = [name for name in only if name not in methods]
    if missing:
        raise LookupError(f"{owner} has no method {missing[0]!r}; it has: {', '.join(methods)}")
    first = tree.body[0]
    wanted = set(range(1, _begin(first) if isinstance(first, Definition) else first.lineno))
    for name in only:
        wanted |= {_begin(methods[name]) - 1, *_lines_of(methods[name])}
    return wanted


def _begin(node: Definition) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _lines_of(node: Definition) -> range:
    return range(_begin(node), (node.end_lineno or node.lineno) + 1)


def _docstrings(tree: Definition) -> set[int]:
    """The lines of all docstrings, where something else is left of the definition."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Definition) and ast.get_docstring(node) is not None and len(node.body) > 1:
            text = node.body[0]
            lines |= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return lines


def _without_double_gaps(lines: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """``lines`` with no empty line behind another, at the ends, or behind the head of a definition."""
    kept: list[tuple[int, str]] = []
    for number, line in lines:
        after_gap = not kept or not kept[-1][1].strip() or kept[-1][1].rstrip().endswith(":")
        if line.strip() or not after_gap:
            kept.append((number, line.rstrip()))
    while kept and not kept[-1][1]:
        kept.pop()
    return kept
