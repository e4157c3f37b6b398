"""Ports that nobody listens at, on the loopback interface."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from lessons.real.process import PortTaken
from lessons.real.workspace import Workspace

HOST = "127.0.0.1"
ATTEMPTS = 5

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """``count`` different ports that were free a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def on_free_ports(space: Workspace, count: int, start: Callable[[list[int]], T]) -> T:
    """What ``start`` returns for ``count`` free ports; in an empty space it tries again when it raises PortTaken.

    Between our choice and the server's start another process may take a port. Raises PortTaken after 5 attempts.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return start(free_ports(count))
        except PortTaken:
            space.clear()
    return start(free_ports(count))
