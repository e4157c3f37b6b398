"""How a value is shown: the forms that a notebook's front end would choose from."""

from __future__ import annotations

from base64 import b64encode
from pprint import pformat
from types import FunctionType
from typing import Any

WIDTH = 79  # columns; a longer text of a list or a dictionary is broken into lines
METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
}


def bundle(value: object) -> dict[str, str]:
    """Return ``value`` in each form that it has, by media type; "text/plain" is always there.

    Asks the methods that IPython asks (``_repr_mimebundle_``, ``_repr_html_`` ...); of a class, none.
    Bytes are Base64. Raises what they raise.
    """
    forms: dict[str, str] = {}
    if not isinstance(value, type):
        for kind, method in METHODS.items():
            if callable(maker := getattr(value, method, None)) and (made := first(maker())) is not None:
                forms[kind] = text_of(made)
        if callable(maker := getattr(value, "_repr_mimebundle_", None)):
            forms |= {kind: text_of(made) for kind, made in (first(maker()) or {}).items() if is_shown(kind)}
    return {"text/plain": plain(value), **forms} if "text/plain" not in forms else forms


def first(made: Any) -> Any:
    """Data may come with metadata, as a pair; return the data."""
    return made[0] if isinstance(made, tuple) else made


def is_shown(kind: str) -> bool:
    """Say whether a page can show this media type: texts and pictures, but no live widget."""
    return kind.startswith(("text/", "image/"))


def text_of(made: object) -> str:
    """Return ``made`` as text: pictures that come as bytes in Base64."""
    return b64encode(made).decode() if isinstance(made, bytes) else str(made)


def plain(value: object) -> str:
    """Return a value as text, the way a notebook does: names of classes without ``<class ...>``, long data in lines."""
    if isinstance(value, type):
        module = "" if value.__module__ in ("builtins", "exceptions") else f"{value.__module__}."
        return f"{module}{value.__qualname__}"
    if isinstance(value, FunctionType):
        return f"<function {value.__module__}.{value.__qualname__}>"
    text = repr(value)
    if len(text) > WIDTH and isinstance(value, list | tuple | set | frozenset | dict):
        return pformat(value, width=WIDTH + 1, sort_dicts=False)
    return text
