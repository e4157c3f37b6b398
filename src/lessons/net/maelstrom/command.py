"""The command ``maelstrom``: be a node of Maelstrom, on the standard streams."""

from __future__ import annotations

import argparse
import asyncio
import sys
from threading import Thread
from typing import Any

from lessons.net.maelstrom.envelope import LONGEST
from lessons.net.maelstrom.post import Post
from lessons.net.maelstrom.services import find


def add_maelstrom(commands: Any) -> None:
    """Add the command to ``commands``, the subparsers of a command line; its ``run`` takes the arguments."""
    parser = commands.add_parser(
        "maelstrom",
        help="be a node of Maelstrom, on the standard streams",
        description="Read messages of Maelstrom's protocol from the standard input, a line each, and write ours to the "
        "standard output, until the input ends.",
    )
    parser.add_argument("service", help="a workload, such as lin-kv; a name that is none shows all")
    parser.set_defaults(run=run_maelstrom)


async def run_maelstrom(chosen: argparse.Namespace) -> int:
    """Be a node until the input ends, or until the node's code fails: then its error is raised."""
    post = Post(find(chosen.service), write)
    loop = asyncio.get_running_loop()
    Thread(target=read, args=(loop, post), daemon=True).start()
    await post.ended
    return 0


def write(line: str) -> None:
    """Send a line at once: who waits for it sees nothing of what is buffered."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def read(loop: asyncio.AbstractEventLoop, post: Post) -> None:
    """Take lines as they come, in a thread: the standard input may be a pipe, a file or a terminal."""
    # One that is too long comes in pieces, each of which is refused.
    while line := sys.stdin.buffer.readline(LONGEST + 2):
        loop.call_soon_threadsafe(post.take, line)
    loop.call_soon_threadsafe(end, post)


def end(post: Post) -> None:
    """The input has ended."""
    if not post.ended.done():
        post.ended.set_result(None)
