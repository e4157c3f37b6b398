"""Chaos for real: the simulator's faults done to processes and links, and a store that keeps its promises."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lessons.agreement.replicated_kv.soak import Customer, finish, is_linearizable, nothing_lost
from lessons.chaos import Outcome, RealFaults, RealWorld, Trial, Unavailable, plan, recovers
from lessons.chaos.__main__ import main
from lessons.chaos.proxies import Front, Proxies
from lessons.net import Address, Folder, Station, find, read_trace
from lessons.net.folder import RECORDS
from lessons.net.processes import Processes
from lessons.sim import Action, Constant, Link, Simulation, Uniform
from lessons.trace import Faulted, Operation
from tests.net.places import Echo, Ping, setups, until

NAMES = ("n1", "n2", "n3", "n4", "n5")


def folder(path: Path, chapter: str = "replicated_kv") -> Folder:
    return Folder.make(path / "cluster", chapter, NAMES)


def test_the_store_keeps_its_promises_while_processes_are_killed_stopped_and_cut_off(tmp_path: Path) -> None:
    """5 processes, 8 clients; each kind of fault, alone and together, for 12 s. ``make soak`` is the long form."""
    script = [
        Action(0.5, "weather", {"loss": 0.1, "duplicate": 0.1, "latency": Constant(0.005)}),
        Action(1.0, "crash", {"node": "n1"}),
        Action(2.0, "partition", {"groups": [["n2", "n3"]]}),
        Action(3.0, "restart", {"node": "n1"}),
        Action(4.0, "heal"),
        Action(4.5, "pause", {"node": "n4"}),
        Action(5.0, "cut", {"sender": "n2", "to": "n5"}),
        Action(6.5, "resume", {"node": "n4"}),
        Action(7.0, "crash", {"node": "n2"}),
        Action(7.0, "crash", {"node": "n3"}),
        Action(7.5, "bridge", {"node": "n1", "left": ["n2", "n3"], "right": ["n4", "n5"]}),
        Action(9.0, "restart", {"node": "n2"}),
        Action(9.5, "isolate", {"node": "n1"}),
        Action(11.0, "restart", {"node": "n3"}),
        Action(12.0, "weather"),
        Action(12.0, "heal"),
    ]
    clients = {f"customer{number}-": partial(Customer, NAMES) for number in range(1, 9)}
    made = folder(tmp_path)
    outcome = asyncio.run(Trial(made, clients, record=True).run(script, finish))
    assert [*recovers(outcome)] == [*is_linearizable(outcome)] == [*nothing_lost(outcome)] == []
    done = [op for op in outcome.history if op.outcome == "ok"]
    assert len(done) > 100 and {op.client for op in done} == {*clients}
    trace = read_trace(made.path / RECORDS, made.cluster.vocabulary.values)
    assert [fault.name for fault in trace.only(Faulted)] == [action.name for action in script]
    assert {"down": ["n1"]} in [fault.effect for fault in trace.only(Faulted)]


def test_the_script_is_that_of_a_simulation() -> None:
    """What the nemesis plans for processes, a simulated world of the same nodes can run, too."""
    script = plan(7, NAMES, 30.0)
    assert {action.name for action in script} >= {"crash", "restart", "heal", "weather"}
    again = [Action.from_json(json.loads(json.dumps(action.to_json()))) for action in script]
    assert again == [*script]
    sim = Simulation(7)
    sim.add(NAMES, Echo)
    sim.apply(script)
    assert [fault.name for fault in sim.run(until=31.0).only(Faulted)] == [action.name for action in script]


# The verdicts can tell


def history(*calls: tuple[str, str, Any, Any]) -> Outcome:
    operations = [
        Operation("ann", place, name, (key,) if value is None else (key, value), place, place + 0.5, "ok", answer)
        for place, (name, key, value, answer) in enumerate(calls)
    ]
    return Outcome(tuple(operations), 1.0, ())


def test_a_lost_or_doubled_append_and_one_that_nobody_looked_for_are_found() -> None:
    appends = (("append", "list1", "a1 ", None), ("append", "list1", "a2 ", None))
    right = history(*appends, ("get", "list1", None, "a1 a2 "))
    assert [*nothing_lost(right)] == [*is_linearizable(right)] == []
    lost = history(*appends, ("get", "list1", None, "a1 "))
    assert [*nothing_lost(lost)] == ["'a2 ' was appended to list1, which has it 0 times"]
    assert [*is_linearizable(lost)]
    twice = history(("append", "list1", "a1 ", None), ("get", "list1", None, "a1 a1 "))
    assert [*nothing_lost(twice)] == ["'a1 ' was appended to list1, which has it 2 times"]
    unread = history(("get", "list1", None, None), ("append", "list1", "a1 ", None))
    assert [*nothing_lost(unread)] == ["list1 was not read after 'a1 ' was appended"]


def test_a_cluster_that_does_not_recover_is_found() -> None:
    assert [*recovers(replace(history(), recovered=None))] == [
        "not every client was served again after everything was repaired"
    ]


def test_a_store_without_disks_loses_what_it_has_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: servers that forget. All are killed, and three of five come back with nothing."""
    import shutil

    class Forgetful(Processes):
        def kill(self, name: str) -> None:
            super().kill(name)
            shutil.rmtree(self.folder.path / name)

    monkeypatch.setattr("lessons.chaos.trial.Processes", Forgetful)
    # The others stay away, so that those who have forgotten elect a leader among themselves.
    forgetting = [Action(2.0, "crash", {"node": name}) for name in ("n4", "n5")]
    forgetting += [Action(2.0, "restart", {"node": name}) for name in ("n1", "n2", "n3")]
    clients = {f"customer{number}-": partial(Customer, NAMES, 0.02) for number in range(1, 5)}
    outcome = asyncio.run(Trial(folder(tmp_path), clients, patience=15.0).run(forgetting, finish))
    assert [*is_linearizable(outcome)] or [*nothing_lost(outcome)]


# Faults


class NoProcesses:
    """Stands for processes that would be killed; remembers what was asked of it."""

    def __init__(self) -> None:
        self.running = dict.fromkeys(NAMES)
        self.done: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        def do(node: str) -> None:
            self.done.append((name, node))
            if name in ("kill", "start"):
                self.running.pop(node, None) if name == "kill" else self.running.update({node: None})

        return do


def faults() -> tuple[RealFaults, NoProcesses, RealWorld]:
    world, processes = RealWorld(1, NAMES, ["ann"], Link(Constant(0.0))), NoProcesses()
    return RealFaults(world, processes), processes, world  # type: ignore[arg-type]


def test_faults_of_processes_say_what_they_have_done_and_do_nothing_twice() -> None:
    do, processes, _ = faults()
    assert do.crash("n1") == {"down": ["n1"]} and do.crash("n1") == {} and do.pause("n1") == {}
    assert do.restart("n1") == {"up": ["n1"]} and do.restart("n1") == {"down": ["n1"], "up": ["n1"]}
    assert do.pause("n2") == {"pause": ["n2"]} and do.pause("n2") == {} and do.resume("n2") == {"resume": ["n2"]}
    assert do.resume("n2") == {} and do.pause("n3") and do.restart("n3") and do.resume("n3") == {}
    assert ("kill", "n1") in processes.done and ("pause", "n2") in processes.done


def test_cuts_are_those_of_the_simulator() -> None:
    do, _, world = faults()
    assert do.partition(["n1", "n2"])["cut"] and {("n1", "n3"), ("ann", "n1")} <= world.traffic.cuts
    assert ("n1", "n2") not in world.traffic.cuts
    assert len(do.heal()["heal"]) == 16 and not world.traffic.cuts


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("step_clock", {"node": "n1", "seconds": 1.0}),
        ("drift_clock", {"node": "n1", "rate": 2.0}),
        ("slow_disk", {"node": "n1", "factor": 2.0}),
        ("limit_disk", {"node": "n1", "capacity": 1}),
        ("deliver_only", {"messages": []}),
        ("drop", {"sender": "n1", "to": "n2", "number": 1}),
        ("delay", {"sender": "n1", "to": "n2", "number": 1, "seconds": 0.1}),
        ("ask", {"client": "ann", "wish": "get"}),
        ("crash", {"node": "n1", "writes": ["lost"]}),
    ],
)
def test_what_no_real_world_can_do_is_said(name: str, args: dict[str, Any]) -> None:
    do, processes, _ = faults()
    with pytest.raises(Unavailable):
        Action(0.0, name, args).perform(do)
    assert processes.done == []


# Proxies


def proxied(link: Link, run: Any) -> None:
    """Let ``run`` have two stations, whose links go through proxies, and the traffic between them."""

    async def both() -> None:
        world = RealWorld(3, ["n1", "n2"], [], link)
        proxies, places = Proxies(world.traffic), setups("n1", "n2")
        dial = {
            "n1": {**places["n1"].dial, "n2": await proxies.between("n1", "n2", places["n2"].dial["n2"])},
            "n2": {**places["n2"].dial, "n1": await proxies.between("n2", "n1", places["n1"].dial["n1"])},
        }
        stations = {name: Station(replace(places[name], dial=dial[name]), Echo) for name in dial}
        for station in stations.values():
            await station.start()
        links = [link for station in stations.values() for link in station.switchboard.links.values()]
        await until(lambda: all(link.way for link in links))
        await run(stations["n1"].node, stations["n2"].node, RealFaults(world, NoProcesses()))  # type: ignore[arg-type]
        for station in stations.values():
            await station.stop()
        proxies.close()

    asyncio.run(both())


async def send_each(sender: Any, numbers: range) -> None:
    """Send pings in frames of their own."""
    for number in numbers:
        sender.send("n2", Ping(number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def test_a_proxy_passes_everything_while_nothing_is_wrong() -> None:
    async def run(n1: Any, n2: Any, do: RealFaults) -> None:
        await send_each(n1, range(100))
        await until(lambda: len(n1.got) == 100)
        assert [number for _, number in n1.got] == [number for _, number in n2.got] == [*range(100)]

    proxied(Link(Constant(0.0), reorder=0.0), run)


def test_frames_that_may_not_overtake_each_other_come_in_order_however_late_they_are() -> None:
    async def run(n1: Any, n2: Any, do: RealFaults) -> None:
        await send_each(n1, range(60))
        await until(lambda: len(n2.got) == 60)
        assert [number for _, number in n2.got] == [*range(60)]

    proxied(Link(Uniform(0.0, 0.05), reorder=0.0), run)


def test_who_hangs_up_before_the_listener_is_reached_leaves_no_connection_behind() -> None:
    """The dialler is gone while its proxy still connects: then the proxy must let go of the listener."""

    async def run() -> None:
        proxies, ends = Proxies(RealWorld(1, ["n1", "n2"], [], Link(Constant(0.0))).traffic), []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ends.append(await reader.read())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        where = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        front = Front(proxies, ("n1", "n2"), where)
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            transport, _ = await loop.connect_accepted_socket(lambda: front, theirs)
            transport.abort()
            await until(lambda: ends == [b""])
        proxies.close()
        server.close()

    asyncio.run(run())


def test_a_cut_is_one_way_and_silent_and_over_when_it_is_healed() -> None:
    async def run(n1: Any, n2: Any, do: RealFaults) -> None:
        do.cut("n1", "n2")
        await send_each(n1, range(5))
        n2.send("n1", Ping(77))
        await until(lambda: ("n2", 77) in n1.got)
        assert n2.got == []  # neither the pings nor the answer to ours
        do.heal()
        n1.send("n2", Ping(8))
        await until(lambda: n2.got == [("n1", 8)])

    proxied(Link(Constant(0.0), reorder=0.0), run)


def test_a_proxy_loses_and_copies_as_links_of_the_simulator_do() -> None:
    async def run(n1: Any, n2: Any, do: RealFaults) -> None:
        fates, traffic = [], do._world.traffic
        decide = traffic.fate

        def watched(*frame: Any) -> Any:
            fates.append(decide(*frame))
            return fates[-1]

        traffic.fate = watched  # type: ignore[method-assign]
        do.weather(loss=1.0)
        for number in range(5):
            n1.send("n2", Ping(number))
            await until(lambda number=number: len(fates) == number + 1)
        assert fates == ["loss"] * 5
        do.weather(loss=0.0, duplicate=1.0)
        n1.send("n2", Ping(99))
        await until(lambda: n2.got == [("n1", 99)] * 2)

    proxied(Link(Constant(0.0), reorder=0.0), run)


# The command line


def test_a_trial_is_run_and_judged_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actions = [Action(0.3, "crash", {"node": "n1"}), Action(0.6, "restart", {"node": "n1"})]
    file = tmp_path / "actions.json"
    file.write_text(json.dumps([action.to_json() for action in actions]))
    where = ["--actions", str(file), "--at", str(tmp_path / "c")]
    assert main(["replicated_kv", "--nodes", "3", "--clients", "2", *where]) == 0
    assert "2 faults and repairs" in capsys.readouterr().out
    assert find("replicated_kv").servers(3) == tuple(Folder.read(tmp_path / "c").addresses)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "offers no cluster"),
        (["simulation", "--nodes", "1"], "foundations/simulation offers nothing to be soaked"),
        (["replicated_kv", "--seconds", "-1"], "until is -1.0"),
        (["replicated_kv", "--nodes", "0"], "number of nodes is 0"),
    ],
)
def test_what_can_not_be_run_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], words: str
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
