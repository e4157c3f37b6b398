"""What a protocol's author uses: nodes, messages, timers and workflows; nothing of any world.

    @message
    class Add:
        amount: int

    class Counter(Node):
        watched = ("total",)

        def start(self):
            self.total = self.disk.get("total", 0)

        def on_add(self, sender, add):
            self.total += add.amount
            self.disk.put("total", self.total)
            self.disk.sync()
            self.reply(Total(self.total))
"""

from lessons.node.client import Client, Operation
from lessons.node.errors import (
    AuthorError,
    BadDelay,
    Cancelled,
    DiskFull,
    HandlerMissing,
    LessonsError,
    MessageChanged,
    OutsideWorld,
    TimedOut,
    UnknownMessage,
    UnknownNode,
    Unwatchable,
)
from lessons.node.host import Disk, Host, Timer
from lessons.node.message import message
from lessons.node.node import Node
from lessons.node.plain import encode, render, snapshot
from lessons.node.series import Series
from lessons.node.workflow import Future, Task

__all__ = [
    "AuthorError",
    "BadDelay",
    "Cancelled",
    "Client",
    "Disk",
    "DiskFull",
    "Future",
    "HandlerMissing",
    "Host",
    "LessonsError",
    "MessageChanged",
    "Node",
    "Operation",
    "OutsideWorld",
    "Series",
    "Task",
    "TimedOut",
    "Timer",
    "UnknownMessage",
    "UnknownNode",
    "Unwatchable",
    "encode",
    "message",
    "render",
    "snapshot",
]
