"""A look at a database that writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.models import DeliveryState, Disabled
from pipeline.store import Store, articles, feeds, outbox
from pipeline.store.backup import faults
from pipeline.store.checkup import is_mended, schema, standing
from pipeline.store.database import SCHEMA
from tests.store.conftest import NOW, add, entry, feed_ids
from tests.store.old import old_store

pytestmark = pytest.mark.sqlite


def test_how_the_queues_stand(store: Store) -> None:
    """What is stuck is counted, once it is for long enough."""
    add(store, ("https://a.example/feed", [entry("1"), entry("2")]))
    with store.write() as session:
        for name in ("late", "dead"):
            outbox.add(session, key=name, channels=["c"], kind="x", subject="", payload={}, now=NOW)
        session.add(Disabled(channel="gone", since=NOW, reason="410", address="x"))
        session.flush()
        outbox.get(session, 2).state = DeliveryState.DEAD  # type: ignore[union-attr]
        articles.lease(session, [1], NOW, NOW + timedelta(minutes=30))
    fine = standing(Path(store.name), NOW + timedelta(minutes=1))
    stuck = standing(Path(store.name), NOW + timedelta(days=2))

    assert (fine.leases, fine.articles, fine.deliveries, fine.feeds) == (0, 0, 0, [])
    assert (stuck.leases, stuck.articles, stuck.deliveries, stuck.dead) == (1, 2, 1, 1)
    assert (stuck.feeds, stuck.disabled) == (["feed"], ["gone"])
    assert (stuck.newest, stuck.next_feed) == (NOW, NOW)


@pytest.mark.parametrize("full", [False, True])
def test_a_sound_database_has_no_faults(store: Store, full: bool) -> None:
    """Neither at first sight nor at the second."""
    assert faults(Path(store.name), full=full) == []


def test_only_the_full_check_follows_references(store: Store) -> None:
    """A row that points nowhere is found by it."""
    with store.write() as session:
        feed_ids(session, "https://a.example/feed")
    with closing(sqlite3.connect(Path(store.name))) as connection, connection:
        connection.execute("INSERT INTO listing (feed_id, article_id, key, seen_at) VALUES (1, 9, 'k', '2026')")

    assert faults(Path(store.name), full=False) == []
    assert faults(Path(store.name), full=True) == ["a row of listing points nowhere"]


def test_the_schema_is_told_as_it_is(tmp_path: Path) -> None:
    """Nothing is migrated by looking."""
    path = old_store(tmp_path, "0003")

    assert [schema(path), schema(path)] == ["0003", "0003"]
    with Store(tmp_path) as store:
        assert schema(Path(store.name)) == SCHEMA


@pytest.mark.parametrize("look", [lambda path: faults(path, full=True), schema, lambda path: standing(path, NOW)])
def test_what_is_no_database_is_told(tmp_path: Path, look: Callable[[Path], object]) -> None:
    """As an error with the remedy."""
    path = tmp_path / "dealwire.db"
    path.write_bytes(b"something else entirely " * 100)

    with pytest.raises(StoreError, match="not a database"):
        look(path)


@pytest.mark.parametrize(
    ("version", "mended"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_which_sqlite_is_mended(version: tuple[int, ...], mended: bool) -> None:
    """The newer ones, and two older ones into which it was taken."""
    assert is_mended(version) is mended


def test_looking_writes_nothing(store: Store) -> None:
    """The file stays as it is, byte for byte, beside an open store."""
    with store.write() as session:
        feed_ids(session, "https://a.example/feed")
    before = Path(store.name).read_bytes()
    faults(Path(store.name), full=True)
    standing(Path(store.name), NOW)

    assert Path(store.name).read_bytes() == before
    with store.read() as session:
        assert len(feeds.all_active(session)) == 1
