"""What clients can be asked for, as forms: made from the names, types and docstrings of their ``ask_`` methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lessons.lab.fields import Choice, Field, Number, Switch, Text, Texts, Whole
from lessons.lab.moment import Moment
from lessons.lab.offers import Offer
from lessons.lab.state import demand

PREFIX = "ask_"
NAMING_NODES = ("at", "learners", "node", "peer", "server", "servers", "to", "voters")  # parameters that name nodes

Hints = Mapping[str, Mapping[str, Field]]  # wish, its parameter, the field


@dataclass(frozen=True)
class Ask(Offer):
    """An offer to ask a client for something: what is filled in are the arguments of its method, in their order."""

    @property
    def id(self) -> str:
        """See ``Offer``."""
        return " ".join(filter(None, ["ask", self.args["client"], self.args["wish"]]))

    def arguments(self, filled: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Offer``. The defaults at the end are left out: the method has them."""
        names = list(filled)
        while names and names[-1] in self.start and filled[names[-1]] == self.start[names[-1]]:
            names.pop()
        return {**self.args, "args": [filled[name] for name in names]}


def asks(moment: Moment, kinds: Mapping[str, type], users: tuple[type, ...], hints: Hints) -> Iterator[Ask]:
    """What each node of the classes ``users`` that is up can be asked for.

    ``hints`` has fields that the types of a wish's parameters do not tell.
    """
    for node in sorted(moment.status):
        if moment.status[node] == "up" and issubclass(kinds[node], users):
            for wish, method in wishes_of(kinds[node]).items():
                yield ask(node, wish, method, {**fields_of(method), **hints.get(wish, {})}, moment.servers)


def wishes_of(kind: type) -> dict[str, Callable[..., Any]]:
    """The methods of a class that a reader can ask for, by their names without ``ask_``, as written."""
    classes = reversed(kind.__mro__)
    names = dict.fromkeys(name for each in classes for name in vars(each) if name.startswith(PREFIX))
    return {name.removeprefix(PREFIX): getattr(kind, name) for name in names}


def ask(client: str, wish: str, method: Callable[..., Any], fields: Mapping[str, Field], servers: list[str]) -> Ask:
    """The offer to ask ``client`` for what ``method`` does."""
    defaults = {name: each.default for name, each in _parameters(method).items() if each.default is not Parameter.empty}
    start = {name: list(value) if isinstance(value, tuple) else value for name, value in defaults.items()}
    told = {name: _with_nodes(name, each, servers) for name, each in fields.items()}
    label = wish.replace("_", " ").capitalize()
    says = " ".join((method.__doc__ or "").split("\n\n")[0].split())
    return Ask("ask", label, {"node": client} if client else {}, {"client": client, "wish": wish}, told, start, says)


def checked(method: Callable[..., Any], hints: Mapping[str, Field], args: Any) -> list[Any]:
    """Arguments of a wish, each as its field has it; raises Refused for others, whoever made them."""
    fields = {**fields_of(method), **hints}
    demand(isinstance(args, list | tuple), f"args is {args!r}: it must be a list")
    demand(len(args) <= len(fields), f"args are {len(args)}: at most {', '.join(fields) or 'none'} can be given")
    return [each.read(name, value) for (name, each), value in zip(fields.items(), args, strict=False)]


def _with_nodes(name: str, each: Field, servers: Sequence[str]) -> Field:
    """A field that names nodes proposes those that there are."""
    if isinstance(each, Text) and not each.proposals and name in NAMING_NODES:
        return type(each)(tuple(servers), each.optional, help=each.help)
    return each


@cache
def fields_of(method: Callable[..., Any]) -> dict[str, Field]:
    """A field for each parameter of a method; raises TypeError for a type that no form can show."""
    hints = get_type_hints(method)
    return {name: field_of(hints.get(name, str), f"{name} of {method.__qualname__}") for name in _parameters(method)}


def _parameters(method: Callable[..., Any]) -> dict[str, Parameter]:
    return {name: each for name, each in signature(method).parameters.items() if name != "self"}


def field_of(hint: Any, what: str) -> Field:
    """The field for a type."""
    simple: dict[Any, Field] = {bool: Switch(), int: Whole(), float: Number(), str: Text()}
    if hint in simple:
        return simple[hint]
    inside = get_args(hint)
    if get_origin(hint) is Literal:
        return Choice(inside)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Choice([each.value for each in hint])
    if get_origin(hint) in (Union, UnionType) and str in inside:
        return Text(optional=NoneType in inside)
    if get_origin(hint) in (list, tuple, Sequence) and inside[0] is str:
        return Texts()
    raise TypeError(f"{what} is of type {hint}: a form has texts, numbers, switches, choices and lists of texts")
