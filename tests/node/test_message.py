"""Messages: frozen classes, told apart into those that can change and those that can not, with a handler each."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from enum import Enum
from typing import Any, Optional

import pytest

from lessons.node import message
from lessons.node.message import IMMUTABLE, handler_name, is_message, message_fields
from lessons.node.plain import is_frozen


class Role(Enum):
    LEADER = 1


@message
class Plain:
    number: int
    text: str = "?"


@message
class Nested:
    inner: Plain
    more: tuple[Plain, ...] = ()
    role: Role | None = None
    names: frozenset[str] = frozenset()
    data: bytes | float | bool = b""
    old: Optional[int] = None  # noqa: UP045


@message
class Loose:
    items: list[int]


@message
class Wrapped:
    loose: Loose


@message
class Anything:
    value: Any


@message
class Child(Loose):
    number: int = 0


@message
class BareTuple:
    values: tuple


def test_a_message_is_frozen_comparable_and_has_only_its_fields() -> None:
    assert Plain(1) == Plain(1, "?") != Plain(2)
    with pytest.raises(FrozenInstanceError):
        Plain(1).number = 2  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(Plain(1), "extra", 2)
    assert message_fields(Plain(1)) == {"number": 1, "text": "?"}
    assert list(message_fields(Child([1]))) == ["items", "number"]


def test_only_instances_of_marked_classes_are_messages() -> None:
    class Unmarked(Plain):
        pass

    assert is_message(Plain(1))
    assert not any(map(is_message, [Plain, Unmarked(1), 1, "text", None]))


@pytest.mark.parametrize("value", [5, "text", Plain])
def test_what_is_no_message_has_no_fields(value: object) -> None:
    with pytest.raises(TypeError, match=r"is no message: mark its class with @message"):
        message_fields(value)


@pytest.mark.parametrize("kind", [Plain, Nested])
def test_messages_of_constants_alone_need_no_watching(kind: type) -> None:
    assert kind in IMMUTABLE


@pytest.mark.parametrize("kind", [Loose, Wrapped, Anything, Child, BareTuple])
def test_messages_that_may_hold_what_changes_are_watched(kind: type) -> None:
    assert kind not in IMMUTABLE


@pytest.mark.parametrize(
    ("value", "frozen"),
    [
        (Anything(1), True),
        (Anything((1, "a", frozenset({Plain(1)}), Role.LEADER, None, b"")), True),
        (Anything([1]), False),
        (Anything((1, [2])), False),
        (Anything({}), False),
        (Wrapped(Loose([])), False),
        (bytearray(b""), False),
    ],
)
def test_a_value_is_frozen_if_nothing_in_it_can_change(value: object, frozen: bool) -> None:
    assert is_frozen(value) is frozen


@pytest.mark.parametrize(
    ("name", "handler"),
    [
        ("Add", "on_add"),
        ("RequestVote", "on_request_vote"),
        ("HTTPGet", "on_http_get"),
        ("GetHTTP", "on_get_http"),
        ("Phase2a", "on_phase2a"),
        ("Phase2Accept", "on_phase2_accept"),
        ("ACK", "on_ack"),
    ],
)
def test_the_handler_of_a_message_is_named_after_its_words(name: str, handler: str) -> None:
    assert handler_name(type(name, (), {})) == handler


def test_a_message_class_defined_in_a_function_works_too() -> None:
    @message
    class Local:
        inner: Plain

    assert is_message(Local(Plain(1))) and Local in IMMUTABLE
