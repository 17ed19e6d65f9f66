"""A PostgreSQL server of our own on loopback, from the system's packages."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

_PROGRAMS = "/usr/lib/postgresql"
_PATIENCE = 60.0
_WITH_ICU = 15
"""The version from which on texts can be ordered as people of a language do, as on most servers, and not by bytes."""
_QUICK = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0"),
    *("checkpoint_timeout=1h", "autovacuum=off", "jit=off", "max_connections=200"),
)
"""What makes a server quick that need not survive its machine."""
DURABLE = ("max_connections=200", "max_wal_size=4GB", "shared_buffers=512MB")
"""Of one as it is put to use, with room for much."""
_TOUCHED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname != 'alembic_version'
    AND pg_relation_size(oid) > 0
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid != pg_backend_pid()
"""
_FROM_ONE = """
    SELECT setval(oid::regclass, 1, false) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


def programs() -> Path | None:
    """The folder of the server's programs; None where it is not installed."""
    found = sorted(Path(_PROGRAMS).glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    return found[-1].parent if found else None


def _version() -> int:
    found = programs()
    return int(found.parent.name) if found else 0


@dataclass
class Server:
    """A running server; each database is made in it as it is asked for."""

    folder: Path
    port: int
    settings: Sequence[str] = _QUICK
    host: str = "127.0.0.1"
    _number: Iterator[int] = field(default_factory=lambda: count(1))
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        given = ["-c", f"listen_addresses=127.0.0.1,{self.host}", "-c", f"unix_socket_directories={self.folder}"]
        for setting in self.settings:
            given += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = _run("postgres", "-D", self.folder / "data", "-p", self.port, *given, log=log)
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self.folder / "log").read_text(encoding="utf-8", errors="replace")) from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """At once, as if its machine had lost power for its clients."""
        if self._process is not None:
            self._process.send_signal(3)
            self._process.wait(_PATIENCE)
            self._process = None

    def url(self, database: str) -> str:
        return f"postgresql://dealwire@{self.host}:{self.port}/{database}"

    def make(self, like: str = "template1") -> str:
        """The URL of a new database: with nothing in it, or a copy of that of a URL."""
        name = f"d{next(self._number)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {like.rpartition('/')[2]}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _do(self, command: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(command.encode())

    def empty(self, url: str) -> None:
        """Leave of a database only its schema, as when it was made; whoever is connected to it is cut off.

        By rows: to truncate its tables, or to make it from a template, takes several times as long.
        """
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_OTHERS)
            touched = [table for (table,) in connection.execute(_TOUCHED)]
            if touched:
                connection.execute("SET session_replication_role = replica")  # no table waits for another
                connection.execute("; ".join(f"DELETE FROM {table}" for table in touched).encode())
                connection.execute(f"VACUUM {', '.join(touched)}".encode())
            connection.execute(_FROM_ONE)


@contextmanager
def server(settings: Sequence[str] = _QUICK, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server with no database in it, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    user = pwd.getpwnam(_user())
    os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        made = _run(
            "initdb",
            "-D",
            folder / "data",
            "-U",
            "dealwire",
            "-A",
            "trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *(("--locale-provider=icu", "--icu-locale=en-US") if _version() >= _WITH_ICU else ()),
        )
        if made.wait(_PATIENCE):
            raise RuntimeError("initdb failed")
        with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as trusted:
            trusted.write("host all all samenet trust\n")
        running = Server(folder, free_port(), settings, host)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    """Who runs the server: we, or where we are the superuser, which it refuses, the one made for it."""
    return pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "postgres"


def _run(program: str, *arguments: object, log: object = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    found = programs()
    if found is None:
        raise RuntimeError(f"there is no PostgreSQL in {_PROGRAMS}: install the system's package of it")
    command = [str(found / program), *map(str, arguments)]
    user = _user() if os.getuid() == 0 else None
    return subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd="/", env={**os.environ, "LC_ALL": "C"})  # type: ignore[call-overload, no-any-return]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
