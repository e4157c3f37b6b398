"""What holds for all tests: a browser and a page in it, laws without a clock, and the order of the files."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from tests.browser import browser, page  # noqa: F401

# A machine with much else to do is no reason to fail. What else is set already, as in a page, stays.
settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Begun first, so that no worker is left alone with one of them at the end.
LONG = (
    "tests/page/",
    "tests/benchmarks/",
    "tests/book/",
    "tests/viz/browser/",
    "tests/lab/browser/",
    "tests/chaos/",
    "notebooks/",
    "tests/agreement/raft/test_sweep_of_",
    "tests/classroom/test_exercises",
    "tests/replication/crdts/test_gossip",
    "tests/net/test_clusters",
    "tests/real/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; the tests of a file stay together, and in their order."""
    items.sort(key=lambda item: next((at for at, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG)))


def pytest_collection_finish() -> None:
    """Take what collecting has made out of the collector's sight: it would look at all of it in many tests."""
    gc.collect()
    gc.freeze()
