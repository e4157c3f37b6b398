"""The look of nodes and messages, as data: what stands on them, and what it is coloured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lessons.trace.events import Sent
from lessons.viz.palette import TONES

if TYPE_CHECKING:
    from lessons.trace import Trace


@dataclass(frozen=True, slots=True)
class Look:
    """How nodes and messages look: ``badge`` is the watched field shown on a node, ``tones`` colours its values.

    A tone is a palette number from 0 to 7 (``lessons.viz.palette``). The badge always shows the value in
    words as well. ``captions`` maps further watched fields to the words in front of their values, which
    stand below the badge: ``{"vote": "voted for"}``.

    ``deadline`` is a watched field with the time at which the node's timer fires, in seconds, or with a
    pair: when it was set, when it fires, both on the node's own clock. A ring around the node shrinks until
    then; None means that no timer runs. ``label`` gives the few words on a message; its class's name
    stands there where it gives none.

    Raises ValueError for a tone that is no palette number, and for tones without a badge.
    """

    badge: str | None = None
    tones: Mapping[str, int] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    deadline: str | None = None
    label: Callable[[Any], str] | None = None

    def __post_init__(self) -> None:
        if self.tones and self.badge is None:
            raise ValueError(f"tones is {dict(self.tones)!r}: name the watched field with these values as badge")
        for value, tone in self.tones.items():
            if not is_index(tone, len(TONES)):
                raise ValueError(f"tones[{value!r}] is {tone!r}: it must be a tone, 0 to {len(TONES) - 1}")

    def data(self) -> dict[str, Any]:
        """The look as the player reads it."""
        badge = {"badge": self.badge, "tones": dict(self.tones)} if self.badge else {}
        captions = {"captions": dict(self.captions)} if self.captions else {}
        deadline = {"deadline": self.deadline} if self.deadline else {}
        return {**badge, **captions, **deadline}

    def fields(self) -> dict[str, str]:
        """The watched fields by what they are here."""
        named = {f"captions of {name}": name for name in self.captions}
        single = {"badge": self.badge, "deadline": self.deadline}
        return {what: name for what, name in single.items() if name is not None} | named

    def tell(self, run: dict[str, Any], trace: Trace) -> None:
        """Add to each send in ``run`` the words on its message, if they are not those of its type."""
        for event, coded in zip(trace.events, run["events"], strict=True):
            words = self.label(event.message) if self.label and isinstance(event, Sent) else ""
            if words:
                coded.append(words)


def is_index(number: object, length: int) -> bool:
    """Whether ``number`` is a position in something of this length."""
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < length
