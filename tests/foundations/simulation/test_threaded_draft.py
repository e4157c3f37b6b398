"""The test with real threads and sleeps is flaky, as the chapter says."""

from __future__ import annotations

from lessons.foundations.simulation.drafts import Remote, flips, threaded_test


def test_the_same_test_of_the_same_code_passes_and_fails() -> None:
    assert flips(threaded_test)


def test_a_test_that_always_does_the_same_does_not_flip() -> None:
    assert not flips(lambda: True, most=50)


def test_one_clerk_alone_loses_nothing() -> None:
    register = Remote()
    for _ in range(10):
        register.write(register.read() + 1)
    assert register.total == 10
