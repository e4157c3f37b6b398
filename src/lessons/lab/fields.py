"""What a reader can fill in: kinds of values with their limits, read from plain data or refused in words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lessons.node import encode

MOST_TEXT = 200  # characters of one text
MOST_ITEMS = 50  # of one list
MOST = 10.0**9  # of a number without limits of its own


class Refused(ValueError):
    """What a reader or a link asked for can't be done; the text says what and why, and nothing has changed."""


@dataclass(frozen=True)
class Field(ABC):
    """A value to be filled in. ``help`` is a sentence for the reader."""

    help: str = field(default="", kw_only=True)

    @abstractmethod
    def rule(self) -> str:
        """What a value must be: the end of a sentence that begins with ``it must be``."""

    @abstractmethod
    def fits(self, value: Any) -> bool:
        """Whether plain data is such a value."""

    def read(self, name: str, value: Any) -> Any:
        """The Python value for plain data; raises Refused, which names the field, its value and the rule."""
        if not self.fits(value):
            raise Refused(f"{name} is {_short(value)}: it must be {self.rule()}")
        return self.value(value)

    def value(self, plain: Any) -> Any:
        """The Python value for plain data that fits."""
        return plain

    def plain(self, value: Any) -> Any:
        """The plain data that stands for a Python value: the inverse of ``value``."""
        return encode(value)

    def form(self) -> dict[str, Any]:
        """The field as the front end draws it."""
        return {"kind": type(self).__name__.lower()}


@dataclass(frozen=True)
class Number(Field):
    """A number from ``low`` to ``high``, in steps of ``step`` for who uses arrow keys; ``unit`` stands behind it."""

    low: float = -MOST
    high: float = MOST
    step: float | None = None
    unit: str = ""

    def rule(self) -> str:
        """See ``Field``."""
        return f"a number from {self.low:g} to {self.high:g}"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        limits = {"low": self.low, "high": self.high} if self.high < MOST else {}
        return {"kind": "number", **limits, "step": self.step or "any", "unit": self.unit}


@dataclass(frozen=True)
class Whole(Number):
    """A whole number."""

    def rule(self) -> str:
        """See ``Field``."""
        return f"a whole number from {self.low:g} to {self.high:g}"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return isinstance(value, int) and super().fits(value)

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {**super().form(), "step": self.step or 1}


@dataclass(frozen=True)
class Span(Number):
    """Two numbers, the first at most the second, both within the same limits: the edges of an interval."""

    def rule(self) -> str:
        """See ``Field``."""
        return f"two numbers from {self.low:g} to {self.high:g}, the smaller one first"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        pair = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2
        return pair and all(map(super().fits, value)) and value[0] <= value[1]

    def value(self, plain: Any) -> tuple[float, float]:
        """See ``Field``."""
        return tuple(plain)

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {**super().form(), "kind": "span"}


@dataclass(frozen=True)
class Switch(Field):
    """On or off."""

    def rule(self) -> str:
        """See ``Field``."""
        return "true or false"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return isinstance(value, bool)


@dataclass(frozen=True)
class Text(Field):
    """A short text. ``proposals`` are offered to choose from, any other text is as good."""

    proposals: tuple[str, ...] = ()
    optional: bool = False  # None is a value, too

    def rule(self) -> str:
        """See ``Field``."""
        return f"a text of at most {MOST_TEXT} characters" + (", or none" if self.optional else "")

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return _is_text(value) or (self.optional and value is None)

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {"kind": "text", "proposals": list(self.proposals), "optional": self.optional, "most": MOST_TEXT}


@dataclass(frozen=True)
class Texts(Text):
    """A list of short texts, such as names of nodes."""

    def rule(self) -> str:
        """See ``Field``."""
        return f"a list of at most {MOST_ITEMS} texts"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return isinstance(value, list | tuple) and len(value) <= MOST_ITEMS and all(map(_is_text, value))

    def value(self, plain: Any) -> list[str]:
        """See ``Field``."""
        return list(plain)

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {**super().form(), "kind": "texts"}


@dataclass(frozen=True)
class Choice(Field):
    """One of several options: texts, or anything else under a label, such as a class under its name."""

    options: Sequence[str] | Mapping[str, Any] = ()

    def rule(self) -> str:
        """See ``Field``."""
        return f"one of {', '.join(self.options)}"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        return isinstance(value, str) and value in list(self.options)

    def value(self, plain: str) -> Any:
        """See ``Field``."""
        return self.options[plain] if isinstance(self.options, Mapping) else plain

    def plain(self, value: Any) -> str:
        """See ``Field``. Raises LookupError for a value that is no option."""
        if not isinstance(self.options, Mapping):
            return str(value)
        for label, option in self.options.items():
            if option == value:
                return label
        raise LookupError(f"{value!r} is none of the options {', '.join(self.options)}")

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {"kind": "choice", "options": list(self.options)}


@dataclass(frozen=True)
class Groups(Field):
    """Nodes in groups: a list of lists of names, no name twice. The front end lets the reader draw them."""

    nodes: tuple[str, ...] = ()

    def rule(self) -> str:
        """See ``Field``."""
        return f"one group or more of {', '.join(self.nodes)}, none of them twice"

    def fits(self, value: Any) -> bool:
        """See ``Field``."""
        if not isinstance(value, list) or not value or not all(isinstance(group, list) and group for group in value):
            return False
        named = [name for group in value for name in group]
        return all(name in self.nodes for name in named) and len(set(named)) == len(named)

    def form(self) -> dict[str, Any]:
        """See ``Field``."""
        return {"kind": "groups", "nodes": list(self.nodes)}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
