"""Choose the election timeout.

If servers wait long before they stand for election, a cluster whose leader has crashed is idle for long. If they wait
too short, or all the same time, they stand against each other and nobody wins. The right range depends on how long a
message takes.

Write `timeouts(latency)`: for a network on which a message takes `latency` seconds one way, in the median, return the
shortest and the longest election timeout in seconds, each server drawing its own in between. After the crash of a
leader, 5 servers must have a new one within 50 latencies in the median of 40 runs, and within 150 in the worst of
them; and they must not stand against a leader that is well.

Measure before you choose: `without_leader(seed, (shortest, longest), latency=latency)` of
`lessons.agreement.raft.measure` is how many seconds nobody leads in one run.
"""

from collections.abc import Callable, Iterator
from statistics import median

from lessons.agreement.raft.measure import without_leader

LEVEL = 2
MINUTES = 25
HINTS = [
    "A candidate has won 2 latencies after it stood. If somebody else stands before that, votes are split. So the "
    "range must be several times 2 latencies wide.",
    "A heartbeat goes out each half of the shortest timeout, and arrives a latency later, sometimes two or three.",
]

Choice = Callable[[float], tuple[float, float]]


def timeouts(latency: float) -> tuple[float, float]: ...  # type: ignore[empty-body]


def in_latencies(latency: float) -> tuple[float, float]:
    return 20 * latency, 50 * latency


def as_in_the_paper(latency: float) -> tuple[float, float]:
    return 0.15, 0.3


def all_the_same(latency: float) -> tuple[float, float]:
    return 20 * latency, 20.1 * latency


def long_ones(latency: float) -> tuple[float, float]:
    return 200 * latency, 400 * latency


def short_ones(latency: float) -> tuple[float, float]:
    return 2 * latency, 20 * latency


stub = timeouts
solution = in_latencies
BUGS = {
    "whatever the network": as_in_the_paper,
    "all the same": all_the_same,
    "too long": long_ones,
    "too short": short_ones,
}


def samples(attempt: Choice) -> Iterator[Callable[[], None]]:
    def measured(latency: float) -> None:
        shortest, longest = attempt(latency)
        assert 0 < shortest <= longest, f"timeouts({latency}) gave {(shortest, longest)}: they must be over 0 and rise"
        assert shortest >= 6 * latency, (
            f"timeouts({latency}) gave {shortest:g} s: a heartbeat that is sent half of that later, and is a little "
            "slow, comes too late, and a leader that is well is challenged"
        )
        limits = {"latency": latency, "patience": 200 * latency}
        times = [without_leader(seed, (shortest, longest), **limits) / latency for seed in range(40)]
        assert median(times) <= 50, f"at {latency} s a message, nobody leads for {median(times):.0f} latencies: over 50"
        assert max(times) <= 150, f"at {latency} s a message, nobody led for {max(times):.0f} latencies once: over 150"

    def a_fast_network_is_made_use_of() -> None:
        measured(0.0005)

    def a_usual_network_is_served() -> None:
        measured(0.005)

    def a_slow_network_has_a_leader_too() -> None:
        measured(0.1)

    return iter([a_fast_network_is_made_use_of, a_usual_network_is_served, a_slow_network_has_a_leader_too])
