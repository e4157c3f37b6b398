"""Nothing is left: not after a good end, not after an error, not after the parent was killed."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from lessons.real import PortTaken, Process, ServerFailed, reap
from lessons.real.child import birth
from lessons.real.ports import ATTEMPTS, free_ports, on_free_ports
from lessons.real.workspace import Workspace, shelf
from tests.real.parents import STUBBORN, gone, parent, still_there

STARTED = f"""
from lessons.real import Process
from lessons.real.workspace import Workspace
space = Workspace("thing")
process = space.add(Process("server", [sys.executable, "-c", {STUBBORN!r}], space.folder, ready="now ready"))
"""
FROM_THE_MAIN_THREAD = STARTED + "process.start(); print(process.pid)"
FROM_ANOTHER_THREAD = STARTED + (
    "from threading import Thread; thread = Thread(target=process.start); thread.start(); thread.join()\n"
    "print(process.pid)"
)


@pytest.fixture(autouse=True)
def own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def server(space: Workspace, name: str = "server", program: str = STUBBORN) -> Process:
    return space.add(Process(name, [sys.executable, "-c", program], space.folder, ready="now ready"))


def test_leaving_ends_the_servers_and_removes_the_folder() -> None:
    with Workspace("thing") as space:
        both = [server(space, "a"), server(space, "b")]
        space.start()
        assert all(each.alive for each in both)
    assert not any(each.alive for each in both) and not space.folder.exists()


def test_an_error_inside_ends_the_servers_too() -> None:
    with pytest.raises(KeyError), Workspace("thing") as space:
        running = server(space)
        space.start()
        raise KeyError
    assert not running.alive and not space.folder.exists()


def test_a_server_that_fails_takes_the_others_with_it() -> None:
    with pytest.raises(ServerFailed, match="b ended"), Workspace("thing") as space:
        running = server(space, "a")
        server(space, "b", "print('no')")
        space.start()
    assert not running.alive and not space.folder.exists()


def test_a_paused_server_ends_with_the_others() -> None:
    with Workspace("thing") as space:
        running = server(space)
        running.start()
        running.pause()
    assert not running.alive


def test_what_is_written_is_nobody_elses_to_read() -> None:
    with Workspace("thing") as space:
        assert space.write("secret", "word").stat().st_mode & 0o777 == 0o600
        assert space.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_a_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    with parent(FROM_THE_MAIN_THREAD, tmp_path) as (process, said):
        process.kill()
        assert gone(int(said[0]))


def test_a_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    with parent(FROM_ANOTHER_THREAD, tmp_path) as (_, said):
        pid = int(said[0])
        assert still_there(pid, birth(pid))


def test_the_next_start_ends_what_a_killed_parent_left(tmp_path: Path) -> None:
    with parent(FROM_ANOTHER_THREAD, tmp_path) as (process, said):
        process.kill()
        process.wait()
        left = list(shelf().iterdir())
        assert birth(int(said[0])), "the test is about a server that was left"
        assert reap() == [folder.name for folder in left]
        assert gone(int(said[0])) and not any(folder.exists() for folder in left)


def test_the_servers_of_a_living_parent_are_left_alone(tmp_path: Path) -> None:
    with parent(FROM_THE_MAIN_THREAD, tmp_path) as (_, said):
        pid = int(said[0])
        born = birth(pid)
        assert reap() == [] and still_there(pid, born)


def test_a_stale_record_does_not_end_a_later_process_of_the_same_number() -> None:
    folder = shelf() / "thing.999999999.1.x"
    folder.mkdir()
    (folder / "server.pid").write_text(f"{os.getpid()} 1 9")
    assert reap() == [folder.name] and not folder.exists()


@pytest.mark.parametrize("record", ["", "12", "x y z", "1 2 3 4"])
def test_a_record_that_is_no_record_is_thrown_away(record: str) -> None:
    folder = shelf() / "thing.999999999.1.x"
    folder.mkdir()
    (folder / "server.pid").write_text(record)
    assert reap() == [folder.name] and not folder.exists()


def test_what_is_no_workspace_is_left_alone() -> None:
    (shelf() / "notes").mkdir()
    assert reap() == [] and (shelf() / "notes").exists()


def test_a_shelf_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"lessons-real-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="must belong to you, and be no link"):
        Workspace("thing")


def test_a_fork_leaves_the_servers_alone() -> None:
    with Workspace("thing") as space:
        running = server(space)
        running.start()
        child = os.fork()
        if child == 0:
            space.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert running.alive and space.folder.exists()


# Ports


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20


def test_a_taken_port_is_left_for_another() -> None:
    tried: list[list[int]] = []

    def start(ports: list[int]) -> str:
        tried.append(ports)
        (space.folder / "half").mkdir()
        if len(tried) < 3:
            raise PortTaken("taken")
        return "started"

    with Workspace("thing") as space:
        assert on_free_ports(space, 2, start) == "started"
    assert len({tuple(ports) for ports in tried}) == 3


def test_ports_that_are_always_taken_are_given_up() -> None:
    tried = []

    def start(ports: list[int]) -> None:
        tried.append(ports)
        raise PortTaken("taken")

    with Workspace("thing") as space, pytest.raises(PortTaken):
        on_free_ports(space, 1, start)
    assert len(tried) == ATTEMPTS
