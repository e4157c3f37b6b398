"""Labs for the tests of labs: a small one that runs in no time, a board, and a desk that knows them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

from lessons.check import invariant
from lessons.lab import BoardLab, Choice, Lab, Number, Refused, Span, Switch, Text, Whole
from lessons.lab.desk import Desk
from lessons.lab.lab import Declared
from lessons.node import Client, Node, TimedOut, message
from lessons.sim import Constant, DiskModel, Link, Simulation, State
from lessons.viz import Verdict, verdict
from lessons.viz.markup import escape


@message
class Add:
    amount: int
    to: str = ""


@message
class Total:
    value: int


class Counter(Node):
    """Keeps a total, on its disk too, and tells its peers of it."""

    watched = ("total",)

    def start(self) -> None:
        self.total: int = self.disk.get("total", 0)
        self.every(0.1, self.tell)

    def tell(self) -> None:
        self.broadcast(Total(self.total))

    def on_total(self, sender: str, total: Total) -> None:
        self.keep(max(self.total, total.value))

    def on_add(self, sender: str, add: Add) -> None:
        self.keep(self.total + add.amount)
        self.reply(Total(self.total))

    def keep(self, total: int) -> None:
        self.total = total
        self.disk.put("total", total)
        self.disk.sync()


class Forgetful(Counter):
    """The first draft: it syncs nothing."""

    def keep(self, total: int) -> None:
        self.total = total


class Clerk(Client):
    """Does what it is asked to."""

    async def ask_add(self, amount: int = 1, to: str = "a") -> None:
        """Have a number added."""
        with suppress(TimedOut):
            await self.request(to, Add(amount), timeout=0.5)

    async def ask_say(
        self, words: str, loud: bool = False, to: Sequence[str] = (), way: Literal["post", "phone"] = "post"
    ) -> None:
        """Say something."""
        self.note(words, loud=loud, to=tuple(to), way=way)

    async def ask_nonsense(self, share: float, name: str | None = None) -> None:
        """Fail, if the share is 1."""
        if share == 1.0:
            raise RuntimeError("all of it")


@invariant("No total is over a hundred.")
def Grows(state: State) -> str | None:
    """No total is over a hundred."""
    return next(
        (f"{name} has {state[name].total}" for name in state if name != "ann" and state[name].total > 100), None
    )


def counters(
    seed: int | str = 1,
    *,
    servers: int = 3,
    latency: float = 0.02,
    pause: tuple[float, float] = (0.1, 0.2),
    strict: bool = True,
    kind: type[Counter] = Counter,
    motto: str = "",
) -> Simulation:
    """Counters a, b, ... and the clerk ann."""
    names = "abcdefgh"[:servers]
    link = Link(Constant(latency), loss=0.05, duplicate=0.05)
    sim = Simulation(seed, network=link, disk=DiskModel(sync=0.001), invariants=[Grows] if strict else [])
    sim.add(list(names), kind)
    sim.add("ann", Clerk)
    return sim


def judged(trace: Any) -> Verdict | None:
    """How many operations there were, if any."""
    count = len(trace.history())
    return verdict(f"{count} operations <b>", holds=True) if count else None


COUNTERS = Lab(
    "tests/counters",
    counters,
    title="Counters",
    caption="Three counters tell each other of their totals.",
    horizon=0.6,
    opening=[{"at": 0.2, "do": "ask", "client": "ann", "wish": "add", "args": [2, "b"]}],
    parameters={
        "servers": Whole(1, 8, help="How many there are."),
        "latency": Number(0.001, 1, 0.001, "s"),
        "pause": Span(0, 2, 0.1, "s"),
        "strict": Switch(),
        "kind": Choice({"counter": Counter, "forgetful": Forgetful}),
        "motto": Text(),
    },
    judge=judged,
)


class Shelf:
    """Books on a shelf, each once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.names: tuple[str, ...] = ()

    def ask_put(self, title: str, place: int = 0) -> None:
        """Put a book on the shelf."""
        if title in self.names or len(self.names) == self.size:
            raise ValueError(f"title is {title!r}: it must be a book that is not there, and there must be room")
        self.names = (*self.names[:place], title, *self.names[place:])

    def ask_take(self, node: str) -> None:
        """Take a book away."""
        if node not in self.names:
            raise ValueError(f"node is {node!r}: it must be one of {', '.join(self.names)}")
        self.names = tuple(name for name in self.names if name != node)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = ", ".join(self.names) or "nothing"
        return {"text/plain": text, "text/html": f"<p>{escape(text)}</p>"}


def shelf(seed: int | str = 1, *, size: int = 3) -> Shelf:
    """An empty shelf with room for ``size`` books."""
    return Shelf(size)


SHELF = BoardLab(
    "tests/shelf",
    shelf,
    title="A shelf",
    caption="One book.",
    parameters={"size": Whole(1, 9)},
    opening=[("put", ["Emma"])],
)
LABS: dict[str, Declared] = {lab.name: lab for lab in (COUNTERS, SHELF)}


def find(name: object) -> Declared:
    """The lab of that name."""
    if name not in LABS:
        raise Refused(f"lab is {name!r}: the labs are {', '.join(LABS)}")
    return LABS[str(name)]


def desk() -> Desk:
    """A desk that has answered nothing yet."""
    return Desk(find)
