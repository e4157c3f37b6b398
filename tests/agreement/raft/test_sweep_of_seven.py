"""Random runs of clusters of seven servers, with everything that can go wrong: safe throughout, served in the end."""

from __future__ import annotations

import pytest

from tests.agreement.raft.sweeps import groups, verdicts


@pytest.mark.parametrize("seeds", groups(80), ids=str)
def test_no_property_is_broken_and_every_command_is_confirmed(seeds: range) -> None:
    assert verdicts(seeds, size=7) == {}
