"""EDN, the notation of Clojure and Jepsen: as much of it as histories are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r"""(?:[\s,]|;[^\n]*)*(?:
    (?P<open>\#{|[{\[(]) | (?P<close>[}\])]) |
    "(?P<text>(?:[^"\\]|\\.)*)" |
    (?P<word>[^\s,;"{}\[\]()]+)
    )""",
    re.VERBOSE,
)
_END = re.compile(r"(?:[\s,]|;[^\n]*)*\Z")
_INTEGER, _DECIMAL = re.compile(r"[+-]?[0-9]+N?"), re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?M?")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\"}
_WORDS = {"nil": None, "true": True, "false": False}
_CLOSES = {"[": "]", "(": ")", "{": "}", "#{": "}"}


class Keyword(str):
    """A name such as ``:invoke``; the text is without the colon."""

    __slots__ = ()


def read_edn(text: str) -> list[Any]:
    """The values that ``text`` is made of, one after the other.

    There are nil, true, false, numbers, texts, keywords and symbols; vectors and lists become tuples, sets
    frozen sets, maps dictionaries. Comments and tags are passed over. Raises ValueError, saying where, for anything
    else.
    """
    try:
        return list(_Reader(text).until(""))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"it can't be read: {error}") from error


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def until(self, close: str) -> Iterator[Any]:
        """The values up to the bracket ``close``, or to the end of the text."""
        while True:
            if _END.match(self.text, self.at):
                if close:
                    raise ValueError(f"it ends before a {close}")
                return
            token = _TOKEN.match(self.text, self.at)
            if token is None:
                raise ValueError(f"what begins with {self.text[self.at :].strip()[:20]!r} is no EDN")
            self.at = token.end()
            if token["close"]:
                if token["close"] != close:
                    raise ValueError(f"{token['close']} at column {token.end()} closes nothing")
                return
            if not _is_tag(token["word"] or ""):  # it says of what class the next value is
                yield self._value(token)

    def _value(self, token: re.Match[str]) -> Any:
        if token["text"] is not None:
            return _ESCAPE.sub(_unescaped, token["text"])
        return _word(token["word"]) if token["word"] else self._collection(token["open"])

    def _collection(self, bracket: str) -> Any:
        items = list(self.until(_CLOSES[bracket]))
        if bracket != "{":
            return frozenset(items) if bracket == "#{" else tuple(items)
        if len(items) % 2:
            raise ValueError("a map has a key without a value")
        if len(set(items[::2])) < len(items) // 2:
            raise ValueError("a map has a key twice")
        return dict(zip(items[::2], items[1::2], strict=True))


def _is_tag(word: str) -> bool:
    """Whether a word is a tag; raises ValueError for what else begins so: values left out, numbers that are none."""
    if word.startswith(("##", "#_")):
        raise ValueError(f"{word} is not read here")
    return word.startswith("#")


def _word(word: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    if word.startswith(":") and len(word) > 1:
        return Keyword(word[1:])
    if _INTEGER.fullmatch(word):
        return int(word.removesuffix("N"))
    return float(word.removesuffix("M")) if _DECIMAL.fullmatch(word) else Keyword(word)


def _unescaped(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] == "u" and len(name) == 5:
        return chr(int(name[1:], 16))
    if name not in _ESCAPES:
        raise ValueError(f"\\{name} is no escape")
    return _ESCAPES[name]
