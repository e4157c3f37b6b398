"""HTML in small pieces: escaping, pictures, folded parts. What comes in is never markup."""

from __future__ import annotations

import html
import re
from base64 import b64encode

from lessons.node.compact import compact


def escape(text: object) -> str:
    """``text`` for use between tags and inside attributes in double quotes."""
    return html.escape(_writable(str(text)), quote=True)


def _writable(text: str) -> str:
    """``text`` without what UTF-8 and XML can't carry: those characters are written as their escapes."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", text)


def image(data: bytes, media_type: str, alt: str, css: str = "") -> str:
    """An <img> that carries its own bytes: it is shown where scripts and inline SVG are not allowed."""
    name = f' class="{css}"' if css else ""
    return f'<img{name} alt="{escape(alt)}" src="data:{media_type};base64,{b64encode(data).decode()}">'


def folded(summary: str, body: str) -> str:
    """A part that the reader opens: ``summary`` is text, ``body`` is HTML."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def script_data(document: object) -> str:
    """``document`` as JSON in a script element; no text in it can end the element."""
    text = compact(document).replace("<", "\\u003c")
    return f'<script type="application/json">{text}</script>'
