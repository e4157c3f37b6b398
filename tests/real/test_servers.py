"""The real servers, for real: each is started, used, killed and cleared away."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.error import URLError

import pytest

from lessons.real import (
    Etcd,
    Missing,
    Refused,
    ServerFailed,
    Valkey,
    client,
    etcd,
    eventually,
    nats,
    postgres,
    valkey,
    valkey_cluster,
)
from lessons.real.ports import HOST, free_ports
from lessons.real.servers.etcd import ETCD, decoded, encoded
from lessons.real.servers.nats import NATS
from lessons.real.servers.postgres import POSTGRES
from lessons.real.servers.valkey import VALKEY
from tests.extras import without
from tests.real.parents import gone, parent

NOT_OURS = "127.0.0.2"  # also this machine, but not the address that a server is given
STARTERS = {"etcd": etcd, "nats": nats, "postgres": postgres, "valkey": valkey}


@pytest.fixture(autouse=True, scope="module")
def installed() -> None:
    try:
        for binary in (ETCD, NATS, POSTGRES, VALKEY):
            binary.find()
        for module in ("redis", "psycopg", "nats"):
            client(module, module)
    except Missing as missing:
        without("servers", missing)


@pytest.fixture(scope="module")
def cluster(installed: None) -> Iterator[Etcd]:
    with etcd(members=3) as running:
        yield running


@pytest.fixture
def servers() -> Iterator[Valkey]:
    with valkey(replicas=1) as running:
        yield running


def starter(name: str) -> AbstractContextManager[Any]:
    start: Callable[[], AbstractContextManager[Any]] = STARTERS[name]
    return start()


def ports(server: Any) -> list[int]:
    return [each.port for each in getattr(server, "members", [getattr(server, "primary", server)])]


@pytest.mark.parametrize("name", sorted(STARTERS))
def test_two_of_a_kind_do_not_meet(name: str) -> None:
    with starter(name) as one, starter(name) as other:
        assert set(ports(one)).isdisjoint(ports(other))


@pytest.mark.parametrize("name", sorted(STARTERS))
def test_a_port_that_is_taken_meanwhile_is_left_for_another(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as first:
        first.bind((HOST, 0))
        first.listen()
        taken = first.getsockname()[1]
        offers = iter([lambda count: [taken, *free_ports(count - 1)]])
        monkeypatch.setattr("lessons.real.ports.free_ports", lambda count: next(offers, free_ports)(count))
        with starter(name) as running:
            assert taken not in ports(running)
    assert not list(offers), "the taken port was offered"


@pytest.mark.parametrize("name", sorted(STARTERS))
def test_a_server_listens_on_the_loopback_interface_alone(name: str) -> None:
    with starter(name) as running, pytest.raises(OSError):
        socket.create_connection((NOT_OURS, ports(running)[0]), timeout=1)


@pytest.mark.parametrize("name", sorted(STARTERS))
def test_a_server_ends_when_the_kernel_is_killed(name: str) -> None:
    program = (
        f"from lessons.real import {name} as start\nscope = start()\nserver = scope.__enter__()\n"
        "print(*[each.pid for each in getattr(server, 'members', [getattr(server, 'primary', server)])])"
    )
    with parent(program, Path(gettempdir())) as (process, said):
        pids = [int(word) for word in said[0].split()]
        process.kill()
        assert all(gone(pid) for pid in pids)


@pytest.mark.parametrize("name", sorted(STARTERS))
def test_a_server_that_is_missing_is_named_before_anything_begins(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LESSONS_{name.upper()}", "/nothing")
    with pytest.raises(Missing, match=f"LESSONS_{name.upper()} is '/nothing', which is no program"), starter(name):
        pass


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        (lambda: etcd(members=0), "members is 0: it must be a whole number from 1 to 7"),
        (lambda: etcd(members=1.5), "members is 1.5: "),  # type: ignore[arg-type]
        (lambda: nats(members=2), "members is 2: it must be 1, 3 or 5"),
        (lambda: valkey(replicas=-1), "replicas is -1: it must be a whole number from 0 to 9"),
        (lambda: valkey_cluster(members=2), "members is 2: it must be a whole number from 3 to 9"),
        (lambda: valkey(save="1\nrequirepass x"), "save is '1.*': a setting is one line"),
    ],
)
def test_bad_arguments_are_refused(start: Callable[[], AbstractContextManager[Any]], rule: str) -> None:
    with pytest.raises(ValueError, match=rule), start():
        pass


# etcd


def test_etcd_reads_what_was_written_at_another_member(cluster: Etcd) -> None:
    one, other, third = cluster.members
    revision = one.put("a", "é1")
    assert other.put("a", "2") == revision + 1
    assert [third.get("a"), one.get("a"), one.get("nothing")] == ["2", "2", None]


def test_etcd_compares_and_sets_over_its_gateway(cluster: Etcd) -> None:
    member = cluster.members[0]
    member.put("cas", "1")
    put = {"request_put": {"key": encoded("cas"), "value": encoded("2")}}
    compare = {"key": encoded("cas"), "target": "VALUE", "result": "EQUAL", "value": encoded("1")}
    answers = [member.call("kv/txn", {"compare": [compare], "success": [put]}) for _ in range(2)]
    assert [answer.get("succeeded", False) for answer in answers] == [True, False]
    assert decoded(encoded("ü")) == "ü"


def test_etcd_says_what_it_refuses(cluster: Etcd) -> None:
    with pytest.raises(Refused, match=r"n1: .*key is not provided"):
        cluster.members[0].put("", "1")


def test_a_proxy_does_not_see_what_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with etcd() as alone:
        assert alone.members[0].get("x") is None


def test_etcd_writes_again_after_its_leader_is_killed_and_loses_nothing(cluster: Etcd) -> None:
    leader = cluster.leader()
    survivor = cluster.others(leader)[0]
    survivor.put("kept", "1")
    leader.kill()
    with pytest.raises(URLError):
        leader.get("kept")
    eventually(lambda: survivor.put("kept", "2", timeout=1))
    assert cluster.leader() is not leader
    leader.start()
    assert leader.get("kept") == "2"


def test_a_leader_of_etcd_is_found_while_another_member_answers_nothing(cluster: Etcd) -> None:
    paused = cluster.members[0]
    paused.pause()
    try:
        assert cluster.leader() in cluster.members[1:]
    finally:
        paused.resume()
    eventually(lambda: paused.put("after", "1", timeout=1))


def test_etcd_without_a_majority_answers_serializable_reads_alone(cluster: Etcd) -> None:
    survivor = cluster.members[0]
    survivor.put("old", "1")
    for member in cluster.others(survivor):
        member.kill()
    assert survivor.get("old", serializable=True) == "1"
    with pytest.raises(OSError):
        survivor.get("old", timeout=1)
    assert eventually(lambda: "leader" not in survivor.call("maintenance/status", {}))  # it knows of none any more
    assert not survivor.leads
    for member in cluster.members[1:]:
        member.launch()
    for member in cluster.members[1:]:
        member.wait()
    assert eventually(lambda: survivor.get("old")) == "1"


# Valkey


def test_valkey_replicates_and_wait_counts_the_replicas(servers: Valkey) -> None:
    primary, replica = servers.primary.client(), servers.replicas[0].client()
    primary.set("a", "1")
    assert primary.wait(1, 5000) == 1 and replica.get("a") == "1"
    servers.replicas[0].pause()
    primary.set("a", "2")
    assert primary.wait(1, 100) == 0


def test_valkey_loses_an_acknowledged_write_with_its_primary(servers: Valkey) -> None:
    primary, second = servers.primary, servers.replicas[0]
    primary.client().set("a", "1")
    primary.client().wait(1, 5000)
    second.pause()
    assert primary.client().set("a", "2") is True
    primary.kill()
    second.resume()
    second.client().replicaof("NO", "ONE")
    assert second.client().get("a") in ("1", "2")
    assert second.client().set("a", "3") is True


def test_valkey_wants_a_password(servers: Valkey) -> None:
    redis = client("redis", "redis")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(host=HOST, port=servers.primary.port).get("a")
    assert servers.primary.password not in " ".join(servers.primary.command)


def test_valkey_keeps_what_it_may_write_to_disk() -> None:
    with valkey(appendonly="yes", appendfsync="always") as servers:
        servers.primary.client().set("a", "1")
        servers.primary.kill()
        servers.primary.start()
        assert servers.primary.client().get("a") == "1"


def test_a_setting_that_valkey_does_not_know_shows_its_words() -> None:
    with pytest.raises(ServerFailed, match=r"(?s)primary ended.*no-such-thing"), valkey(no_such_thing=1):
        pass


def test_a_valkey_cluster_gives_each_key_to_the_owner_of_its_slot() -> None:
    with valkey_cluster(members=3) as cluster:
        everything = cluster.client()
        for number in range(20):
            everything.set(f"key{number}", number)
        slots = {f"key{n}": cluster.members[0].client().cluster("KEYSLOT", f"key{n}") for n in range(20)}
        assert {key: cluster.owner(key).name for key in slots} == {
            key: f"n{1 + slot * 3 // 16384}" for key, slot in slots.items()
        }
        stored = [member.client().dbsize() for member in cluster.members]
        assert sum(stored) == 20 and min(stored) > 0


# PostgreSQL


def test_postgres_prepares_a_transaction_and_keeps_it_over_a_crash() -> None:
    with postgres() as server:
        with server.connect(autocommit=True) as connection:
            connection.execute("create table t (x int)")
            connection.execute("begin")
            connection.execute("insert into t values (1)")
            connection.execute("prepare transaction 'one'")
        server.kill()
        server.start()
        with server.connect(autocommit=True) as connection:
            connection.execute("commit prepared 'one'")
            assert connection.execute("select x from t").fetchall() == [(1,)]


def test_postgres_starts_again_when_a_process_of_its_old_life_is_slow_to_notice() -> None:
    with postgres() as server:
        connection = server.connect(autocommit=True)
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it keeps the shared memory
        server.kill()
        connection.close()
        threading.Timer(1.0, os.kill, (backend, signal.SIGCONT)).start()
        server.start()
        assert "shared memory block" in server.log.read_text()
        with server.connect() as again:
            assert again.execute("select 1").fetchone() == (1,)


def test_postgres_wants_a_password_and_keeps_it_to_itself() -> None:
    psycopg = client("psycopg", "psycopg")
    with postgres() as server:
        with pytest.raises(psycopg.OperationalError, match="password"):
            server.connect(password="guess")
        assert server.password not in " ".join(server.command)


def test_postgres_takes_settings_and_shows_its_words_when_one_is_wrong() -> None:
    with postgres(max_connections=7) as server, server.connect() as connection:
        assert connection.execute("show max_connections").fetchone() == ("7",)
    with pytest.raises(ServerFailed, match=r"(?s)postgres ended.*no_such_thing"), postgres(no_such_thing=1):
        pass


# NATS


async def published(urls: list[str], replicas: int) -> int:
    connection = await client("nats", "nats-py").connect(urls)
    stream = connection.jetstream(timeout=60)  # seconds, on a machine with much else to do
    await stream.add_stream(name="s", subjects=["a"], num_replicas=replicas)
    acknowledgement = await stream.publish("a", b"1")
    await connection.close()
    return int(acknowledgement.seq)


@pytest.mark.parametrize("members", [1, 3])
def test_nats_stores_a_message(members: int) -> None:
    with nats(members) as cluster:
        assert asyncio.run(published(cluster.urls, members)) == 1


def test_nats_keeps_its_token_to_itself() -> None:
    with nats() as cluster:
        token = cluster.urls[0].removeprefix("nats://").split("@")[0]
        assert token not in " ".join(cluster.members[0].command)
        settings = next(cluster.members[0].folder.glob("*.conf"))
        assert json.loads(settings.read_text())["authorization"]["token"] == token
        assert os.stat(settings).st_mode & 0o077 == 0
