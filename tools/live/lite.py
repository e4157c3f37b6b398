"""Notebooks to open in a tab: JupyterLite, with the Pyodide and the wheels that the pages have."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.live import core

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
FOLDER = "lite"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# Loaded when a kernel starts. What is not named here would be asked of a package registry.
AT_START = (
    "micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython",
    "lessons", "networkx", "anywidget", "markdown-it-py",
)  # fmt: skip
OPTIONS = ("--no-unused-shared-packages", "--no-sourcemaps", "--no-libarchive", "--apps", "notebooks")


def build(target: Path, built: core.Built) -> None:
    """Make the folder ``target`` for a site that has what was built beside it in ``live/``.

    Raises RuntimeError with what JupyterLite says when it fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        (work / "jupyter-lite.json").write_text(json.dumps(settings(built)))
        shutil.copytree(NOTEBOOKS, work / "files", ignore=shutil.ignore_patterns(".*"))
        command = [sys.executable, "-m", "jupyter", "lite", "build", *OPTIONS]
        command += ["--contents", "files", "--output-dir", str(target)]
        done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"JupyterLite could not be built:\n{done.stdout[-3000:]}")


def settings(built: core.Built) -> dict[str, Any]:
    """Say where the kernel finds Pyodide: one address counts from lite/notebooks/, that of the lock file from lite/."""
    live = built.described()["folder"]
    kernel = {
        "pyodideUrl": f"../../{live}{core.FOLDER}/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"lockFileURL": f"../{live}{built.lock_of_notebooks}", "packages": AT_START},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"litePluginSettings": {KERNEL: kernel}}}
