"""The Content-Security-Policy that the built site passes, for those who serve it: python -m tools.policy"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from tools.site import HTML

SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.S)
WORKER = "_static/python-worker.js"
NOTEBOOKS = "lite/"
# Styles are written by MathJax and by the editor; no rule can tell theirs from others.
BASE = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


def of_pages(site: Path) -> str:
    """Return the policy of every page: scripts are files of the site, or one of the few that stand in pages."""
    return f"{BASE}; script-src 'self' {' '.join(sorted(hashes(site)))}"


def of_worker() -> str:
    """Return the policy of the worker that runs Python, the only one that may compile WebAssembly."""
    return "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"


def of_notebooks() -> str:
    """Return the policy of JupyterLite, whose validators compile code, and whose widgets are modules in blobs."""
    return f"{BASE}; script-src 'self' blob: 'unsafe-inline' 'unsafe-eval'; worker-src 'self' blob:"


def of(place: str, site: Path) -> str:
    """Return the policy of a file of the site, by its place in it."""
    if place.startswith(NOTEBOOKS):
        return of_notebooks()
    return of_worker() if place == WORKER else of_pages(site)


def hashes(site: Path) -> set[str]:
    """Return the hashes of all scripts that stand in pages."""
    pages = (path for path in site.rglob("*.html") if not path.relative_to(site).as_posix().startswith(NOTEBOOKS))
    return {hashed(code) for path in pages for code in scripts_in(path.read_text(encoding="utf8"))}


def scripts_in(page: str) -> list[str]:
    """Return the code of a page's own scripts; data in a script element is none."""
    return [
        found["code"]
        for found in SCRIPT.finditer(page)
        if "src=" not in found["attributes"] and "json" not in found["attributes"]
    ]


def hashed(code: str) -> str:
    """Return a script as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def main() -> None:
    """Print the header for each part of the built site."""
    for what, policy in {
        "every page": of_pages(HTML),
        f"/{WORKER}": of_worker(),
        f"/{NOTEBOOKS}*": of_notebooks(),
    }.items():
        print(f"{what}\n  Content-Security-Policy: {policy}\n")


if __name__ == "__main__":
    main()
