"""What queueing theory predicts for a pool: Erlang's formulas, and the bounded queue M/M/c/K.

Arrivals are random at a constant rate, service times exponential (the two M), ``servers`` is c, the
number of workers. ``load`` is the arrival rate times the mean service time, in erlangs: the mean
number of busy workers if no job were turned away.

Source: A. K. Erlang, Solution of some Problems in the Theory of Probabilities of Significance in
Automatic Telephone Exchanges, Elektroteknikeren 13 (1917).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class Prediction:
    """Steady state of a queue: times in seconds, ``blocked`` the part of the jobs that find it full."""

    queued: float
    wait: float
    utilisation: float
    blocked: float = 0.0


def erlang_b(servers: int, load: float) -> float:
    """The part of the arrivals that find every server busy, where nobody waits: M/M/c/c.

    Computed by Erlang's recursion, which neither overflows nor cancels. Raises ValueError.
    """
    _check(servers, load)
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The part of the arrivals that must wait, where the queue has no bound: M/M/c.

    Raises ValueError, also for a load of ``servers`` or more: the queue then grows for ever.
    """
    busy = erlang_b(servers, load)
    if load >= servers:
        raise ValueError(f"load is {load!r}: it must be below {servers}, the number of servers")
    return busy / (1 - load / servers * (1 - busy))


def unbounded_queue(servers: int, rate: float, service: float) -> Prediction:
    """M/M/c: ``rate`` jobs a second arrive, each takes ``service`` seconds on average. Raises ValueError."""
    load = _load(rate, service)
    waiting = erlang_c(servers, load)
    queued = waiting * load / (servers - load)
    return Prediction(queued, queued / rate, load / servers)


def bounded_queue(servers: int, room: int, rate: float, service: float) -> Prediction:
    """M/M/c/K: like M/M/c, but a job that finds ``room`` jobs queued is turned away. Raises ValueError.

    The waiting time is that of the jobs let in. Every load is allowed; with room 0 it is Erlang's B.
    """
    load = _load(rate, service)
    _check(servers, load)
    if not room >= 0:
        raise ValueError(f"room is {room!r}: it must be 0 jobs or more")
    busy, ratio = erlang_b(servers, load), load / servers
    # Weights of 0, 1, 2 ... jobs queued while all servers are busy, the largest of them 1.
    shift = room if ratio > 1 else 0
    weights = [busy * ratio ** (queued - shift) for queued in range(room + 1)]
    total = sum(weights) + (1 - busy) * ratio**-shift
    queued = sum(number * weight for number, weight in enumerate(weights)) / total
    blocked = weights[-1] / total
    return Prediction(queued, queued / (rate * (1 - blocked)), load * (1 - blocked) / servers, blocked)


def _load(rate: float, service: float) -> float:
    for name, value in (("rate", rate), ("service", service)):
        if not (isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value!r}: it must be a finite number over 0")
    return rate * service


def _check(servers: int, load: float) -> None:
    if not (isinstance(servers, int) and servers >= 1):
        raise ValueError(f"servers is {servers!r}: it must be a whole number of 1 or more")
    if not (isfinite(load) and load > 0):
        raise ValueError(f"load is {load!r}: it must be a finite number of erlangs over 0")
