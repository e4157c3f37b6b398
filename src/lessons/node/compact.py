"""JSON text without spaces, as quickly as the standard library can make it."""

from __future__ import annotations

import json
from typing import Any


def _no_json(value: Any) -> Any:
    raise TypeError(f"{value!r} is no JSON data")


_plainly = json.JSONEncoder(separators=(",", ":"), check_circular=False, allow_nan=False).encode
# What JSONEncoder makes anew for each text, made once, where there is the quick one in C: most texts are short.
_make: Any = getattr(json.encoder, "c_make_encoder", None)
_quote = json.encoder.encode_basestring_ascii
_pieces = _make and _make(None, _no_json, _quote, None, ":", ",", False, False, False)


def compact(data: Any) -> str:
    """JSON text of ``data``: ASCII, so that every byte is a character, and keys in the order in which they stand.

    Raises TypeError for what is no JSON data, ValueError for an infinite number or none.
    """
    return _plainly(data) if _pieces is None else "".join(_pieces(data, 0))
