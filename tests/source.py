"""The project's source as data for tests: files, imports, definitions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(frozen=True)
class Import:
    """One import of a module of ours; `lazy` when it stands inside a function, `typing` when only a type needs it."""

    module: str
    line: int
    lazy: bool
    typing: bool


@dataclass(frozen=True)
class Module:
    """One Python file of ours, by its dotted name."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.path.read_text(encoding="utf8"))

    @property
    def place(self) -> str:
        """The file, as a message names it."""
        return str(self.path.relative_to(ROOT))

    def imports(self) -> Iterator[Import]:
        """Every import of a module of `lessons`, also inside functions."""
        yield from _imports(self.tree, lazy=False, typing=False)

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function and method with its dotted name."""
        for name, node in self.definitions():
            if not isinstance(node, ast.ClassDef):
                yield name, node

    def definitions(self) -> Iterator[tuple[str, Definition]]:
        """Every class, function and method outside of functions, with its dotted name."""
        yield from _definitions(self.tree, "")


def modules(top: Path, prefix: str = "") -> list[Module]:
    """Return every module below a folder."""
    found = []
    for path in sorted(top.rglob("*.py")):
        parts = path.relative_to(top).with_suffix("").parts
        name = ".".join(part for part in (prefix, *parts) if part and part != "__init__")
        found.append(Module(name, path))
    return found


def is_module(name: str) -> bool:
    """Say whether a dotted name is a module or a package of ours."""
    path = SRC.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _imports(node: ast.AST, lazy: bool, typing: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] == "lessons":
                yield Import(alias.name, node.lineno, lazy, typing)
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "lessons":
        for alias in node.names:
            # "from lessons.viz import svg" imports the module lessons.viz.svg, not only lessons.viz.
            inner = f"{node.module}.{alias.name}"
            yield Import(inner if is_module(inner) else str(node.module), node.lineno, lazy, typing)
    inside = lazy or isinstance(node, Function | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        only_typing = typing or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        yield from _imports(child, inside, only_typing)


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from _definitions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try):
            yield from _definitions(child, prefix)
