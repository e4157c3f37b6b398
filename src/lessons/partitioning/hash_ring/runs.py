"""A cache of several nodes in front of a database, to see what a placement does to both when a node joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from math import ceil

from lessons.check import invariant
from lessons.node import Client, Node, message
from lessons.partitioning.hash_ring.numbered import Modulo
from lessons.partitioning.hash_ring.placement import Placement
from lessons.sim import Simulation, State


@message
class Get:
    """Ask for the value of ``key``."""

    key: str


@message
class Value:
    """The answer."""

    key: str


class Database(Node):
    """Has every key, and counts how often it is asked for each: it is slow, and must be spared."""

    watched = ("asked",)

    def start(self) -> None:
        """Nobody has asked for anything."""
        self.asked = 0

    def on_get(self, cache: str, get: Get) -> None:
        """Answer."""
        self.asked += 1
        self.reply(Value(get.key))


class Cache(Node):
    """Keeps what was asked for once; asks the database for what it does not have."""

    watched = ("held",)

    def start(self) -> None:
        """An empty cache."""
        self.held: tuple[str, ...] = ()

    async def on_get(self, web: str, get: Get) -> None:
        """Answer from memory, else from the database."""
        if get.key not in self.held:
            await self.call("database", get)
            self.held = (*self.held, get.key)
        self.reply(Value(get.key))


class Web(Client):
    """A web server: reads ``keys`` keys through the caches, learns of one cache more, and reads them all again."""

    watched = ("keys", "caches", "joined")

    def __init__(self, by: type[Placement], caches: tuple[str, ...], newcomer: str, keys: int) -> None:
        self.placement, self.newcomer, self.many = by(caches), newcomer, keys

    def start(self) -> None:
        """Draw keys; the newcomer is not known yet."""
        self.joined = ""
        self.keys = tuple(f"k{number}" for number in sorted(self.rng.sample(range(1000), self.many)))
        super().start()

    @property
    def caches(self) -> int:
        """How many caches are in use."""
        return len(self.placement.members)

    async def session(self) -> None:
        """Read everything, twice."""
        await self.read_all()
        self.placement, self.joined = self.placement.with_node(self.newcomer), self.newcomer
        self.note(f"{self.newcomer} joins")
        await self.read_all()

    async def read_all(self) -> None:
        """Read every key from the cache that the placement names."""
        for key in self.keys:
            await self.call(self.placement.owner(key), Get(key))


@invariant("When a cache joins, the database is asked again for at most twice the share of one cache.")
def Spared(state: State) -> str | None:
    """What the owner of the database has agreed to."""
    web = state["web"]
    keys = len(web.keys)
    again = state["database"].asked - keys
    if web.joined and again > ceil(2 * keys / web.caches):
        return f"{again} of {keys} keys are fetched again since 1 of {web.caches} caches joined"
    return None


@invariant("A key moves only to the cache that joined.", cite="Karger et al. 1997, monotonicity")
def Settled(state: State) -> str | None:
    """I2, as the caches see it: no key is in two of them that were there before."""
    copies = Counter(key for cache in state.of("Cache") if cache.name != state["web"].joined for key in cache.held)
    key, count = copies.most_common(1)[0] if copies else ("", 0)
    return f"{key} is in {count} of the caches that were there before" if count > 1 else None


def cache_run(
    seed: int,
    by: type[Placement] = Modulo,
    *,
    caches: int = 3,
    keys: int = 12,
    rules: Iterable[Callable[..., object]] = (Settled,),
) -> Simulation:
    """A database, ``caches`` caches, one more that joins, and a web server that finds its keys ``by`` a placement."""
    names = tuple(f"cache{number}" for number in range(1, caches + 2))
    sim = Simulation(seed, invariants=rules)
    sim.add("database", Database)
    sim.add(names, Cache)
    sim.add("web", Web, by=by, caches=names[:-1], newcomer=names[-1], keys=keys)
    return sim
