"""The vocabulary of a cluster: the classes of messages that its nodes may say to each other, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from hashlib import sha256
from inspect import formatannotation
from itertools import pairwise
from typing import Any, get_args, get_type_hints

from lessons.net.coders import Coder, coder_for
from lessons.net.errors import Malformed
from lessons.net.rows import message_coder
from lessons.net.values import Values
from lessons.node import AuthorError, Node
from lessons.node.message import field_names

#: A message as it travels: the position of its class, and its fields.
Packed = tuple[int, Any]


class Vocabulary:
    """Messages and enums by name, each with a coder. Both ends of a connection must have the same.

    Raises ValueError when two classes have the same name: nobody could tell which was meant.
    """

    def __init__(self, kinds: Iterable[type]) -> None:
        found = sorted(reachable(kinds), key=lambda kind: kind.__name__)
        for one, other in pairwise(found):
            if one.__name__ == other.__name__:
                where = f"{one.__module__} and {other.__module__}"
                raise ValueError(f"kinds has two classes {one.__name__}, of {where}: give one another name")
        self._named = {kind.__name__: kind for kind in found}
        self.messages = tuple(kind for kind in found if field_names(kind) is not None)
        self.values = Values(self._tagged, self._untagged)
        self._coders: dict[type, Coder] = {}
        for kind in self.messages:
            self._message_coder(kind)
        self._encoders = {kind: (index, self._coders[kind].encode) for index, kind in enumerate(self.messages)}
        self._decoders = [self._coders[kind].decode for kind in self.messages]

    @classmethod
    def of(cls, *nodes: type[Node], more: Iterable[type] = ()) -> Vocabulary:
        """All messages and enums that the modules of these classes of nodes, and of their bases, know by name."""
        modules = {base.__module__ for node in nodes for base in node.__mro__ if base is not object}
        known = (each for name in sorted(modules) for each in vars(sys.modules[name]).values())
        return cls([*(each for each in known if isinstance(each, type) and _is_word(each)), *more])

    @property
    def digest(self) -> str:
        """A short text that is the same where names, fields and their types are."""
        said = [f"{kind.__name__}({', '.join(_spelled(kind))})" for kind in self._named.values()]
        return sha256("\n".join(said).encode()).hexdigest()[:16]

    def pack(self, message: Any) -> Packed:
        """A message as JSON data; raises AuthorError for one that the cluster does not know, or with wrong values."""
        try:
            index, encode = self._encoders[type(message)]
        except KeyError:
            known = ", ".join(kind.__name__ for kind in self.messages)
            raise AuthorError(f"{message!r} is no message of this cluster, which knows {known}") from None
        try:
            return index, encode(message)
        except TypeError as error:
            raise AuthorError(f"{message!r} can't be sent as its class says: {error}") from None

    def unpack(self, index: Any, fields: Any) -> Any:
        """The message that was packed so; raises Malformed."""
        if type(index) is not int or not 0 <= index < len(self._decoders):
            raise Malformed(f"there is no message {index!r}: the last is {len(self._decoders) - 1}")
        try:
            return self._decoders[index](fields)
        except RecursionError:
            raise Malformed("a message is too deep") from None

    def _tagged(self, value: Any) -> list[Any]:
        if isinstance(value, Enum):
            if self._named.get(type(value).__name__) is not type(value):
                raise TypeError(f"{value!r} is of no enum of this cluster")
            return ["e", type(value).__name__, value.value]
        index, fields = self.pack(value)
        return ["m", self.messages[index].__name__, fields]

    def _untagged(self, letter: str, rest: list[Any]) -> Any:
        name, data = rest
        kind = self._named.get(name) if isinstance(name, str) else None
        if kind is None or (letter == "e") != issubclass(kind, Enum) or letter not in "em":
            raise Malformed(f"there is no {letter!r} with the name {name!r}")
        return kind(data) if letter == "e" else self._coders[kind].decode(data)

    def _message_coder(self, kind: type) -> Coder | None:
        """The coder of a class of messages; None for any other class."""
        names = field_names(kind)
        if names is not None and kind not in self._coders:
            self._coders[kind] = Coder(lambda value: later.encode(value), lambda data: later.decode(data))
            hints = _hints(kind)
            coders = {name: coder_for(hints[name], self.values, self._message_coder) for name in names}
            later = self._coders[kind] = message_coder(kind, coders)
        return self._coders.get(kind)


def reachable(kinds: Iterable[type]) -> set[type]:
    """These classes of messages, and all messages and enums that their fields can hold."""
    found: set[type] = set()
    left = [*kinds]
    while left:
        kind = left.pop()
        if kind not in found:
            found.add(kind)
            if field_names(kind) is not None:
                left += [each for hint in _hints(kind).values() for each in _parts(hint)]
    return found


def _is_word(kind: type) -> bool:
    """Whether a class is one of messages, or an enum that has members."""
    return field_names(kind) is not None or (issubclass(kind, Enum) and len(kind) > 0)


def _parts(annotation: Any) -> list[type]:
    """The messages and enums in an annotation."""
    if isinstance(annotation, type) and _is_word(annotation):
        return [annotation]
    return [each for inner in get_args(annotation) for each in _parts(inner)]


def _hints(kind: type) -> dict[str, Any]:
    """The annotations of a message; any plain data where a name in them can't be found."""
    try:
        return get_type_hints(kind)
    except NameError:
        return dict.fromkeys(field_names(kind) or (), Any)


def _spelled(kind: type) -> Iterable[str]:
    """The fields of a message as they stand in its source, or the values of an enum."""
    if issubclass(kind, Enum):
        return [repr(member.value) for member in kind]
    return [f"{field.name}: {_source(field.type)}" for field in fields(kind)]  # type: ignore[arg-type]


def _source(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else formatannotation(annotation)
