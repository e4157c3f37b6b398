"""Erlang's formulas against tables, against each other, and their limits."""

from __future__ import annotations

import pytest

from lessons.foundations.simulation.pool.erlang import bounded_queue, erlang_b, erlang_c, unbounded_queue


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [(1, 1.0, 1 / 2), (2, 2.0, 2 / 5), (3, 2.0, 4 / 19), (10, 4.461, 0.01), (100, 84.06, 0.01)],
)
def test_erlang_b_agrees_with_the_tables(servers: int, load: float, blocked: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=2e-3)


@pytest.mark.parametrize(("servers", "load", "waits"), [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9)])
def test_erlang_c_agrees_with_values_found_by_hand(servers: int, load: float, waits: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(waits)


def test_one_server_is_the_textbook_queue() -> None:
    found = unbounded_queue(1, rate=0.8, service=1.0)
    assert (found.queued, found.wait, found.utilisation) == pytest.approx((3.2, 4.0, 0.8))


@pytest.mark.parametrize(("servers", "rate"), [(1, 0.5), (3, 2.4), (8, 7.0)])
def test_a_large_bound_is_no_bound(servers: int, rate: float) -> None:
    bounded, free = bounded_queue(servers, 1000, rate, 1.0), unbounded_queue(servers, rate, 1.0)
    assert (bounded.queued, bounded.wait) == pytest.approx((free.queued, free.wait))


@pytest.mark.parametrize(("servers", "rate"), [(1, 3.0), (4, 1.0), (5, 9.0)])
def test_no_room_is_erlang_b(servers: int, rate: float) -> None:
    found = bounded_queue(servers, 0, rate, 1.0)
    assert (found.blocked, found.queued) == pytest.approx((erlang_b(servers, rate), 0.0))


def test_an_overloaded_queue_is_full_and_sheds_the_rest() -> None:
    found = bounded_queue(2, 100_000, rate=4.0, service=1.0)
    assert (found.blocked, found.queued, found.utilisation) == pytest.approx((0.5, 100_000, 1.0), rel=1e-4)


def test_tiny_loads_and_many_servers_do_not_break_it() -> None:
    assert bounded_queue(200, 3, rate=1e-6, service=1.0).blocked == 0.0
    assert 0 < erlang_b(1000, 1500.0) < 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: erlang_b(0, 1.0), "servers is 0: it must be a whole number of 1 or more"),
        (lambda: erlang_b(2, -1.0), "load is -1.0: it must be a finite number of erlangs over 0"),
        (lambda: erlang_c(2, 2.0), "load is 2.0: it must be below 2, the number of servers"),
        (lambda: unbounded_queue(1, 0.0, 1.0), "rate is 0.0: it must be a finite number over 0"),
        (lambda: bounded_queue(1, -1, 1.0, 1.0), "room is -1: it must be 0 jobs or more"),
        (lambda: bounded_queue(1, 1, 1.0, float("nan")), "service is nan: it must be"),
    ],
)
def test_bad_input_is_named(call: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()  # type: ignore[operator]
