"""Codec: states and deltas as JSON text, and back; what breaks a rule is refused before anything is changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from lessons.replication.crdts import rules
from lessons.replication.crdts.counters import GCounter, PNCounter
from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.lattice import Lattice
from lessons.replication.crdts.maps import KINDS as CAUSAL
from lessons.replication.crdts.orset import TaggedSet
from lessons.replication.crdts.registers import LWWRegister
from lessons.replication.crdts.sets import GSet, LWWElementSet, TwoPhaseSet
from lessons.replication.crdts.text import GraphText

L = TypeVar("L", bound=Lattice)

#: Every type of state that can be written, by the name that stands in its JSON form.
KINDS: dict[str, type[Lattice]] = {
    **{
        kind.kind: kind
        for kind in (GCounter, PNCounter, GSet, TwoPhaseSet, LWWElementSet, TaggedSet, LWWRegister, GraphText)
    },
    **CAUSAL,
}


def dumps(state: Lattice) -> str:
    """``state``, or a delta, as JSON in one line; equal states give equal texts."""
    return json.dumps({"crdt": state.kind, **state.data()}, separators=(",", ":"), ensure_ascii=False)


def loads(text: str | bytes, kind: type[L]) -> L:
    """The state of type ``kind`` in a JSON text.

    Raises BadState, which names what is wrong and the rule, for anything but a state of that type.
    """
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except BadState:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise BadState(f"text is {_cut(text)}: it must be JSON ({error})") from None
    if not isinstance(data, dict) or data.pop("crdt", None) != kind.kind:
        raise BadState(f'text is {_cut(text)}: it must be an object with "crdt": "{kind.kind}"')
    try:
        return kind.of(data)
    except RecursionError:
        raise BadState(f"text is {_cut(text)}: it is nested too deeply") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = rules.unique("an object's names", [name for name, _ in pairs])
    return dict(zip(names, (value for _, value in pairs), strict=True))


def _no_constant(name: str) -> None:
    raise BadState(f"text has {name}: numbers must be finite")


def _cut(text: object) -> str:
    return repr(text if len(repr(text)) < 60 else f"{str(text)[:56]}...")
