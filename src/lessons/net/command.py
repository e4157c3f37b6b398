"""The command line: run a node, a cluster, a client; ask for their state, stop them, show what they did."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import ssl
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lessons.net.clusters import chapters, find
from lessons.net.control import ask
from lessons.net.errors import Refused, Unreachable
from lessons.net.folder import CONFIG, RECORDS, Folder
from lessons.net.logs import log_to
from lessons.net.maelstrom.command import add_maelstrom
from lessons.net.memory import look_seldom
from lessons.net.merge import read_trace
from lessons.net.processes import Processes, statuses, until_all_answer
from lessons.net.record import Recorder
from lessons.net.setup import Address, Setup
from lessons.net.station import Station
from lessons.node import LessonsError
from lessons.trace import Invoked, Returned

DONE, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code: 0 done, 1 something failed, 2 it could not be begun."""
    chosen = parser().parse_args(arguments)
    try:
        return int(asyncio.run(chosen.run(chosen)))
    except KeyboardInterrupt:
        return DONE
    except (LessonsError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return USAGE


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    top = argparse.ArgumentParser(prog="python -m lessons.net", description="Run nodes of the book as processes.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Any, words: str, *, at: str = "--at") -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        command.add_argument(at, type=Path, default=Path("cluster"), metavar="FOLDER", **optional(at))
        command.set_defaults(run=run)
        return command

    cluster = add("cluster", run_cluster, "run all servers of a cluster, until Ctrl-C")
    cluster.add_argument("chapter", nargs="?", help=f"one of {', '.join(chapters())}; needed for a new folder")
    cluster.add_argument("--nodes", type=int, metavar="N", help="how many servers a new cluster has")
    cluster.add_argument("--port", type=int, default=0, metavar="P", help="the first port (any that are free)")
    cluster.add_argument("--record", action="store_true", help="put what the nodes do on record, for trace")
    node = add("node", run_node, "run one server in this process")
    node.add_argument("--name", required=True, help="which one")
    node.add_argument("--record", action="store_true", help="put what it does on record")
    node.add_argument("--dial", action="append", default=[], metavar="NAME=HOST:PORT", help="reach a server there")
    node.add_argument("--exposed", action="store_true", help="let it listen where other machines can connect")
    node.add_argument("--tls", type=Path, nargs=3, metavar=("CERT", "KEY", "CA"), help="encrypt with these PEM files")
    client = add("client", run_client, "run the chapter's client until its session is over")
    client.add_argument("--name", default="ann", help="what it is called (ann)")
    client.add_argument("--record", action="store_true", help="put what it does on record")
    add("status", run_status, "say what each server is at", at="at")
    add("stop", run_stop, "stop all servers", at="at")
    add("trace", run_trace, "print what the servers have put on record", at="at")
    add_maelstrom(commands)
    return top


def optional(at: str) -> dict[str, Any]:
    """What argparse wants to hear of an argument that may be left out."""
    words = f"the cluster's folder, with its {CONFIG} (cluster)"
    return {"help": words} if at.startswith("-") else {"help": words, "nargs": "?"}


async def run_cluster(chosen: argparse.Namespace) -> int:
    """Start every server, say so, and wait for the end."""
    folder = folder_for(chosen)
    ending = end_of_process()
    options = dict.fromkeys(folder.addresses, ["--record"] if chosen.record else [])
    with Processes(folder, options) as processes:
        processes.start_all()
        await until_all_answer(folder)
        for name, where in folder.addresses.items():
            print(f"{name} at {where}")
        print(f"{folder.chapter} runs; python -m lessons.net status {folder.path} says how. Ctrl-C ends it.")
        sys.stdout.flush()
        gone: dict[str, int] = {}
        while not ending.is_set() and len(gone) < len(folder.addresses):
            await asyncio.sleep(0.2)
            now = processes.crashed()
            for name in sorted(set(now) - set(gone)):
                print(ended(folder, name, now[name]), file=sys.stderr, flush=True)
            gone = now
        failed = any(processes.crashed().values()) or any(processes.end().values())
    return FAILED if failed else DONE


def ended(folder: Folder, name: str, code: int) -> str:
    """What to say of a process that has ended by itself."""
    again = f"python -m lessons.net node --at {folder.path} --name {name}"
    return f"{name} ended with code {code}: see {folder.path}/logs/{name}.log; {again} starts it again"


def folder_for(chosen: argparse.Namespace) -> Folder:
    """The folder that is there, or a new one. Raises ValueError for a wish that the one that is there can't fulfil."""
    if not (chosen.at / CONFIG).exists():
        if chosen.chapter is None:
            raise ValueError(f"{chosen.at} has no cluster yet: name its chapter, one of {', '.join(chapters())}")
        return Folder.make(chosen.at, chosen.chapter, find(chosen.chapter).servers(chosen.nodes), chosen.port)
    folder = Folder.read(chosen.at)
    if chosen.chapter not in (None, folder.chapter, folder.chapter.partition("/")[2]):
        raise ValueError(f"{chosen.at} has a cluster of {folder.chapter}: choose another folder with --at")
    if chosen.nodes not in (None, len(folder.addresses)):
        raise ValueError(f"{chosen.at} has a cluster of {len(folder.addresses)}: choose another folder with --at")
    return folder


async def run_node(chosen: argparse.Namespace) -> int:
    """Run a server until it is told to stop (SIGTERM, Ctrl-C, or by an operator)."""
    folder = Folder.read(chosen.at)
    names = tuple(folder.addresses)
    if chosen.name not in names:
        raise ValueError(f"--name is {chosen.name!r}: the servers are {', '.join(names)}")
    dial = {name: Address.of(where) for name, _, where in (each.partition("=") for each in chosen.dial)}
    if unknown := set(dial) - set(names):
        raise ValueError(f"--dial names {', '.join(sorted(unknown))}: the servers are {', '.join(names)}")
    setup = folder.setup(chosen.name, dial, chosen.exposed)
    if chosen.tls:
        setup = with_tls(setup, *chosen.tls)
    log_to(sys.stderr, logging.INFO, node=chosen.name)
    look_seldom()
    station = Station(setup, lambda: folder.cluster.server(chosen.name, names), witness=witness(folder, chosen))
    ending = end_of_process()
    return await run_until(station, ending)


async def run_client(chosen: argparse.Namespace) -> int:
    """Run a client until its session is over, and print what it was told."""
    folder = Folder.read(chosen.at)
    names = tuple(folder.addresses)
    if chosen.name in names:
        raise ValueError(f"--name is {chosen.name!r}, which is a server: choose another")
    recorder = Recorder(folder.path / RECORDS, chosen.name, folder.cluster.vocabulary.values)
    station = Station(folder.setup(chosen.name), lambda: folder.cluster.client(chosen.name, names), witness=recorder)
    ending = end_of_process()
    await station.start()
    while station.busy and not ending.is_set():
        await asyncio.sleep(0.02)
    await station.stop()
    recorder.close()
    trace = read_trace(folder.path / RECORDS, folder.cluster.vocabulary.values)
    for event in trace.events:
        if event.node == chosen.name and isinstance(event, Invoked | Returned):
            print(f"{event.time:9.3f}  {event.sentence()}")
    return DONE


def witness(folder: Folder, chosen: argparse.Namespace) -> Recorder | None:
    """Who puts the node on record, if that is wanted."""
    if not chosen.record:
        return None
    return Recorder(folder.path / RECORDS, chosen.name, folder.cluster.vocabulary.values)


async def run_until(station: Station, ending: asyncio.Event) -> int:
    """Run a node until it ends, or ``ending`` is set; returns the exit code."""
    await station.start()
    while not ending.is_set() and not station.ended.done():
        await asyncio.sleep(0.05)
    failed = station.ended.done() and station.ended.exception() is not None
    await station.stop()
    return FAILED if failed else DONE


def end_of_process() -> asyncio.Event:
    """An event that is set when somebody wants this process to end in good order."""
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, ending.set)
        except NotImplementedError:  # on this system Ctrl-C is an exception
            continue
    return ending


def with_tls(setup: Setup, certificate: Path, key: Path, authority: Path) -> Setup:
    """The same, with all that is said encrypted, between processes that both have a certificate of this authority."""
    listening = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    listening.verify_mode = ssl.CERT_REQUIRED
    dialling = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=authority)
    for context in (listening, dialling):
        context.load_cert_chain(certificate, key)
    return replace(setup, tls=(listening, dialling))


async def run_status(chosen: argparse.Namespace) -> int:
    """Print the state of each server."""
    found = await statuses(Folder.read(chosen.at))
    for name, status in found.items():
        if isinstance(status, Exception):
            print(status)
            continue
        fields = ", ".join(f"{field}={value}" for field, value in status["fields"].items())
        connected = [peer for peer, link in status["links"].items() if link["connected"]]
        print(f"{name}: {status['kind']}, process {status['process']}, at {status['address']}; {fields}")
        print(f"  connected to {', '.join(connected) or 'nobody'}; {status['counts']}")
    return FAILED if any(isinstance(status, Exception) for status in found.values()) else DONE


async def run_stop(chosen: argparse.Namespace) -> int:
    """Ask each server to stop."""
    folder = Folder.read(chosen.at)
    for name, where in folder.addresses.items():
        try:
            await ask(folder.operator(), name, where, "stop")
            print(f"{name} stops")
        except (Unreachable, Refused) as error:
            print(error)
    return DONE


async def run_trace(chosen: argparse.Namespace) -> int:
    """Print the transcript of what is on record."""
    folder = Folder.read(chosen.at)
    print(read_trace(folder.path / RECORDS, folder.cluster.vocabulary.values, folder.chapter).transcript())
    return DONE
