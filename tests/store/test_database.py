"""Opening, migrating and holding the database."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

import pipeline.store
from pipeline.domain import Level
from pipeline.errors import StoreBusy, StoreError
from pipeline.store import Store, articles, feeds, labels
from pipeline.store.database import FILE, SCHEMA, sole_writer, writer
from tests.store.conftest import NOW, feed_ids

MIGRATIONS = Path(pipeline.store.__file__).parent / "migrations"


def test_schema_constant_is_the_newest_migration() -> None:
    """The revision that `Store` asks for is the head of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_migrated_schema_is_that_of_the_models(store: Store) -> None:
    """The migrations make the very tables, columns, indexes and keys that the models declare."""
    engine = create_engine(f"sqlite:///{store.path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()

    assert differences == []


def test_opening_again_keeps_what_is_stored(tmp_path: Path) -> None:
    """A second opening finds the rows of the first."""
    with Store(tmp_path) as store, store.write() as session:
        feed_ids(session, "https://a.example/feed")

    with Store(tmp_path) as store, store.read() as session:
        assert [feed.url for feed in feeds.all_active(session)] == ["https://a.example/feed"]


def test_opening_a_new_store_side_by_side(tmp_path: Path) -> None:
    """Processes that open a new store at the same moment all succeed."""
    program = (
        "import sys; from pathlib import Path; import alembic.command; from pipeline.store import Store\n"
        "print(flush=True); sys.stdin.readline()\n"
        "for n in range(5):\n  Store(Path(sys.argv[1]) / str(n)).close()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        openers = [stack.enter_context(subprocess.Popen(command, **pipes)) for _ in range(3)]
        for opener in openers:
            opener.stdout.readline()  # it has loaded everything
        for opener in openers:
            opener.stdin.write("\n")
            opener.stdin.flush()
        complaints = [opener.communicate()[1] for opener in openers]

    assert complaints == [""] * 3


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A database of a later version is left alone, and the remedy is to upgrade."""
    with Store(tmp_path):
        pass
    _sql(tmp_path / FILE, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"newer Dealwire \(schema 9999\).*Upgrade"):
        Store(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file of another kind is kept as it is, and the remedy is to move it or restore a backup."""
    (tmp_path / FILE).write_bytes(b"something else entirely " * 100)

    with pytest.raises(StoreError, match=r"not a database.*move it away or restore a backup"):
        Store(tmp_path)

    assert (tmp_path / FILE).read_bytes().startswith(b"something else")


def test_a_state_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """Where a file stands in the way, the remedy is another `state`."""
    (tmp_path / "state").write_text("a file")

    with pytest.raises(StoreError, match=r"Set `state` in dealwire\.yaml"):
        Store(tmp_path / "state")
    with pytest.raises(StoreError, match=r"Set `state` in dealwire\.yaml"), sole_writer(tmp_path / "state"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    """Where nothing may be written, the remedy is about permissions."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="may be written by this user"):
            Store(tmp_path)
        with pytest.raises(StoreError, match="may be written by this user"), sole_writer(tmp_path):
            pass
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_pragmas(store: Store, pragma: str, value: Any) -> None:
    """Write-ahead log, every commit on disk (2 is FULL), foreign keys checked."""
    with store.read() as session:
        found = session.connection().execute(text(f"PRAGMA {pragma}")).scalar()

    assert found == value


def test_write_commits_at_the_end_or_not_at_all(store: Store) -> None:
    """An exception inside leaves nothing behind, and the next write works."""

    def stumble() -> None:
        with store.write() as session:
            feed_ids(session, "https://a.example/feed")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        stumble()
    with store.write() as session:
        feed_ids(session, "https://b.example/feed")

    with store.read() as session:
        assert [feed.url for feed in feeds.all_active(session)] == ["https://b.example/feed"]


def test_foreign_keys_are_checked(store: Store) -> None:
    """A row that points nowhere cannot be committed."""
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.write() as session:
        session.connection().execute(
            text("INSERT INTO listing (feed_id, article_id, key, seen_at) VALUES (9, 9, 'k', :now)"), {"now": "2026"}
        )


def test_writers_take_turns(store: Store) -> None:
    """Writes from many threads all go in, one after another."""

    def add(number: int) -> None:
        with store.write() as session:
            known = [feeds.Known(f.url, f.name, f.tier) for f in feeds.all_active(session)]
            feeds.sync(session, [*known, feeds.Known(f"https://{number}.example/", str(number), "press")], NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(24)))

    with store.read() as session:
        assert len(feeds.all_active(session)) == 24


def test_sole_writer_refuses_a_second_process(tmp_path: Path) -> None:
    """While one process holds the state folder, another is told whose it is; afterwards it is free."""
    program = (
        "import sys; from pathlib import Path; from pipeline.store.database import sole_writer\n"
        "with sole_writer(Path(sys.argv[1])):\n  print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match=rf"process {holder.pid}\)\. Stop it first"), sole_writer(tmp_path):
            pass
        holder.kill()
        holder.wait()

    with sole_writer(tmp_path):
        assert (tmp_path / "dealwire.lock").read_text() == str(os.getpid())


def _sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_an_older_store_is_brought_up_to_date(tmp_path: Path) -> None:
    """Matches of the first schema are kept, as pieces about the matter, and can be labelled."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{tmp_path / FILE}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    at = "2026-03-10 12:00:00.000000"
    _sql(
        tmp_path / FILE,
        "INSERT INTO article (id, identity, url, title, author, summary, found_at, body, body_source, body_note,"
        f" attempts) VALUES (7, 'x', 'https://x.example/', 'A deal', '', '', '{at}', '', 'none', '', 1)",
    )
    _sql(
        tmp_path / FILE,
        f"INSERT INTO match (article_id, watch, matched_at, passages) VALUES (7, 'deals', '{at}', '[]')",
    )

    with Store(tmp_path) as store, store.write() as session:
        [match] = articles.matches(session, [7])[7]
        labels.put(session, 7, "deals", mentions=True, about=False, now=NOW)

        assert (match.watch, match.level, match.score, match.reasons) == ("deals", Level.ABOUT, 1.0, {})


def test_the_writer_is_known_without_taking_its_place(tmp_path: Path) -> None:
    """Who holds the folder is told while it does, however often that is asked; nobody before and after."""
    nowhere = writer(tmp_path / "not there")
    with sole_writer(tmp_path):
        held = [writer(tmp_path) for _ in range(3)]
    with (tmp_path / "dealwire.lock").open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)  # as another one does that asks at this moment
        left = writer(tmp_path)
    with sole_writer(tmp_path):
        again = writer(tmp_path)

    assert (nowhere, held, left, again) == (None, [str(os.getpid())] * 3, None, str(os.getpid()))
