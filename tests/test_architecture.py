"""The rules of the house: who may import whom, how long things are, what is documented, what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.source import ROOT, SRC, Import, Module, modules
from tools.notebooks.rules import MACHINE_PATH

LESSONS = modules(SRC)
ALL = [*LESSONS, *modules(ROOT / "tools", "tools"), *modules(ROOT / "book" / "_ext")]
KIT = ("node", "trace", "sim", "check", "net", "viz", "lab", "page", "real", "chaos", "classroom")
# Package of the kit: the packages it may import; every package may import itself.
MAY_IMPORT = {
    "node": set(),
    "trace": {"node"},
    "sim": {"node", "trace"},
    "check": {"node", "trace", "sim"},
    "net": {"node", "trace"},
    "chaos": {"node", "trace", "sim", "check", "net"},
    "viz": {"node", "trace"},
    "lab": {"node", "trace", "sim", "check", "viz"},
    "real": set(),
    "page": {"node", "trace", "sim", "check", "viz", "lab", "classroom"},
    "classroom": {"node", "trace", "sim", "check", "viz"},
}
# trace.play() and trace.diagram() are handed on to viz, which reads traces: a circle, but not at import time.
# Verdicts of check draw themselves when somebody looks; their modules called "picture" do nothing else.
LAZY = {"lessons.trace.trace": {"viz"}, "check": {"viz"}}
PARTS = ("foundations", "replication", "partitioning", "agreement", "storage", "dataflow", "operations", "capstone")
# A protocol runs in every world, so it knows none of them; its views, runs and exercises do.
PROTOCOL_MAY_IMPORT = {"node"}
CHAPTER_MAY_IMPORT = {"node", "trace", "sim", "check", "viz", "lab", "classroom", "net", "chaos", "real"}
KIT_SIDE_OF_A_CHAPTER = {
    *("invariants", "view", "drafts", "runs", "measure", "lab", "exercises"),
    *("real", "formal", "cluster", "soak", "maelstrom", "hunts"),
}
MOST_LINES_OF_MODULE = 300
MOST_LINES_OF_FUNCTION = 40


def none(problems: list[str]) -> None:
    """Fail with one problem a line."""
    assert not problems, "\n" + "\n".join(problems)


def package(name: str) -> str:
    """Return which package of lessons a dotted name is in ('lessons.sim.disk' -> 'sim')."""
    return [*name.split("."), ""][1]


def forbidden_imports(module: Module) -> list[str]:
    """Return each import of a module that the architecture does not allow, as a sentence."""
    return [
        f"{module.place}:{found.line}: {module.name} may not import {found.module}"
        for found in module.imports()
        if not found.typing and not may_import(module.name, found)
    ]


def may_import(name: str, found: Import) -> bool:
    """Say whether the module `name` may have this import."""
    own, other = package(name), package(found.module)
    if other in ("", own):
        return True
    if own in MAY_IMPORT:
        lazy = found.lazy or name.split(".")[-1] == "picture"
        return other in MAY_IMPORT[own] or (lazy and other in LAZY.get(own, LAZY.get(name, set())))
    if own in PARTS:
        return other in PARTS or other in allowed_for_chapter(name)
    return False


def allowed_for_chapter(name: str) -> set[str]:
    """Return the packages of the kit that a module of a chapter may import."""
    inside = name.split(".")[3:]  # behind lessons.<part>.<chapter>
    return PROTOCOL_MAY_IMPORT if KIT_SIDE_OF_A_CHAPTER.isdisjoint(inside) else CHAPTER_MAY_IMPORT


def test_imports_run_in_one_direction() -> None:
    none([problem for module in LESSONS for problem in forbidden_imports(module)])


def test_every_package_has_a_place_in_the_architecture() -> None:
    packages = {package(module.name) for module in LESSONS} - {""}
    assert packages <= {*KIT, *PARTS}, "add the new package to MAY_IMPORT and say what it may import"


@pytest.mark.parametrize(
    ("name", "source", "allowed"),
    [
        ("lessons.node.node", "import lessons.sim", False),
        ("lessons.node.node", "def f():\n    from lessons.sim import Simulation", False),
        ("lessons.sim.disk", "from lessons.node import Disk", True),
        ("lessons.sim.disk", "from lessons import viz", False),
        ("lessons.trace.trace", "from lessons.viz import play", False),
        ("lessons.trace.trace", "def f():\n    from lessons.viz import play", True),
        ("lessons.trace.events", "def f():\n    from lessons.viz import play", False),
        ("lessons.check.sweeps.result", "from lessons.viz import table", False),
        ("lessons.check.sweeps.result", "def f():\n    from lessons.viz import table", True),
        ("lessons.check.isolation.picture", "from lessons.viz import svg", True),
        ("lessons.viz.scene", "from lessons.foundations.clocks import Lamport", False),
        ("lessons.agreement.raft.log", "from lessons.sim import Simulation", False),
        ("lessons.agreement.raft.view", "from lessons.viz import play", True),
        ("lessons.agreement.raft.formal.steps", "from lessons.trace import Trace", True),
        ("lessons.agreement.locks.lease", "from lessons.agreement.raft import Raft", True),
        ("lessons.node.node", "if TYPE_CHECKING:\n    from lessons.sim import Simulation", True),
    ],
)
def test_the_import_rule_can_tell(tmp_path: Path, name: str, source: str, allowed: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    found = list(Module(name, path).imports())
    assert found, "the import was not seen"
    assert all(each.typing or may_import(name, each) for each in found) is allowed


def test_no_module_imports_itself_in_a_circle() -> None:
    names = {module.name for module in LESSONS}
    graph = {
        module.name: {found.module for found in module.imports() if not found.lazy and not found.typing} & names
        for module in LESSONS
    }
    assert circle_in(graph) == []


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one circle of imports, or nothing."""
    done: set[str] = set()

    def search(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name not in done:
            for other in sorted(graph.get(name, ()) - {name}):
                if found := search(other, [*path, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := search(name, []))), [])


def test_a_circle_is_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert circle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_core_is_imported_with_the_standard_library_alone() -> None:
    names = [module.name for module in LESSONS]
    program = (
        "import sys, importlib\n"
        "for name in ('numpy', 'matplotlib', 'networkx', 'ipywidgets', 'anywidget', 'IPython', 'tqdm'):\n"
        "    sys.modules[name] = None\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1500:]


def test_no_module_is_longer_than_one_idea() -> None:
    lengths = [(len(module.path.read_text(encoding="utf8").splitlines()), module.place) for module in ALL]
    none([f"{place} has {length} lines" for length, place in lengths if length > MOST_LINES_OF_MODULE])


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = [
        ((node.end_lineno or 0) - node.lineno + 1, f"{module.place}:{node.lineno} {name}")
        for module in ALL
        for name, node in module.functions()
    ]
    none([f"{place} has {length} lines" for length, place in lengths if length > MOST_LINES_OF_FUNCTION])


def test_every_module_says_what_it_is() -> None:
    none([f"{module.place} has no docstring" for module in ALL if not ast.get_docstring(module.tree)])


def test_every_public_name_is_documented() -> None:
    silent = [
        f"{module.place}:{node.lineno} {name} has no docstring"
        for module in ALL
        for name, node in module.definitions()
        if not any(part.startswith("_") for part in name.split("."))
        and not ast.get_docstring(node)
        and not is_overload(node)
        and ("." not in name or name.split(".")[-1] not in inherited_words())
    ]
    none(silent)


@cache
def inherited_words() -> frozenset[str]:
    """Return the methods that a class of ours documents: one that overrides it need not say it again."""
    methods = (each for module in LESSONS for each in module.definitions() if "." in each[0])
    return frozenset(name.split(".")[-1] for name, node in methods if ast.get_docstring(node))


def is_overload(node: ast.AST) -> bool:
    """Say whether a definition only declares a type; the one after it has the docstring."""
    return any("overload" in ast.unparse(each) for each in getattr(node, "decorator_list", []))


# Split, so that this file does not say them.
UNFINISHED = re.compile(
    r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|(?i:coming" + " soon|not implemented" + " yet|lorem" + " ipsum)"
)
REGISTRY = re.compile("py" + r"pi\.org|pythonhosted\.org|registry\.npm" + r"js|regi" + "stry\\.yarn")
OUR_TEXT = (".py", ".md", ".yml", ".toml", ".txt", ".in", ".ipynb", ".js", ".css", ".cff", "Makefile", "run")


def our_files() -> list[Path]:
    """Return every text file of ours that git knows or would take."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    paths = [ROOT / line for line in said.stdout.splitlines() if line.endswith(OUR_TEXT)]
    return [path for path in paths if path.is_file() and "vendor" not in path.parts]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [("an unfinished place", UNFINISHED), ("a path of a machine", MACHINE_PATH), ("a package registry", REGISTRY)],
    ids=["unfinished", "machine", "registry"],
)
def test_no_file_speaks_of(what: str, pattern: re.Pattern[str]) -> None:
    files = our_files()
    if not files:
        pytest.skip("not a git repository: the list of files is git's")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), start=1)
        if pattern.search(line)
    ]
    none([f"{line} ({what})" for line in found])
