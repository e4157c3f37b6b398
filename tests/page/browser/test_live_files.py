"""The files for the reader's browser: whole, pinned, checked, and the same for the same sources."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from lessons.page import problems
from tests.page.inside import ROOT
from tools import site as builder
from tools.live import archive, core, lock, packages
from tools.live.packages import NotFetched

REQUIRED = (ROOT / "requirements.txt").read_text()
# What draws in a page and in a notebook alike must be the same version in both.
DRAWS = ("anywidget", "ipywidgets", "markdown-it-py", "networkx", "pygments")


def pinned() -> dict[str, str]:
    return {name: version for name, version, _ in packages.PINNED.findall(packages.WHEELS.read_text())}


def test_every_line_of_the_list_of_wheels_has_a_version_and_a_hash() -> None:
    lines = packages.WHEELS.read_text().splitlines()
    assert len(pinned()) == len(lines)
    assert lines == sorted(lines)


@pytest.mark.parametrize("name", DRAWS)
def test_what_draws_in_a_page_is_the_version_that_made_the_outputs(name: str) -> None:
    found = re.search(rf"^{name}==(\S+)", REQUIRED, re.M | re.I)
    assert found is not None
    assert pinned()[name] == found[1]


def test_what_a_cell_may_ask_for_is_what_the_lock_file_can_give() -> None:
    assert set(problems.ON_REQUEST) == set(lock.ON_REQUEST)


def test_the_notices_name_what_is_shipped() -> None:
    notices = (ROOT / "book" / "notices.md").read_text().lower()
    editor = json.loads((ROOT / "tools" / "editor" / "package.json").read_text())["dependencies"]
    assert f"codemirror.net) view {editor['@codemirror/view']}" in notices
    assert f"pyodide.org) {core.VERSION}" in notices
    shipped = {name.replace("-", "_") for name in pinned()}
    assert {name for name in shipped if name not in notices and name.replace("_", "-") not in notices} == set()


def test_the_lock_file_names_what_is_there_with_its_hash(site: Path) -> None:
    described = json.loads(meta(site))
    live = site / described["folder"]
    entries = json.loads((live / described["lock"]).read_text())["packages"]
    here = {name: entry for name, entry in entries.items() if not entry["file_name"].startswith("https://")}
    for name, entry in here.items():
        data = (live / entry["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
    assert set(described["packages"]) <= set(here), "what a page loads comes with the site"
    assert {need for entry in here.values() for need in entry["depends"]} <= set(here)


def test_notebooks_know_of_no_other_host(site: Path) -> None:
    settings = json.loads((site / "lite" / "jupyter-lite.json").read_text())["jupyter-config-data"]
    options = settings["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    lock_file = site / "lite" / options["loadPyodideOptions"]["lockFileURL"]
    assert "https://" not in lock_file.resolve().read_text()
    assert options["disablePyPIFallback"] is True


def meta(site: Path) -> str:
    """What a page says of its Python."""
    if not (site / "live").is_dir():
        pytest.skip("the site was built without Python for the browser (LIVE=0)")
    found = re.search(r'<meta name="lesson-python" content="([^"]*)"', (site / "book" / "index.html").read_text())
    assert found is not None
    return found[1].replace("&quot;", '"')


def test_the_books_wheel_has_the_code_the_exercises_and_the_recorded_results() -> None:
    names = [name for name, _ in archive.book_files("3.14")]
    assert "lessons/page/cells.py" in names
    assert "lessons/viz/static/player.js" in names, "a notebook in a tab draws live players with it"
    beside = "lessons-0.1.0.data/data/lib/python3.14/"
    assert f"{beside}exercises/agreement/raft/vote.py" in names
    assert f"{beside}benchmarks/results/kernel.json" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("lessons/page/static")]


def test_the_same_files_make_the_same_archive() -> None:
    files = [("a.py", b"a = 1\n"), ("b.py", b"b = 2\n")]
    assert archive.zipped(files) == archive.zipped(files)


def test_a_wheel_is_copied_without_its_tests(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a/__init__.py", "")
        wheel.writestr("a/tests/test_a.py", "")
        wheel.writestr("a-1.dist-info/licenses/LICENSE", "words")
    (tmp_path / "b.whl").write_bytes(archive.stripped(tmp_path / "a.whl"))
    assert zipfile.ZipFile(tmp_path / "b.whl").namelist() == ["a/__init__.py", "a-1.dist-info/licenses/LICENSE"]


def test_a_lock_entry_says_what_a_wheel_brings_and_needs() -> None:
    metadata = (
        "Metadata-Version: 2.1\nName: A-b\nVersion: 1\nRequires-Dist: comm>=0.1\n"
        "Requires-Dist: psutil; sys_platform != 'emscripten'\nRequires-Dist: jupyterlab_widgets~=3.0\n"
        "Requires-Dist: pytest; extra == 'test'\n"
    )
    wheel = archive.zipped([("a_b/__init__.py", b""), ("one.py", b""), ("a_b-1.dist-info/METADATA", metadata.encode())])
    entry = lock.entry("a_b-1-py3-none-any.whl", wheel, "3.14")
    assert (entry["name"], entry["imports"], entry["depends"]) == ("A-b", ["a_b", "one"], ["comm"])


def test_an_npm_package_with_another_digest_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def pack(arguments: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        (Path(arguments[-1]) / "changed.tgz").write_bytes(b"not what was published")
        return subprocess.CompletedProcess(arguments, 0, b"", b"")

    monkeypatch.setattr(packages, "KEPT", tmp_path)
    monkeypatch.setattr(packages, "npm", pack)
    with pytest.raises(NotFetched, match="pyodide@1 is not the file that was published"):
        packages.npm_package("pyodide@1", core.INTEGRITY)
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_that_cannot_be_had_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listed = tmp_path / "wheels.txt"
    listed.write_text(f"networkx==3.6.1 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(packages, "KEPT", tmp_path / "kept")
    with pytest.raises(NotFetched, match="LIVE=0 makes the site without Python"):
        packages.wheels(listed)


def test_the_size_of_the_site_is_said(tmp_path: Path) -> None:
    for name, megabytes in {"index.html": 1, "live/a": 3, "lite/b": 2}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(megabytes * 1_000_000))
    words = "6 MB, of which 3 MB for Python in the pages and 2 MB for notebooks in a tab"
    assert builder.size(tmp_path) == words


def test_live_0_is_another_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(builder, "ROOT", tmp_path)
    monkeypatch.setenv("LIVE", "0")
    without = builder.fingerprint()
    monkeypatch.delenv("LIVE")
    assert builder.fingerprint() != without
