"""Run notebooks in fresh kernels, several at a time, and store what came out in the normal form."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools.notebooks.files import ROOT, Notebook, is_compared, read, source_of, write
from tools.notebooks.normal import normalise

TIMEOUT = 120  # seconds that one cell may take


def run_all(paths: Sequence[Path], workers: int = 2) -> int:
    """Run every notebook, `workers` at a time, and say how each went; return how many failed."""
    with ThreadPoolExecutor(workers) as pool:
        return sum(not good for good in pool.map(_run_and_say, paths))


def _run_and_say(path: Path) -> bool:
    start = perf_counter()
    try:
        changed = run(path)
    except CellExecutionError as error:
        print(f"{path.relative_to(ROOT)}: failed; the file is as it was\n{error}", flush=True)
        return False
    word = "changed" if changed else "as it was"
    print(f"{path.relative_to(ROOT)}: {word}, {perf_counter() - start:.1f} s", flush=True)
    return True


def run(path: Path) -> bool:
    """Run one notebook in its own folder and store its outputs; return whether the file changed.

    Raises nbclient's CellExecutionError when a cell fails; the file is left as it was.
    """
    old = read(path)
    new = normalise(execute(old, path.parent))
    keep_uncompared(old, new)
    return write(path, new)


def execute(notebook: Notebook, folder: Path) -> Notebook:
    """Return a copy of the notebook with the outputs of a run in a fresh kernel."""
    work = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        work,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        # ipykernel warns on every start that its loopback sockets are not encrypted.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    done: Notebook = work
    return done


def keep_uncompared(old: Notebook, new: Notebook) -> None:
    """Keep the stored outputs of cells that are marked as different in every run, if their source is the same."""
    by_id = {cell["id"]: cell for cell in new["cells"]}
    for cell in old["cells"]:
        again = by_id.get(cell.get("id"))
        if again and cell.get("outputs") and not is_compared(cell) and source_of(cell) == source_of(again):
            again["outputs"] = cell["outputs"]
