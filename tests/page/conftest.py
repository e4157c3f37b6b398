"""Fixtures: Pyodide under Node."""

from __future__ import annotations

import pytest

from tests.page.inside import Inside, make


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Inside:
    """Pyodide as the site has it, booted by Node for each run."""
    return make(tmp_path_factory.mktemp("pyodide"))
