"""Chapters' clusters on TCP: every protocol runs there unchanged, in this process and in processes of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lessons.agreement.raft import Raft
from lessons.agreement.raft.user import Proposer
from lessons.foundations.simulation.counter import Clerk
from lessons.net import Folder, Station, UnknownCluster, find, read_trace
from lessons.net.clusters import chapters
from lessons.net.command import main
from lessons.net.folder import RECORDS
from lessons.net.processes import Processes, statuses, until_all_answer, until_answers
from lessons.node import Node
from tests.net.places import until


def folder(path: Path, chapter: str, nodes: int | None = None) -> Folder:
    return Folder.make(path / "cluster", chapter, find(chapter).servers(nodes))


def together(made: Folder, clients: dict[str, Callable[[], Node]], check: Callable[[dict[str, Station]], Any]) -> None:
    """Run all servers and these clients in this process until ``check`` holds."""
    cluster, names = made.cluster, tuple(made.addresses)

    async def run() -> None:
        makers = {name: partial(cluster.server, name, names) for name in names}
        stations = {name: Station(made.setup(name), make) for name, make in {**makers, **clients}.items()}
        for station in stations.values():
            await station.start()
        await until(lambda: check(stations))
        for station in stations.values():
            await station.stop()

    asyncio.run(run())


def test_chapters_say_what_can_be_run() -> None:
    assert {"agreement/raft", "agreement/replicated_kv", "foundations/simulation", "replication/crdts"} <= {*chapters()}
    for name in chapters():
        cluster = find(name)
        names = cluster.servers()
        kinds = (type(cluster.server(names[0], names)), type(cluster.client("ann", names)))
        assert all(issubclass(kind, Node) for kind in kinds)
        assert find(name.partition("/")[2]) is cluster and cluster.vocabulary.messages


def test_every_chapter_s_client_is_served(tmp_path: Path) -> None:
    """The client that a chapter offers comes to its end with the servers that it offers."""
    for name in chapters():
        made = folder(tmp_path / name, name)
        names = tuple(made.addresses)
        together(
            made,
            {"ann": partial(made.cluster.client, "ann", names)},
            lambda stations: not stations["ann"].busy,
        )


def test_the_counter_counts_each_addition_once(tmp_path: Path) -> None:
    clerks: dict[str, Callable[[], Node]] = dict.fromkeys(("ann", "bob"), lambda: Clerk(20, rest=0.01, patience=0.02))

    def done(stations: dict[str, Station]) -> bool:
        return not any(stations[name].busy for name in clerks) and bool(stations["counter"].node.total == 40)

    together(folder(tmp_path, "simulation"), clerks, done)


def test_replicas_of_a_set_agree(tmp_path: Path) -> None:
    from lessons.replication.crdts.cluster import Shopper

    names = ("n1", "n2", "n3")
    lists = {name: tuple(f"{name}{number}" for number in range(5)) for name in ("ann", "bob")}
    shoppers = {name: partial(Shopper, names, things) for name, things in lists.items()}
    things = {thing for each in lists.values() for thing in each}

    def agree(stations: dict[str, Station]) -> bool:
        return all(set(stations[name].node.value) == things for name in names)

    together(folder(tmp_path, "crdts"), shoppers, agree)


def test_the_store_keeps_what_it_is_told_and_its_history_is_linearizable(tmp_path: Path) -> None:
    from lessons.agreement.replicated_kv.soak import Customer, is_linearizable, nothing_lost
    from lessons.chaos.ledger import Ledger
    from lessons.chaos.trial import Outcome

    made, ledger = folder(tmp_path, "replicated_kv"), Ledger()
    names = tuple(made.addresses)

    async def run() -> None:
        servers = [Station(made.setup(name), lambda: made.cluster.server("", names)) for name in names]
        users = [
            Station(made.setup(name), lambda: Customer(names, rest=0.01), witness=ledger.page(name))
            for name in ("ann-", "bob-", "cat-")
        ]
        for station in [*servers, *users]:
            await station.start()
        await until(lambda: len(ledger.history()) > 150)
        for user in users:
            user.node.enough = True
        await until(lambda: not any(user.busy for user in users))
        for station in [*users, *servers]:
            await station.stop()

    asyncio.run(run())
    outcome = Outcome(ledger.history(), 0.0, ())
    assert [*is_linearizable(outcome)] == [*nothing_lost(outcome)] == []
    assert sum(op.outcome == "ok" for op in outcome.history) > 100


async def leader(made: Folder) -> tuple[str, int]:
    """Who leads, and in which term, as the leader itself says."""
    while True:
        for name, status in (await statuses(made)).items():
            if not isinstance(status, Exception) and status["fields"]["role"] == "leader":
                return name, int(status["fields"]["term"])
        await asyncio.sleep(0.05)


async def propose(made: Folder, *commands: str) -> None:
    """Have commands executed."""
    names = tuple(made.addresses)
    station = Station(made.setup("ann"), lambda: Proposer(servers=names, commands=commands))
    await station.start()
    await until(lambda: station.node.confirmed == len(commands), f"for {commands}")
    await station.stop()


def test_three_processes_elect_write_lose_their_leader_write_on_and_catch_up(tmp_path: Path) -> None:
    made = folder(tmp_path, "raft")

    async def run() -> None:
        with Processes(made, {name: ["--record"] for name in made.addresses}) as processes:
            processes.start_all()
            await until_all_answer(made)
            await propose(made, "x=1", "x=2")
            first, term = await leader(made)
            processes.kill(first)
            await propose(made, "x=3")
            second, later = await leader(made)
            assert second != first and later > term
            processes.start(first)
            wanted = (await until_answers(made, second, made.addresses[second]))["fields"]["commit"]
            while True:
                fields = (await until_answers(made, first, made.addresses[first]))["fields"]
                if fields["commit"] == wanted and fields["role"] == "follower":
                    break
                await asyncio.sleep(0.05)
            assert processes.end() == dict.fromkeys(made.addresses, 0)

    asyncio.run(run())
    trace = read_trace(made.path / RECORDS, made.cluster.vocabulary.values)
    logs = [event.after["entries"] for event in trace.events if "entries" in getattr(event, "after", ())]
    assert [entry.data for entry in max(logs, key=len) if entry.data] == ["x=1", "x=2", "x=3"]


def test_a_cluster_survives_a_stop_of_all(tmp_path: Path) -> None:
    made = folder(tmp_path, "raft")

    async def run() -> None:
        for command in ("x=1", "x=2"):
            with Processes(made) as processes:
                processes.start_all()
                await until_all_answer(made)
                await propose(made, command)

    asyncio.run(run())
    names = tuple(made.addresses)

    async def look() -> None:
        station = Station(made.setup("n1"), lambda: Raft(voters=names))
        await station.start()
        assert [entry.data for entry in station.node.entries if entry.data] == ["x=1", "x=2"]
        await station.stop()

    asyncio.run(look())


# The command line


def command(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lessons.net", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(*arguments: str) -> tuple[int, str, str]:
    process = command(*arguments)
    out, error = process.communicate(timeout=30)
    return process.returncode, out, error


@pytest.fixture
def at(tmp_path: Path) -> Iterator[str]:
    """A folder for a cluster, of which nothing runs any more when the test has failed."""
    yield str(tmp_path / "cluster")
    said("stop", str(tmp_path / "cluster"))


def test_a_cluster_is_run_asked_used_shown_and_stopped_from_the_command_line(at: str, tmp_path: Path) -> None:
    cluster = command("cluster", "raft", "--nodes", "3", "--at", at, "--record")
    assert cluster.stdout is not None
    lines = [cluster.stdout.readline() for _ in range(4)]
    assert lines[0].startswith("n1 at 127.0.0.1:") and "agreement/raft runs" in lines[3]
    code, out, error = said("client", "--at", at, "--name", "ann")
    assert (code, error) == (0, "") and "Propose('x=10')" in out and out.count(", ok") >= 10
    code, out, _ = said("status", at)
    assert code == 0 and out.count(": Raft, process ") == 3 and "role=leader" in out
    pids = [line.partition(", process ")[2].partition(",")[0] for line in out.splitlines() if ", process " in line]
    os.kill(int(pids[2]), signal.SIGKILL)
    assert cluster.stderr is not None
    assert cluster.stderr.readline().startswith("n3 ended with code -9: see ")
    again = command("node", "--at", at, "--name", "n3", "--record")
    asyncio.run(until_all_answer(Folder.read(Path(at))))
    code, out, _ = said("stop", at)
    assert again.wait(30) == 0
    assert out.split("\n")[:3] == ["n1 stops", "n2 stops", "n3 stops"]
    assert cluster.wait(30) == 1  # one of its processes was killed
    code, out, _ = said("trace", at)
    assert code == 0 and "AppendEntries" in out and "starts" in out
    code, out, _ = said("status", at)
    assert code == 1 and "does not answer" in out
    logs = [json.loads(line) for line in (tmp_path / "cluster/logs/n1.log").read_text().splitlines()]
    assert [line["event"] for line in logs][:1] == ["starts"] and logs[-1]["event"] == "stops"
    assert (tmp_path / "cluster/secret").stat().st_mode & 0o077 == 0


def test_sigterm_ends_a_cluster_in_good_order(tmp_path: Path) -> None:
    cluster = command("cluster", "simulation", "--at", str(tmp_path / "c"))
    assert cluster.stdout is not None
    cluster.stdout.readline()
    cluster.send_signal(signal.SIGTERM)
    assert cluster.wait(30) == 0
    assert '"event": "stops"' in (tmp_path / "c/logs/counter.log").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cluster", "--at", "new"], "name its chapter, one of agreement/raft"),
        (["cluster", "nothing", "--at", "new"], "nothing offers no cluster: those that do are agreement/raft"),
        (["cluster", "simulation", "--nodes", "3", "--at", "new"], "number of nodes is 3: it must be 1"),
        (["cluster", "raft", "--nodes", "0", "--at", "new"], "number of nodes is 0: it must be 1 or more"),
        (["status", "new"], "has no cluster"),
        (["node", "--at", "new", "--name", "n1"], "has no cluster"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, error = said(*arguments)
    assert code == 2 and words in error and not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cluster", "raft"], "has a cluster of foundations/simulation"),
        (["cluster", "--nodes", "3"], "has a cluster of 1"),
        (["node", "--name", "n9"], "--name is 'n9': the servers are counter"),
        (["node", "--name", "counter", "--dial", "n9=127.0.0.1:1"], "--dial names n9"),
        (["node", "--name", "counter", "--dial", "counter"], "write host:port"),
        (["client", "--name", "counter"], "which is a server"),
    ],
)
def test_what_does_not_fit_a_folder_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    made = folder(tmp_path, "simulation")
    assert main([*arguments, "--at", str(made.path)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "chapter = 1", 'chapter = "nothing"\n[nodes]', 'chapter = "raft"\nnodes = 3', "?"]
)
def test_a_folder_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "cluster.toml").write_text(text)
    (tmp_path / "secret").write_text("x" * 32)
    with pytest.raises(UnknownCluster):
        Folder.read(tmp_path)


def test_a_name_leads_to_chapters_and_nowhere_else() -> None:
    for name in ("os", "../os", "agreement.raft", "agreement/raft/cluster", "node/node", "", "/"):
        with pytest.raises(UnknownCluster):
            find(name)
