"""doctor: each thing that can be wrong is found, and the rest is in order."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.flow.doctor import Check, Grade, examine
from pipeline.models import Article, DeliveryState, Disabled
from pipeline.store import Session, Store, checkup, feeds, outbox
from pipeline.store.holder import sole_writer
from pipeline.store.sqlite import FILE
from tests.store.old import old_store, read_all
from tests.support.world import write_config

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration whose state is in order, on a machine whose disk and SQLite are."""
    monkeypatch.setattr(checkup, "sqlite_version", lambda: checkup.SOUND_SQLITE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, 10**12))
    place = write_config(tmp_path / "config", ["https://a.example/feed"])
    with Store(tmp_path / "state") as store, store.write() as session:
        feeds.sync(session, [feeds.Known("https://a.example/feed", "feed 1", "press")], NOW)
    return place


def checks(folder: Path, *, full: bool = False) -> dict[str, Check]:
    return {check.name: check for check in examine(folder, NOW, full=full)}


def grades(folder: Path) -> dict[str, Grade]:
    """Those that are not in order."""
    return {name: check.grade for name, check in checks(folder).items() if check.grade is not Grade.OK}


@pytest.mark.parametrize("full", [False, True])
def test_all_is_in_order(folder: Path, full: bool) -> None:
    """Every check says so, and what comes next."""
    found = checks(folder, full=full)

    assert {check.grade for check in found.values()} == {Grade.OK}
    assert len(found) == 16
    assert found["schedule"].said == "next feed 10 Mar 12:00, next digest 11 Mar 07:00"
    assert found["channels"].said == "local (local)"
    assert found["daemon"].said == "none is running"


def test_a_broken_configuration(folder: Path) -> None:
    """Its problems are told one by one, and nothing else is looked at."""
    (folder / "feeds.yaml").write_text("feeds: [{name: x, url: nowhere}, {name: '', url: 'https://a.example/'}]")

    found = list(examine(folder, NOW))
    assert len(found) >= 2
    assert {(check.name, check.grade) for check in found} == {("configuration", Grade.FAIL)}


def test_no_database_yet(folder: Path) -> None:
    """Nor is one made by looking."""
    shutil.rmtree(folder.parent / "state")

    assert grades(folder) == {"database": Grade.WARN}
    assert not (folder.parent / "state").exists()


def test_a_state_folder_that_is_none(folder: Path) -> None:
    """A file stands in its place."""
    shutil.rmtree(folder.parent / "state")
    (folder.parent / "state").touch()

    assert grades(folder)["state folder"] is Grade.FAIL


@pytest.mark.parametrize("content", [b"", b"something else entirely " * 1000])
def test_a_damaged_database(folder: Path, content: bytes) -> None:
    """It is told, with the way to a backup; the file is kept as it is."""
    path = folder.parent / "state" / FILE
    path.write_bytes(content)
    for beside in path.parent.glob(f"{FILE}-*"):
        beside.unlink()
    found = grades(folder)

    assert found in ({"database": Grade.FAIL}, {"schema": Grade.WARN})
    assert path.read_bytes() == content


def test_pages_that_are_overwritten(folder: Path) -> None:
    """Found by the quick check."""
    path = folder.parent / "state" / FILE
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    found = checks(folder)["database"]
    assert found.grade is Grade.FAIL
    assert "restore FILE" in found.remedy


@pytest.mark.parametrize(("schema", "grade"), [("0003", Grade.WARN), ("9999", Grade.FAIL)])
def test_another_schema(folder: Path, schema: str, grade: Grade) -> None:
    """An older one is brought up to date by the next start, not by looking; a newer one needs a newer Dealwire."""
    state = folder.parent / "state"
    shutil.rmtree(state)
    path = old_store(state, "0003")
    if schema != "0003":
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [schema])
    before = read_all(path)

    assert grades(folder) == {"schema": grade}
    assert read_all(path) == before


@pytest.mark.parametrize(
    ("free", "grade"), [(2**30 + 1, None), (2**30 - 1, Grade.WARN), (100_000, Grade.WARN), (1_000, Grade.FAIL)]
)
def test_room_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, grade: Grade | None) -> None:
    """Below 1 GiB it is short, and below a tenth of the database there is none."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, free))

    assert grades(folder).get("disk") is grade


def test_an_old_sqlite(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its version is named, and the one to have."""
    monkeypatch.setattr(checkup, "sqlite_version", lambda: (3, 40, 1))
    found = checks(folder)["SQLite"]

    assert found.grade is Grade.WARN
    assert found.said.startswith("3.40.1: before 3.51.3")


def test_who_works_on_it(folder: Path) -> None:
    """The process is named."""
    with sole_writer(folder.parent / "state"):
        found = checks(folder)["daemon"]

    assert found.grade is Grade.OK
    assert found.said.startswith("process ")


@pytest.mark.parametrize("place", ["b.db.7.draft", "backups/dealwire-0005-20260310T120000Z.db.7.draft"])
def test_what_a_killed_backup_left(folder: Path, place: str) -> None:
    """It is named."""
    left = folder.parent / "state" / place
    left.parent.mkdir(exist_ok=True)
    left.touch()

    assert left.name in checks(folder)["drafts"].said
    assert grades(folder) == {"drafts": Grade.WARN}


def _pending(session: Session) -> None:
    old = NOW - timedelta(days=2)
    session.add(Article(identity="1", url="", title="", found_at=old, next_try=old))


def _leased(session: Session) -> None:
    old = NOW - timedelta(hours=2)
    session.add(Article(identity="1", url="", title="", found_at=old, next_try=old, lease_until=old))


def _future(session: Session) -> None:
    session.add(Article(identity="1", url="", title="", found_at=NOW + timedelta(hours=1)))


def _due(session: Session) -> None:
    at = NOW - timedelta(hours=2)
    outbox.add(session, key="k", channels=["local"], kind="x", subject="", payload={}, now=at)


def _dead(session: Session) -> None:
    _due(session)
    session.flush()
    outbox.get(session, 1).state = DeliveryState.DEAD  # type: ignore[union-attr]


def _unpolled(session: Session) -> None:
    [feed] = feeds.all_active(session)
    feed.last_poll = NOW - timedelta(seconds=3 * feed.interval + 1)


def _disabled(session: Session) -> None:
    session.add(Disabled(channel="local", since=NOW, reason="410", address="x"))


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (_pending, "articles"),
        (_leased, "leases"),
        (_future, "clock"),
        (_due, "deliveries"),
        (_dead, "dead deliveries"),
        (_unpolled, "feeds"),
        (_disabled, "channels"),
    ],
)
def test_what_is_stuck(folder: Path, wrong: Callable[[Session], None], name: str) -> None:
    """Each is told by itself, with what to do."""
    with Store(folder.parent / "state") as store, store.write() as session:
        wrong(session)
    found = checks(folder)

    assert grades(folder) == {name: Grade.WARN}
    assert found[name].remedy
