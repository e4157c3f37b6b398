"""Fixtures: Pyodide under Node."""

from __future__ import annotations

import pytest

from tests.page import inside as pyodide


@pytest.fixture(scope="session")
def inside(tmp_path_factory: pytest.TempPathFactory) -> pyodide.Inside:
    """Pyodide as the site has it, booted by Node for each run."""
    return pyodide.make(tmp_path_factory.mktemp("pyodide"))
