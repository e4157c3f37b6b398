"""The specification judges runs of real processes on TCP, too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lessons.agreement.raft.formal import steps, validate
from lessons.agreement.raft.formal.__main__ import main
from lessons.agreement.raft.user import Proposer
from lessons.net import Folder, Station, read_trace
from lessons.net.folder import RECORDS
from lessons.net.processes import Processes, until_all_answer
from lessons.real import Missing
from lessons.real.tla.tlc import JAVA
from tests.extras import without
from tests.net.places import until


@pytest.fixture(autouse=True, scope="module")
def java() -> None:
    try:
        JAVA.find()
    except Missing as missing:
        without("formal", missing)


async def propose(made: Folder, *commands: str) -> None:
    """Have commands executed."""
    station = Station(made.setup("ann"), lambda: Proposer(servers=tuple(made.addresses), commands=commands))
    await station.start()
    await until(lambda: station.node.confirmed == len(commands), f"for {commands}")
    await station.stop()


async def run_twice(made: Folder) -> None:
    """Three servers on record; all end, and come back with what is on their disks."""
    for commands in (("x=1", "x=2"), ("x=3",)):
        with Processes(made, {name: ["--record"] for name in made.addresses}) as processes:
            processes.start_all()
            await until_all_answer(made)
            await propose(made, *commands)
            assert processes.end() == dict.fromkeys(made.addresses, 0)


def test_a_run_of_processes_that_end_and_come_back_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Folder.make(tmp_path / "cluster", "agreement/raft", ("n1", "n2", "n3"), 0)
    asyncio.run(run_twice(made))
    trace = read_trace(made.path / RECORDS, made.cluster.vocabulary.values)
    assert sorted(step.server for step in steps(trace) if step.action == "restart") == ["n1", "n2", "n3"]
    verdict = validate([trace])[0]
    assert verdict.accepted, str(verdict)
    assert main(["record", str(made.path)]) == 0
    assert capsys.readouterr().out == f"{verdict}\n"
