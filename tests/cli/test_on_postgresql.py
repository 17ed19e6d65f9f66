"""migrate-store, and what the commands do where the store is on PostgreSQL."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pipeline.store import Store
from pipeline.store.database import SCHEMA
from pipeline.store.holder import sole_writer
from pipeline.store.sqlite import FILE
from tests.cli.conftest import World
from tests.support import postgresql as programs
from tests.support.postgresql import Server, free_port

SECRET = "hunter2-hunter2"


def configure(folder: Path, **general: Any) -> None:
    path = folder / "dealwire.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), **general}))


@pytest.fixture
def moved(own: World, url: str) -> World:
    """The sample stories, in a store that was moved to a server."""
    assert own.dealwire("migrate-store", own.folder.parent / "state", url).code == 0
    (own.folder.parent / "state" / FILE).unlink()
    configure(own.folder, store=url)
    return own


def test_moving_a_store(own: World, url: str) -> None:
    """A line for each table; then all is found there as it was in the file, which is kept."""
    state = own.folder.parent / "state"
    looks = (("articles",), ("deals",), ("feeds", "list"), ("deliveries", "list"))
    before = [own.dealwire(*look, "--json").json for look in looks]
    moved = own.dealwire("migrate-store", state, url)
    configure(own.folder, store=url)
    after = [own.dealwire(*look, "--json").json for look in looks]
    again = own.dealwire("migrate-store", state / FILE, "--json")

    assert (moved.code, again.code) == (0, 0)
    assert "article                6 rows  " in moved.out
    assert "Next: set `store` in dealwire.yaml" in moved.out
    assert after == before
    assert {row["table"]: row["rows"] for row in again.json}["article"] == 6
    assert (state / FILE).exists()


def test_moving_beside_a_daemon_is_refused(own: World, url: str) -> None:
    """On either side: it is to be stopped first."""
    state = own.folder.parent / "state"
    with sole_writer(state):
        at_the_file = own.dealwire("migrate-store", state, url)
    with Store(url) as store, store.alone():
        at_the_server = own.dealwire("migrate-store", state, url)

    assert (at_the_file.code, at_the_server.code) == (1, 1)
    assert "Stop it first" in at_the_file.err
    assert "Stop that first" in at_the_server.err


@pytest.mark.parametrize(
    ("postgres", "way_out"),
    [
        ((f"postgresql://u:{SECRET}@h/d",), "set PGPASSWORD"),
        ((f"postgresql://u@h/d?password={SECRET}",), "set PGPASSWORD"),
        (("mysql://h/d",), "such as postgresql://"),
        (("postgresql://[h/d",), "cannot be read"),
        ((), "has no `store`"),
    ],
)
def test_where_a_store_cannot_be_moved_to(own: World, postgres: tuple[str, ...], way_out: str) -> None:
    """The way out is said, and no password."""
    result = own.dealwire("migrate-store", own.folder.parent / "state", *postgres)

    assert result.code == 2
    assert way_out in result.err
    assert SECRET not in result.err


def test_an_old_file_is_opened_first(own: World, url: str) -> None:
    """What is to be done is said."""
    state = own.folder.parent / "state"
    with closing(sqlite3.connect(state / FILE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    result = own.dealwire("migrate-store", state, url)

    assert result.code == 1
    assert "`dealwire status`" in result.err


@pytest.mark.parametrize("command", ["once", "prune --vacuum", "watches replay --apply"])
def test_who_works_alone_does_so_on_all_machines(moved: World, url: str, command: str) -> None:
    """Another machine, with a state folder of its own, is refused and told where the one is that works."""
    with Store(url) as store, store.alone():
        refused = moved.dealwire(*command.split())
        read = moved.dealwire("articles", "--json")

    assert refused.code == 1
    assert "in use by another Dealwire (at 127.0.0.1). Stop that first" in refused.err
    assert len(read.json) == 6


def test_a_second_daemon_is_refused(moved: World, url: str) -> None:
    """It ends at once, and says why."""
    command = [Path(sys.executable).with_name("dealwire"), "--config", moved.folder, "run"]
    with Store(url) as store, store.alone():
        refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert refused.returncode == 1
    assert "in use by another Dealwire (at 127.0.0.1). Stop that first" in refused.stderr


def test_one_pass_on_a_server(moved: World, tmp_path: Path) -> None:
    """It is done and told as with a file; the machine that does it next finds what the first one stored."""
    first = moved.dealwire("once", "--all")
    shutil.copytree(moved.folder, tmp_path / "other" / "config")
    second = replace(moved, folder=tmp_path / "other" / "config")
    status = second.dealwire("status")

    assert first.code == 0
    assert "articles    6;" in status.out
    assert " MiB at postgresql://127.0.0.1:" in status.out
    assert second.dealwire("status", "--json").json["database"].startswith("postgresql://127.0.0.1:")


def test_pruning_with_vacuum(moved: World) -> None:
    """The size is that of the database at the server."""
    result = moved.dealwire("prune", "--vacuum")

    assert result.code == 0
    assert "The database takes " in result.out
    assert "its log" not in result.out


def test_backups_are_left_to_the_server(
    moved: World, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands that are named do it: what they saved comes back over what was changed."""
    file = tmp_path / "my backup"
    configure(moved.folder, store="${STORE}")
    monkeypatch.setenv("STORE", url.replace("//dealwire@", f"//dealwire:{SECRET}@"))
    told = [moved.dealwire(command, file) for command in ("backup", "restore")]
    dump, restore = (shlex.split(result.err.split("\n\n")[1]) for result in told)
    found = programs.programs()
    assert found
    paths = {**os.environ, "PATH": f"{found}:{os.environ['PATH']}"}
    subprocess.run(dump, check=True, env=paths)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE article SET title = 'gone'")
    subprocess.run(restore, check=True, env=paths)

    assert [result.code for result in told] == [2, 2]
    assert SECRET not in "".join(result.err for result in told)
    assert f"--dbname={url}" in dump
    assert "gone" not in {row["title"] for row in moved.dealwire("articles", "--json").json}


def test_check_live_tries_the_server(moved: World) -> None:
    """One that does not answer is a failure."""
    well = moved.dealwire("check", "--live")
    configure(moved.folder, store=f"postgresql://127.0.0.1:{free_port()}/x")
    ill = moved.dealwire("check", "--live")

    assert (well.code, ill.code) == (0, 1)
    assert "ok   store postgresql" in well.out
    assert "FAIL store postgresql: postgresql://127.0.0.1:" in ill.out


def test_doctor_looks_at_the_server(moved: World, url: str) -> None:
    """All is in order; who works alone on it is said."""
    with Store(url) as store, store.alone():
        found = {check["name"]: check for check in moved.dealwire("doctor", "--json").json}

    assert {check["grade"] for name, check in found.items() if name not in ("disk", "feeds", "deliveries")} == {"ok"}
    assert found["server"]["said"].startswith("PostgreSQL ")
    assert found["encoding"]["said"] == "UTF8"
    assert found["schema"]["said"] == SCHEMA
    assert found["in use"]["said"] == "by a Dealwire at 127.0.0.1"
    assert {"leases", "articles", "dead deliveries", "clock"} <= set(found)


def test_doctor_of_a_server_that_is_away(moved: World) -> None:
    """It fails, with what to look at."""
    configure(moved.folder, store=f"postgresql://127.0.0.1:{free_port()}/x")
    result = moved.dealwire("doctor")

    assert result.code == 1
    assert "FAIL server: " in result.out
    assert "Check that the PostgreSQL server runs" in result.out


def test_doctor_of_databases_that_are_not_ready(moved: World, server: Server) -> None:
    """An empty one is made a store by the next start; one of another encoding is none."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'")
        configure(moved.folder, store=server.url("latin"))
        found = {check["name"]: check for check in moved.dealwire("doctor", "--json").json}
        connection.execute("DROP DATABASE latin WITH (FORCE)")

    assert (found["encoding"]["grade"], found["schema"]["grade"]) == ("fail", "warn")
    assert "--encoding=UTF8" in found["encoding"]["remedy"]
    assert found["schema"]["remedy"] == "The next start makes it."
