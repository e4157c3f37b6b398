"""The simulated network: what a link does to a message, and which links are cut."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lessons.node import encode
from lessons.node.bounds import LARGEST, LEAST, within
from lessons.sim.latency import Latency, Sampler, Uniform, checked

Pair = tuple[str, str]

WITHHELD = "withheld"  # why a message never arrives that was not chosen
DROPPED = "dropped"  # why one never arrives that was taken off its way by hand


@dataclass(frozen=True)
class Link:
    """How one direction between two nodes behaves.

    ``latency`` is a distribution of seconds; ``loss`` and ``duplicate`` are probabilities a message;
    ``reorder`` is the probability that a message may overtake earlier ones (1: datagrams, 0: one
    TCP connection); ``bandwidth`` is bytes a second of the message's JSON form, None for no limit.
    """

    latency: Latency = field(default_factory=lambda: Uniform(0.001, 0.010))
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 1.0
    bandwidth: float | None = None

    def __post_init__(self) -> None:
        if not hasattr(self.latency, "sampler"):
            raise TypeError(f"latency is {self.latency!r}: it must be a distribution, such as Constant(0.01)")
        for name in ("loss", "duplicate", "reorder"):
            if not within(getattr(self, name), 0, 1):
                raise ValueError(f"{name} is {getattr(self, name)!r}: a probability is from 0 to 1")
        if self.bandwidth is not None and not within(self.bandwidth, LEAST, LARGEST):
            raise ValueError(f"bandwidth is {self.bandwidth!r}: it must be over 0 bytes a second, or None")

    @property
    def only_delays(self) -> bool:
        """Whether it does nothing to a message but delay it."""
        return not (self.loss or self.duplicate or self.reorder < 1 or self.bandwidth)


class Network:
    """All links of a world: ``default`` for every pair of nodes, ``links`` for single directions."""

    def __init__(
        self, default: Link | None = None, links: Mapping[Pair, Link] | None = None
    ) -> None:
        self.default = default or Link()
        self.links = dict(links or {})

    def between(self, one: Iterable[str], other: Iterable[str], link: Link) -> Network:
        """This network, with both directions between two groups behaving as ``link``."""
        some, others = list(one), list(other)
        pairs = {(a, b): link for a in some for b in others if a != b}
        backward = {(b, a): link for a, b in pairs}
        return Network(self.default, {**self.links, **pairs, **backward})


class Traffic:
    """A network in use: draws each message's fate, and knows what is cut at the moment."""

    def __init__(self, network: Network, chance: Callable[[str], Random]) -> None:
        self._network = network
        self._latencies = chance("latency")
        self._losses = chance("loss")
        self._copies = chance("duplicate")
        self._orders = chance("reorder")
        self._samplers: dict[int, tuple[Latency, Sampler]] = {}
        self._line_free: dict[Pair, float] = {}
        self._last_arrival: dict[Pair, float] = {}
        self.cuts: set[Pair] = set()
        self.chosen: Mapping[Pair, Container[int]] | None = None  # what gets through, None for everything
        self._numbers: Counter[Pair] = Counter()
        self.first = self.default = network.default
        self.quick: Sampler | None = None
        self.refresh()

    def refresh(self) -> None:
        """Decide whether every message is merely delayed, by one distribution: the quick way."""
        plain = self.default.only_delays and not self._network.links and not self.cuts and self.chosen is None
        self.quick = self._sampler(self.default) if plain else None

    def become(self, network: Network) -> None:
        """From now on behave as ``network``; what was cut stays cut."""
        self._network, self.first, self.default = network, network.default, network.default
        self.refresh()

    def change_default(self, link: Link) -> None:
        """From now on links without rules of their own behave as ``link``."""
        self.default = link
        self.refresh()

    def cut(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Cut these directions; returns those that were not cut before, sorted."""
        fresh = sorted(set(pairs) - self.cuts)
        self.cuts.update(fresh)
        self.refresh()
        return fresh

    def heal(self) -> list[Pair]:
        """Mend all cuts and return them, sorted."""
        healed = sorted(self.cuts)
        self.cuts.clear()
        self.refresh()
        return healed

    def choose(self, chosen: Mapping[Pair, Container[int]], sent: Counter[Pair]) -> None:
        """From now on let through only messages of these numbers; ``sent`` says how many there were before."""
        self.chosen, self._numbers = chosen, sent
        self.refresh()

    def fate(self, pair: Pair, message: Any, now: float) -> list[float] | str:
        """The times at which ``message`` arrives (two for a duplicate), or why it never does."""
        fate = self._fate(pair, message, now)  # drawn for every message, so that the others keep theirs
        if self.chosen is not None:
            self._numbers[pair] += 1
            if self._numbers[pair] not in self.chosen.get(pair, ()):
                return WITHHELD
        return fate

    def _fate(self, pair: Pair, message: Any, now: float) -> list[float] | str:
        if pair in self.cuts:
            return "partition"
        link = self._network.links.get(pair, self.default)
        if link.loss and self._losses.random() < link.loss:
            return "loss"
        copies = 2 if link.duplicate and self._copies.random() < link.duplicate else 1
        return [self._arrival(link, pair, message, now) for _ in range(copies)]

    def _arrival(self, link: Link, pair: Pair, message: Any, now: float) -> float:
        arrival = now + self._sampler(link)()
        if link.bandwidth is not None:
            arrival += self._queueing(link.bandwidth, pair, message, now)
        if link.reorder < 1 and self._orders.random() >= link.reorder:
            arrival = max(arrival, self._last_arrival.get(pair, 0.0))
        self._last_arrival[pair] = max(arrival, self._last_arrival.get(pair, 0.0))
        return arrival

    def _queueing(self, bandwidth: float, pair: Pair, message: Any, now: float) -> float:
        """Seconds to wait for the line, and to put the message on it."""
        size = len(json.dumps(encode(message), separators=(",", ":")))
        free = max(now, self._line_free.get(pair, 0.0)) + size / bandwidth
        self._line_free[pair] = free
        return free - now

    def _sampler(self, link: Link) -> Sampler:
        key = id(link.latency)
        if key not in self._samplers:
            self._samplers[key] = (link.latency, checked(link.latency, self._latencies))
        return self._samplers[key][1]
