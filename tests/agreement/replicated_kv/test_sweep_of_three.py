"""Random runs of three servers, with everything that can go wrong: linearizable throughout, served in the end."""

from __future__ import annotations

import pytest

from tests.agreement.replicated_kv.sweeps import groups, verdicts


@pytest.mark.parametrize("seeds", groups(120), ids=str)
def test_every_history_is_linearizable_and_everybody_is_served(seeds: range) -> None:
    assert verdicts(seeds, "three") == {}
