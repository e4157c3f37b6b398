"""Fixtures of the book's tests: the built site, and its address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import site as builder


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site; it is built anew only when its sources changed."""
    return builder.build()


@pytest.fixture(scope="session")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, served under a sub-path as a project's page often is."""
    top = tmp_path_factory.mktemp("served")
    (top / "some").mkdir()
    (top / "some" / "book").symlink_to(site)
    server = builder.server(0, top)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/book"
    server.shutdown()
    server.server_close()
