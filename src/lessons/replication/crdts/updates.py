"""Updates as plain data: what a user asks of a replica, by name, and how it is done to a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lessons.replication.crdts.errors import BadState
from lessons.replication.crdts.maps import KINDS as CAUSAL
from lessons.replication.crdts.text import Text

Args = Sequence[Any]
Action = Callable[[Any, str, int, Args], Any]

_SWITCH: dict[str, Action] = {
    "enable": lambda flag, replica, time, args: flag.enable(replica),
    "disable": lambda flag, replica, time, args: flag.disable(replica),
}
_TAGGING: dict[str, Action] = {
    "add": lambda state, replica, time, args: state.add(replica, *args),
    "remove": lambda state, replica, time, args: state.remove(*args),
}
_EDITS: dict[str, Action] = {
    "insert": lambda text, replica, time, args: _edit(text, text.insert, replica, args),
    "delete": lambda text, replica, time, args: _edit(text, text.delete, replica, args),
}

#: By type of state and name of update: the function of state, replica, time and arguments that does it.
ACTIONS: dict[str, dict[str, Action]] = {
    "g-counter": {"increment": lambda counter, replica, time, args: counter.increment(replica, *args)},
    "pn-counter": {
        "increment": lambda counter, replica, time, args: counter.increment(replica, *args),
        "decrement": lambda counter, replica, time, args: counter.decrement(replica, *args),
    },
    "counter": {
        "add": lambda counter, replica, time, args: counter.add(replica, *args),
        "reset": lambda counter, replica, time, args: counter.reset(),
    },
    "g-set": {"add": lambda state, replica, time, args: state.add(*args)},
    "2p-set": {
        "add": lambda state, replica, time, args: state.add(*args),
        "remove": lambda state, replica, time, args: state.remove(*args),
    },
    "lww-element-set": {
        "add": lambda state, replica, time, args: state.add(replica, *args, time),
        "remove": lambda state, replica, time, args: state.remove(replica, *args, time),
    },
    "tagged-set": _TAGGING,
    "or-set": _TAGGING,
    "lww-register": {"write": lambda register, replica, time, args: register.write(replica, *args, time)},
    "mv-register": {"write": lambda register, replica, time, args: register.write(replica, *args)},
    "enable-wins-flag": _SWITCH,
    "disable-wins-flag": _SWITCH,
    "map": {
        "update": lambda state, replica, time, args: _inside(state, replica, time, *args),
        "remove": lambda state, replica, time, args: state.remove(*args),
    },
    "text": _EDITS,
    "graph-text": _EDITS,
}


def perform(state: Any, replica: str, name: str, args: Args, time: int = 0) -> Any:
    """Do the update ``name`` to ``state`` as ``replica``, whose clock shows ``time``; returns the delta.

    Raises what the update raises, and BadState for an update that this type does not have.
    """
    actions = ACTIONS[state.kind]
    if not isinstance(name, str) or name not in actions:
        raise BadState(f"name is {name!r}: a {state.kind} has {', '.join(actions)}")
    try:
        return actions[name](state, replica, time, args)
    except TypeError as error:
        raise BadState(f"args is {list(args)!r}: they do not fit {name} ({error})") from error


def told(kind: str, value: Any, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of an update as a specification needs them: a deletion has the characters, too, that it deletes.

    ``kind`` and ``value`` are those of the state before the update.
    """
    text, edit = value, (name, *args)
    if kind == "map" and name == "update" and args[1:2] == ("text",):
        text, edit = value.get(args[0], ""), args[2:]
    elif kind not in ("text", "graph-text"):
        return args
    return (*args, text[edit[1] : edit[1] + edit[2]]) if edit[0] == "delete" and len(edit) == 3 else args


def _edit(text: Text, change: Callable[..., None], replica: str, args: Args) -> Text:
    """An edit of a text, and its delta."""
    before = text.version
    change(replica, *args)
    return text.since(before)


def _inside(state: Any, replica: str, time: int, key: str, kind: str, name: str, *args: Any) -> Any:
    """An update of the value under a key of a map."""
    if kind not in CAUSAL:
        raise BadState(f"kind is {kind!r}: a map holds {', '.join(CAUSAL)}")
    return state.update(key, CAUSAL[kind], lambda inner: perform(inner, replica, name, args, time))
