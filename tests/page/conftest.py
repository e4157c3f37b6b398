"""Fixtures: Pyodide under Node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.page.inside import Inside


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Inside:
    """Pyodide as the site has it, booted by Node for each run."""
    from tests.page.inside import make  # a page reads this file too, and has no Node

    return make(tmp_path_factory.mktemp("pyodide"))
