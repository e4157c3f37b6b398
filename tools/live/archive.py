"""Archives that a browser's Python unpacks: the book's own Python, and wheels without what nobody runs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = (".py", ".js", ".css")
OF_PAGES = "lessons/page/static"  # which a page has already
UNUSED = ("/tests/", "/nbextension/", "/labextensions/")
VERSION = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]  # type: ignore[index]
INFO = f"lessons-{VERSION}.dist-info"
METADATA = {
    f"{INFO}/METADATA": f"Metadata-Version: 2.1\nName: lessons\nVersion: {VERSION}\nLicense-Expression: MIT\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: tools.live\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


def book_files(python: str) -> Iterator[tuple[str, bytes]]:
    """Every file of ours that a page's Python reads, with its place in a wheel for that version of Python.

    Exercises and recorded results come to stand to the package as they do in a checkout: two folders up.
    """
    for path in sorted((ROOT / "src" / "lessons").rglob("*.*")):
        name = str(path.relative_to(ROOT / "src"))
        if path.suffix in CODE and not name.startswith(OF_PAGES):
            yield name, path.read_bytes()
    for path in [*sorted((ROOT / "exercises").rglob("*.py")), *sorted((ROOT / "benchmarks/results").glob("*.json"))]:
        yield f"lessons-{VERSION}.data/data/lib/python{python}/{path.relative_to(ROOT)}", path.read_bytes()
    yield from ((name, text.encode()) for name, text in METADATA.items())


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive that depends on nothing but the files: no times, no owners."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return written.getvalue()


def stripped(wheel: Path) -> bytes:
    """Return a wheel without its tests, and without what a browser's front end has already."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not any(part in name for part in UNUSED)]
        return zipped((name, archive.read(name)) for name in names)
