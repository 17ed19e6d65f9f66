"""A store on a PostgreSQL server: opening, migrating and holding it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from pipeline.errors import StoreBusy, StoreError, UsageError
from pipeline.models import Article
from pipeline.store import Store, feeds
from pipeline.store.locks import ALONE
from pipeline.store.postgresql import without_password
from tests.store.conftest import NOW, add, entry, everything, feed_ids
from tests.store.old import INDEX
from tests.support.postgresql import Server, free_port

SECRET = "hunter2-hunter2"


def test_migrated_schema_is_that_of_the_models(url: str) -> None:
    """The migrations make the very tables, columns, indexes and keys that the models declare."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        ours = {
            "compare_type": False,
            "include_name": lambda name, *_: not (name or "").startswith((INDEX, f"ix_{INDEX}")),
        }
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=ours), SQLModel.metadata)
    engine.dispose()

    unique = [[column.name for column in constraint.columns] for _, constraint in differences]

    assert unique == [["identity"], ["url"]]  # which are so by their hashes: they may be too long for an index


def test_opening_again_keeps_what_is_stored(url: str) -> None:
    """A second opening finds the rows of the first."""
    with Store(url) as store, store.write() as session:
        feed_ids(session, "https://a.example/feed")

    with Store(url) as store, store.read() as session:
        assert [feed.url for feed in feeds.all_active(session)] == ["https://a.example/feed"]


def test_opening_a_new_store_side_by_side(server: Server) -> None:
    """Of those that open a new store at the same moment one migrates it, and all succeed."""
    url = server.make()
    with ThreadPoolExecutor(3) as threads:
        opened = list(threads.map(Store, [url] * 3))
        for store in opened:
            store.close()

    assert len(opened) == 3


def test_a_newer_schema_is_refused(url: str) -> None:
    """A database of a later version is left alone, and the remedy is to upgrade."""
    _do(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"newer Dealwire \(schema 9999\).*Upgrade"):
        Store(url)


@pytest.fixture
def guarded(server: Server, url: str) -> Iterator[str]:
    """The URL of the store for one who must say a password, without it."""
    _do(url, f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'", f"GRANT ALL ON DATABASE {url.rpartition('/')[2]} TO clerk")
    _do(url, "CHECKPOINT")  # the server of tests keeps less over a sudden end
    rules = server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    try:
        rules.write_text(f"host all clerk 127.0.0.1/32 scram-sha-256\n{before}")
        server.stop()
        server.start()
        yield url.replace("//dealwire@", "//clerk@")
    finally:
        rules.write_text(before)
        _do(url, "SELECT pg_reload_conf()", f"REVOKE ALL ON DATABASE {url.rpartition('/')[2]} FROM clerk")
        _do(url, "DROP OWNED BY clerk", "DROP ROLE clerk")


def test_a_wrong_password_is_told_and_not_shown(guarded: str) -> None:
    """Neither is the right one; the remedy names the setting."""
    url = guarded.replace("//clerk@", f"//clerk:{SECRET}-not@")

    with pytest.raises(StoreError, match=r"password authentication failed.*Check `store` in dealwire\.yaml") as told:
        Store(url)

    assert SECRET not in str(told.value)
    with pytest.raises(StoreError, match=r"no password supplied.*Check `store` in dealwire\.yaml"):
        Store(guarded)


def test_where_there_is_no_server() -> None:
    """The remedy is to look for it; the password is not shown."""
    elsewhere = f"postgresql://dealwire:{SECRET}@127.0.0.1:{free_port()}/dealwire"

    with pytest.raises(StoreError, match="Check that the PostgreSQL server runs and can be reached") as told:
        Store(elsewhere)

    assert SECRET not in str(told.value)


def test_where_there_is_no_such_database(url: str) -> None:
    """The remedy names the setting."""
    with pytest.raises(StoreError, match=r'"nowhere" does not exist.*Check `store` in dealwire\.yaml'):
        Store(f"{url.rpartition('/')[0]}/nowhere")


@pytest.mark.parametrize("address", [f"postgresql://u:{SECRET}@host:port/db", f"postgresql://u:{SECRET}@h:1,h:2/db"])
def test_an_address_that_cannot_be_read(address: str) -> None:
    """It is refused without being shown."""
    with pytest.raises(UsageError, match="address of the store cannot be read") as told:
        Store(address)

    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None


def test_without_the_packages_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(UsageError, match=r"pip install 'dealwire\[cluster\]'"):
        Store("postgresql://host/dealwire")


def test_the_name_holds_no_secret(url: str) -> None:
    """Nor who uses it."""
    with Store(url.replace("//dealwire@", f"//dealwire:{SECRET}@") + f"?passfile={SECRET}") as store:
        assert store.name == url.replace("dealwire@", "")


def test_the_address_for_other_programs() -> None:
    """It leads to the same database, and holds no password."""
    url = f"postgresql://me:{SECRET}@host:5433/db?sslmode=require&sslpassword={SECRET}"

    assert without_password(url) == "postgresql://me@host:5433/db?sslmode=require"


def test_a_server_that_was_restarted(server: Server, url: str) -> None:
    """What is kept stays, and it costs one error at most."""
    errors = 0
    with Store(url) as store:
        add(store, ("https://a.example/feed", [entry("1")]))
        _do(url, "CHECKPOINT")
        server.stop()
        with pytest.raises(StoreError, match="Check that the PostgreSQL server runs"), store.read():
            everything(store)
        server.start()
        for number in range(2, 6):
            try:
                add(store, ("https://a.example/feed", [entry(str(number))]))
            except StoreError:
                errors += 1
        kept = len(everything(store))

    assert errors <= 1
    assert kept == 5 - errors


def test_alone(url: str) -> None:
    """One may hold the store, and another is told where it is; afterwards it is free. Others may read and write."""
    with Store(url) as store, Store(url) as other:
        with store.alone():
            with pytest.raises(StoreBusy, match=r"in use by another Dealwire \(at 127\.0\.0\.1\)"), other.alone():
                pass
            add(other, ("https://a.example/feed", [entry("1")]))
        with other.alone():
            pass


def test_alone_over_a_restart(server: Server, url: str) -> None:
    """A server that was restarted knows no more who held the store: the first to write or ask has it, and one only."""
    with Store(url) as store, Store(url) as other, store.alone():
        server.stop()
        server.start()
        with other.alone(), pytest.raises(StoreBusy, match="in use by another Dealwire"), store.write():
            pass
        with store.write():
            pass
        with pytest.raises(StoreBusy, match="in use by another Dealwire"), other.alone():
            pass


def test_who_lost_the_store_ends_in_peace(server: Server, url: str) -> None:
    """Another has it since, and keeps it."""
    with Store(url) as store, Store(url) as other, ExitStack() as since:
        with store.alone():
            server.stop()
            server.start()
            since.enter_context(other.alone())
            with pytest.raises(StoreBusy, match="in use by another Dealwire"), store.write():
                pass

        with pytest.raises(StoreBusy, match="in use by another Dealwire"), store.alone():
            pass


def test_who_is_killed_holds_nothing(url: str) -> None:
    """Another process is refused while it lives, and then no more."""
    program = (
        "import sys; from pipeline.store import Store\n"
        "with Store(sys.argv[1]) as store, store.alone():\n  print('held', flush=True); sys.stdin.read()"
    )
    with (
        Store(url) as store,
        subprocess.Popen(
            [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder,
    ):
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match="Stop that first"), store.alone():
            pass
        holder.kill()
        holder.wait()

        with psycopg.connect(url, options="-c lock_timeout=60s", autocommit=True) as waiting:
            waiting.execute("SELECT pg_advisory_lock(%s)", [ALONE])  # had once the server has seen that it is gone
            waiting.execute("SELECT pg_advisory_unlock(%s)", [ALONE])
        with store.alone():
            pass


def test_what_is_dropped_gives_its_room_back(url: str) -> None:
    """Once the database is made compact."""
    with Store(url) as store:
        with store.write() as session:
            session.add(Article(id=1, identity="x", url="", title="x", found_at=NOW, body=_incompressible(2**20)))
        full = store.size().all
        with store.write() as session:
            session.delete(session.get_one(Article, 1))
        store.compact()
        empty = store.size().all

    assert full - empty > 2**20


def _incompressible(size: int) -> str:
    return random.Random(1).randbytes(size).hex()


def test_a_nul_in_a_text(url: str) -> None:
    """It is left out, and the rest is stored."""
    with Store(url) as store:
        add(store, ("https://a.example/feed", [entry("1\0", title="a\0b", text="c\0")]))
        [article] = everything(store)

    assert (article.title, article.summary) == ("ab", "c")


def _do(url: str, *commands: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for command in commands:
            connection.execute(command.encode())


def test_transactions_wait_for_each_other(url: str) -> None:
    """One that writes aside goes on beside them."""
    with Store(url, patience=0.2) as store, store.write():
        with store.write(aside=True) as session:
            assert feeds.all_active(session) == []
        with pytest.raises(StoreError, match="lock timeout"), store.write():
            pass
