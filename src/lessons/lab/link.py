"""Links: a state as a short text for the address of a page, and back, trusting nothing in it."""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from lessons.lab.fields import Refused
from lessons.lab.state import FORMAT, MOST_JSON, State, demand
from lessons.node.compact import compact

MOST_LINK = 6000  # characters: what every browser and most messengers carry
_LINK = re.compile(r"([a-z0-9_]+/[a-z0-9_]+):([A-Za-z0-9_-]+)")


def to_link(state: State) -> str:
    """The text that stands behind ``#lab=`` in an address; raises Refused when it would be too long for one."""
    data = state.to_json()
    name = data.pop("lab")
    del data["format"]
    packed = urlsafe_b64encode(zlib.compress(compact(data).encode(), 9)).decode().rstrip("=")
    link = f"{name}:{packed}"
    demand(len(link) <= MOST_LINK, f"this run needs a link of {len(link):,} characters, too long to send: save it")
    return link


def from_link(text: str) -> State:
    """The state in a link; raises Refused for anything else."""
    demand(len(text) <= MOST_LINK, f"the link has {len(text):,} characters: at most {MOST_LINK:,} are read")
    found = _LINK.fullmatch(text)
    demand(found, "the link is no link of a lab: it may have been cut off")
    assert found is not None
    try:
        data = json.loads(_unpack(found[2]))
    except (ValueError, zlib.error, RecursionError):
        raise Refused("the link can't be read: it may have been cut off") from None
    demand(isinstance(data, dict), "the link holds no lab")
    return State.from_json({**data, "format": FORMAT, "lab": found[1]})


def _unpack(text: str) -> bytes:
    """The bytes in a text, never more than a state may have."""
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), MOST_JSON)
    if not unpacker.eof:
        raise ValueError("cut off, or too long")
    return data
