"""A store copied from its file to a PostgreSQL server."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from pipeline.errors import StoreError
from pipeline.store import Store, search
from pipeline.store.copying import copy, require_current
from pipeline.store.database import SCHEMA
from pipeline.store.search import Search
from tests.store.conftest import add, entry, everything
from tests.store.old import old_store

ROWS = 7


def quiet(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store with rows in every table. Deliveries go out within later ones, and a title holds a NUL."""
    path = old_store(tmp_path / "file", SCHEMA, ROWS)
    sql(path, "UPDATE delivery SET gathered_in = CASE id WHEN 7 THEN NULL WHEN 1 THEN 7 ELSE id + 1 END")
    sql(path, "UPDATE article SET title = 'Turbines' || char(0) || ' ordered', body = 'Élan' WHERE id = 3")
    return path


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store holds, as the models have it, but for NULs."""
    with store.read() as session:
        return {
            table.name: [
                tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)
                for row in session.connection().execute(select(table).order_by(*table.primary_key))
            ]
            for table in SQLModel.metadata.sorted_tables
        }


def index_of(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1").fetchall()


def test_all_is_copied_as_it_is(file: Path, url: str) -> None:
    """Every row of every table, in more batches than one; what is told of each table is the same once more."""
    indexes = index_of(url)
    with Store(file.parent) as store, Store(url) as target:
        copied = copy(file, target, quiet, batch=3)
        again = copy(file, target, quiet)

        assert rows(target) == rows(store)
    assert [(each.table, each.rows) for each in copied] == [
        (table.name, ROWS) for table in SQLModel.metadata.sorted_tables
    ]
    assert again == copied
    assert len({each.checksum for each in copied}) == len(copied)
    assert index_of(url) == indexes


def test_new_rows_come_after_those_copied(file: Path, url: str) -> None:
    """They get numbers of their own, and articles copied are found by their words."""
    with Store(url) as target:
        copy(file, target, quiet)
        add(target, ("https://a.example/feed", [entry("new")]))
        with target.read() as session:
            found = [hit.article.id for hit in search.find(session, Search("turbine elan")).rows]

        assert max(article.id or 0 for article in everything(target)) == ROWS + 1
        assert found == [3]


_KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.store import Store, search
from pipeline.store.copying import copy

def progress(stage, done, total):
    if (stage, done) == (sys.argv[3], int(sys.argv[4])):
        os.kill(os.getpid(), signal.SIGKILL)

with Store(sys.argv[2]) as target:
    copy(Path(sys.argv[1]), target, progress, batch=3)
"""


@pytest.mark.parametrize(("stage", "after"), [("copy", 3), ("copy", 20), ("verify", ROWS)])
def test_a_copy_that_was_killed_is_gone_on_with(file: Path, url: str, stage: str, after: int) -> None:
    """Wherever that was, the next run ends with the same result, and copies no row again."""
    killed = subprocess.run([sys.executable, "-c", _KILLED, file, url, stage, str(after)], check=False)
    shown: list[tuple[str, int]] = []
    with Store(file.parent) as store, Store(url) as target:
        there = sum(map(len, rows(target).values()))
        copy(file, target, lambda stage, done, _: shown.append((stage, done)))

        assert rows(target) == rows(store)
    assert killed.returncode == -signal.SIGKILL
    assert there >= after
    assert max(done for stage, done in shown if stage == "compare") == there


def test_a_target_that_holds_something_else_is_refused(file: Path, url: str) -> None:
    """Before anything is written: the rows may be those of a store in use."""
    with Store(url) as target:
        add(target, ("https://a.example/feed", [entry("other")]))
        before = rows(target)

        with pytest.raises(StoreError, match=r"already holds other rows.*Nothing was changed.*empty database"):
            copy(file, target, quiet)

        assert rows(target) == before


def test_a_target_in_use_since_is_refused(file: Path, url: str) -> None:
    """What was copied is the file's no more."""
    with Store(url) as target:
        copy(file, target, quiet)
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE feed SET failures = 99 WHERE id = 2")

        with pytest.raises(StoreError, match=r"other rows.*table feed: 7 rows"):
            copy(file, target, quiet)


def test_what_differs_in_the_end_is_told(file: Path, url: str) -> None:
    """Whatever the cause: here, another program that writes to the target."""

    def meddle(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("copy", total):
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE mute SET until = until + interval '1 microsecond' WHERE id = 5")

    with Store(url) as target, pytest.raises(StoreError, match="the table mute is not as in the file"):
        copy(file, target, meddle)


def test_a_file_whose_references_lead_nowhere_is_refused(file: Path, url: str) -> None:
    """It is damaged, and nothing of it is copied."""
    sql(file, "DELETE FROM feed WHERE id = 1")
    with Store(url) as target:
        with pytest.raises(StoreError, match="is damaged"):
            copy(file, target, quiet)

        assert everything(target) == []


@pytest.mark.parametrize(
    ("schema", "told"),
    [("0008", "Open it with this Dealwire first"), ("9999", "Upgrade Dealwire"), (None, "no database of Dealwire")],
)
def test_a_file_of_another_schema_is_refused(file: Path, schema: str | None, told: str) -> None:
    """The way out is said."""
    sql(file, f"UPDATE alembic_version SET version_num = '{schema}'" if schema else "DELETE FROM alembic_version")

    with pytest.raises(StoreError, match=told):
        require_current(file)


def test_no_file_at_all(tmp_path: Path) -> None:
    """None is made by asking."""
    with pytest.raises(StoreError, match="There is no database at"):
        require_current(tmp_path / "x.db")

    assert not list(tmp_path.iterdir())
