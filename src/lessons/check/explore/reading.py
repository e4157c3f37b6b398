"""Readings: everything that an object holds, as one value, so that two states can be compared exactly.

Two readings are equal only if the objects can't be told apart by what is in them: types, values, the order of
dictionaries, which places hold the same object, and circles. A workflow that waits is read, too: its code, the
instruction at which it waits, its variables, and what its interpreter keeps beside them (the position of a loop,
say), which CPython shows to the garbage collector. Whatever can't be read (a lock, a file) raises ``Unreadable``.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from enum import Enum
from functools import partial
from random import Random
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

from lessons.node import Series
from lessons.node.plain import is_frozen

Reading = Hashable

_ATOMS = frozenset((int, str, bytes, type(None), CodeType, ModuleType))


class Number(int):
    """The number of a message or an operation: it depends on the order of a run's events, and says nothing else."""

    __slots__ = ()


class Unreadable(Exception):
    """An object holds something of which two can't be compared."""


class Reader:
    """Reads the objects of one state, in a fixed order; a second sight of an object says which it was.

    ``known`` gives names to objects that are the same in all states, by their ``id``; ``meaning`` says what the
    number of a message stands for.
    """

    def __init__(
        self, known: Mapping[int, str] | None = None, meaning: Callable[[Number], Reading] = lambda number: None
    ) -> None:
        self._known, self._meaning = known or {}, meaning
        self._met: dict[int, int] = {}
        self._kept: list[Any] = []  # while it is alive no other object gets its id

    def read(self, value: Any) -> Reading:
        """What ``value`` holds; raises Unreadable."""
        kind = type(value)
        if kind in _ATOMS:
            return value  # type: ignore[no-any-return]
        if id(value) in self._known:
            return Reader, self._known[id(value)]
        plan = _PLANS.get(kind) or _plan(kind)
        if plan.changes:
            if id(value) in self._met:
                return Reader, self._met[id(value)]
            self._met[id(value)] = len(self._met)
            self._kept.append(value)
        inside = plan.inside(self, value) if plan.inside else ()
        return kind, *inside, *[(name, self.read(item)) for name, item in plan.fields(value)]

    def all(self, values: Iterable[Any]) -> Iterator[Reading]:
        """The readings of several values, in order."""
        return map(self.read, values)

    def _pairs(self, value: Mapping[Any, Any]) -> Iterator[Reading]:
        return ((self.read(key), self.read(item)) for key, item in value.items())

    def _members(self, value: Iterable[Any]) -> Iterator[Reading]:
        """A set: its order says nothing, so it must not hold what can be told apart only by its place."""
        items = list(value)
        if not all(map(is_frozen, items)):
            raise Unreadable("a set of objects that can change")
        yield frozenset(self.all(items))

    def _function(self, value: FunctionType) -> Iterator[Reading]:
        return self.all((value.__code__, value.__defaults__, value.__kwdefaults__, value.__closure__))

    def _cell(self, value: CellType) -> Iterator[Reading]:
        with suppress(ValueError):  # it is empty
            yield self.read(value.cell_contents)

    def _workflow(self, value: Any) -> Iterator[Reading]:
        """A coroutine or generator that waits, or is over."""
        frame = value.cr_frame if isinstance(value, CoroutineType) else value.gi_frame
        if frame is None:
            return
        variables = frame.f_locals
        yield from (frame.f_code, frame.f_lasti, tuple(variables))
        held = (item for item in gc.get_referents(value) if item is not variables and type(item) is not FrameType)
        yield from self.all(held)

    def _failure(self, value: BaseException) -> Iterator[Reading]:
        return self.all((value.args, value.__cause__, value.__context__))

    def _pieces(self, value: Any) -> Iterator[Reading]:
        """What it would be made of again: iterators say so, for example."""
        try:
            parts = value.__reduce_ex__(2)
        except TypeError:
            raise Unreadable(f"a {type(value).__name__}") from None
        return self.all(parts if isinstance(parts, tuple) else (parts,))


Inside = Callable[[Reader, Any], Iterable[Reading]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read the objects of a class.

    ``changes`` says whether it matters that two places hold the same one; ``inside`` reads what is not in its
    attributes; ``slots`` are the names of those that are not in its ``__dict__``, which it may have.
    """

    changes: bool
    inside: Inside | None
    slots: tuple[str, ...]
    dictionary: bool

    def fields(self, value: Any) -> Iterator[tuple[str, Any]]:
        """The attributes that an object has, by name."""
        for name in self.slots:
            if hasattr(value, name):
                yield name, getattr(value, name)
        if self.dictionary:
            yield from vars(value).items()


_PLANS: dict[type, Plan] = {}


def _plan(kind: type) -> Plan:
    """The plan for a class, made once."""
    return _PLANS.setdefault(kind, _made_plan(kind))


def _made_plan(kind: type) -> Plan:
    if kind in _VALUES or issubclass(kind, Enum | type):
        return Plan(False, _VALUES.get(kind, lambda reader, value: (value,)), (), False)
    named = [vars(base).get("__slots__", ()) for base in kind.__mro__]
    slots = [name for names in named for name in ((names,) if isinstance(names, str) else names)]
    dictionary = kind.__dictoffset__ != 0 and kind is not FunctionType
    inside = next((read for base, read in _INSIDES.items() if issubclass(kind, base)), None)
    if inside is None and not slots and not dictionary:
        inside = Reader._pieces
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return Plan(not frozen, inside, tuple(name for name in slots if name[:2] != "__"), dictionary)


#: What is in a value that can't change: equal ones need not be told apart.
_VALUES: dict[type, Inside] = {
    bool: lambda reader, value: (int(value),),
    float: lambda reader, value: (value.hex(),),
    Number: lambda reader, value: (reader._meaning(value),),
    tuple: Reader.all,
    frozenset: Reader._members,
    Series: Reader.all,
    MethodType: lambda reader, value: reader.all((value.__self__, value.__func__)),
    BuiltinFunctionType: lambda reader, value: (value.__name__, reader.read(value.__self__)),
    partial: lambda reader, value: reader.all((value.func, value.args, value.keywords)),
}

#: What is in an object beside its attributes.
_INSIDES: dict[type, Inside] = {
    dict: Reader._pairs,
    set: Reader._members,
    list: Reader.all,
    deque: lambda reader, value: (value.maxlen, *reader.all(value)),
    tuple: Reader.all,
    str: lambda reader, value: (str.__str__(value),),
    bytes: lambda reader, value: (bytes(value),),
    int: lambda reader, value: (int(value),),
    float: lambda reader, value: (float.hex(value),),
    bytearray: lambda reader, value: (bytes(value),),
    FunctionType: Reader._function,
    CellType: Reader._cell,
    CoroutineType: Reader._workflow,
    GeneratorType: Reader._workflow,
    BaseException: Reader._failure,
    Random: lambda reader, value: (value.getstate(),),
}
