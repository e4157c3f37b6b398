"""Takes out of the pages what a strict Content-Security-Policy forbids and what differs from page to page.

The theme writes the page's name as a script into each page, and the code of buttons into their attributes. After this,
the scripts that are left in pages are a handful, the same everywhere; ``tools.policy`` allows them by their hashes.

It also brings its icons twice: as fonts, and as a script of 1.5 MB that a page has to run before it shows anything. The
script goes; the fonts show the same.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

PAGE_NAME = re.compile(r"<script>DOCUMENTATION_OPTIONS\.pagename = '([^'<]*)';</script>")
ICONS = "_static/scripts/fontawesome.js"
ICONS_SCRIPT = re.compile(rf'<script src="[^"]*{re.escape(ICONS)}[^"]*"></script>')
ONCLICK = re.compile(r'(<button[^>]*?) onclick="')


def strict(text: str, root: str) -> str:
    """Return a page without these; ``root`` leads from it to the top of the site."""
    text = PAGE_NAME.sub(rf'<script src="{root}_static/pagename.js" data-page="\1"></script>', text)
    text = ICONS_SCRIPT.sub("", text)
    return ONCLICK.sub(r'\1 data-onclick="', text)


def rewrite(app: Sphinx, error: Exception | None) -> None:
    """Rewrite every page that was built."""
    if error is not None or app.builder.format != "html":
        return
    top = Path(app.outdir)
    for path in top.rglob("*.html"):
        old = path.read_text(encoding="utf8")
        new = strict(old, "../" * (len(path.relative_to(top).parts) - 1))
        if new != old:
            path.write_text(new, encoding="utf8")
    for path in top.glob(f"{ICONS}*"):
        path.unlink()


def setup(app: Sphinx) -> dict[str, object]:
    """Called by Sphinx."""
    app.connect("build-finished", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
