"""Group commit: nothing leaves before what it rests on is durable, and one sync serves all who wait."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lessons.net.commits import Commits
from lessons.net.errors import StorageFailed
from lessons.node import Node
from tests.net.places import Ping, Pong, running, setups, until


class Disk:
    """Counts flushes; fails when it is told to."""

    def __init__(self) -> None:
        self.flushes = self.tidied = 0
        self.error: Exception | None = None

    def flush(self) -> None:
        self.flushes += 1
        if self.error is not None:
            raise self.error

    def tidy(self) -> None:
        self.tidied += 1


class ByHand(Executor):
    """Runs what it is given when a test says so."""

    def __init__(self) -> None:
        self.given: list[tuple[Any, Future[Any]]] = []

    def submit(self, call: Any, /, *args: Any, **named: Any) -> Future[Any]:
        self.given.append((call, Future()))
        return self.given[-1][1]

    def run_one(self) -> None:
        call, future = self.given.pop(0)
        future.set_result(call())


def test_what_is_said_after_a_sync_waits_for_it_and_the_order_stays() -> None:
    async def run() -> None:
        disk, shipped, hand = Disk(), [], ByHand()
        commits = Commits(asyncio.get_running_loop(), disk, shipped.append, pytest.fail, hand)
        assert commits.open
        commits.ask()
        commits.hold("one")
        commits.hold("two")
        await asyncio.sleep(0)
        commits.ask()  # while the first is under way
        commits.hold("three")
        assert shipped == [] and not commits.open
        hand.run_one()
        await until(lambda: shipped == ["one", "two"])
        assert not commits.open
        await until(lambda: hand.given)
        hand.run_one()
        await until(lambda: commits.open)
        assert shipped == ["one", "two", "three"] and (disk.flushes, disk.tidied) == (2, 1)

    asyncio.run(run())


@pytest.mark.parametrize("threads", [0, 1])
def test_one_flush_serves_all_who_ask_in_one_turn(threads: int) -> None:
    async def run() -> None:
        disk, shipped = Disk(), []
        executor = ThreadPoolExecutor(1) if threads else None
        commits = Commits(asyncio.get_running_loop(), disk, shipped.append, pytest.fail, executor)
        for number in range(100):
            commits.ask()
            commits.hold(number)
        await until(lambda: commits.open)
        assert shipped == [*range(100)] and disk.flushes == 1

    asyncio.run(run())


@pytest.mark.parametrize("threads", [0, 1])
def test_after_a_failed_flush_nothing_leaves(threads: int) -> None:
    async def run() -> None:
        disk, shipped, failures = Disk(), [], []
        disk.error = StorageFailed("lost")
        executor = ThreadPoolExecutor(1) if threads else None
        commits = Commits(asyncio.get_running_loop(), disk, shipped.append, failures.append, executor)
        commits.ask()
        commits.hold("a promise")
        await until(lambda: failures)
        assert failures == [disk.error] and shipped == [] and not commits.open

    asyncio.run(run())


class Keeper(Node):
    """Writes and syncs before it answers; says something before that, too."""

    def start(self) -> None:
        self.got: list[Any] = []

    def on_ping(self, sender: str, ping: Ping) -> None:
        self.send(sender, Pong(-ping.number))
        self.disk.put("last", ping.number)
        self.disk.sync()
        self.reply(Pong(ping.number))

    def on_pong(self, sender: str, pong: Pong) -> None:
        self.got.append(pong.number)


def test_a_node_whose_disk_fails_ends_and_its_promise_never_leaves(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(setups("n1", "n2", folder=tmp_path), Keeper) as at:
            disk: Any = at["n2"]._disk
            disk.flush = broken
            at["n1"].node.send("n2", Ping(5))
            await until(at["n2"].ended.done)
            assert isinstance(at["n2"].ended.exception(), StorageFailed)
            await until(lambda: at["n1"].node.got == [-5])

    def broken() -> None:
        raise StorageFailed("the disk is gone")

    asyncio.run(run())


@pytest.mark.parametrize("beside", [False, True])
def test_answers_come_when_the_disk_has_what_they_say(tmp_path: Path, beside: bool) -> None:
    async def run() -> None:
        async with running(setups("n1", "n2", folder=tmp_path), Keeper, beside=beside) as at:
            for number in range(1, 51):
                at["n1"].node.send("n2", Ping(number))
            await until(lambda: len(at["n1"].node.got) == 100)
            assert [number for number in at["n1"].node.got if number > 0] == [*range(1, 51)]
            assert at["n2"].node.disk.get("last") == 50

    asyncio.run(run())
