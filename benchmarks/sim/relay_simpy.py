"""The relay in SimPy: with a process and a Store for each node, in two ways, and with bare callbacks of timeouts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from random import Random
from typing import Any

from benchmarks.race import Work
from benchmarks.sim.relay import HIGH, LOW, NODES, until


def others(items: list[Any], own: int) -> list[Any]:
    """All items but the one at ``own``."""
    return items[:own] + items[own + 1 :]


def store(deliveries: int) -> Work:
    """A node is a process that waits for its Store; a message is a Timeout whose callback puts it there."""
    import simpy

    env, counts = simpy.Environment(), [0] * NODES
    random, span, timeout = Random(1).random, HIGH - LOW, simpy.Timeout

    def arrival(store: Any) -> Callable[[Any], None]:
        put = store.put
        return lambda event: put(event.value)

    def relay(number: int, peers: list[Callable[[Any], None]]) -> Generator[Any, Any, None]:
        get, many = stores[number].get, len(peers)
        timeout(env, LOW + span * random(), object()).callbacks.append(peers[0])
        while True:
            token = yield get()
            counts[number] += 1
            timeout(env, LOW + span * random(), token).callbacks.append(peers[int(random() * many)])

    stores = [simpy.Store(env) for _ in range(NODES)]
    arrivals = [arrival(store) for store in stores]
    for number in range(NODES):
        env.process(relay(number, others(arrivals, number)))
    return Work(lambda: env.run(until(deliveries)), lambda: sum(counts))


def cable(deliveries: int) -> Work:
    """The same, with a process for each message, as in "Event Latency" among the examples of SimPy's documentation."""
    import simpy

    env, counts = simpy.Environment(), [0] * NODES
    random, span = Random(1).random, HIGH - LOW

    def latency(store: Any, token: object) -> Generator[Any, Any, None]:
        yield env.timeout(LOW + span * random())
        store.put(token)

    def relay(number: int, peers: list[Any]) -> Generator[Any, Any, None]:
        env.process(latency(peers[0], object()))
        while True:
            token = yield stores[number].get()
            counts[number] += 1
            env.process(latency(peers[int(random() * len(peers))], token))

    stores = [simpy.Store(env) for _ in range(NODES)]
    for number in range(NODES):
        env.process(relay(number, others(stores, number)))
    return Work(lambda: env.run(until(deliveries)), lambda: sum(counts))


def bare(deliveries: int) -> Work:
    """A node is a function; a message is a Timeout with that function as its callback. No process, no Store."""
    import simpy

    env, counts = simpy.Environment(), [0] * NODES
    random, span, timeout = Random(1).random, HIGH - LOW, simpy.Timeout
    peers: list[list[Callable[[Any], None]]] = []

    def relay(number: int) -> Callable[[Any], None]:
        many = NODES - 1

        def receive(event: Any) -> None:
            counts[number] += 1
            to = peers[number][int(random() * many)]
            timeout(env, LOW + span * random(), event.value).callbacks.append(to)

        return receive

    nodes = [relay(number) for number in range(NODES)]
    peers.extend(others(nodes, number) for number in range(NODES))
    for mine in peers:
        timeout(env, LOW + span * random(), object()).callbacks.append(mine[0])
    return Work(lambda: env.run(until(deliveries)), lambda: sum(counts))
