"""Backups: whole, alone, and taken while others write."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.backup import back_up, require_sound
from tests.store.conftest import add, entry
from tests.store.old import is_sound

pytestmark = pytest.mark.sqlite

_WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from pipeline.domain import Entry
from pipeline.store import Store, entries, feeds

now = datetime(2026, 3, 10, tzinfo=UTC)
with Store(Path(sys.argv[1])) as store:
    with store.write() as session:
        feeds.sync(session, [feeds.Known("https://a.example/feed", "a", "press")], now)
    number = 0
    while True:
        with store.write() as session:
            urls = [f"https://a.example/{number}.{n}" for n in range(10)]
            batch = [Entry(url, url, "A title", "x" * 2000) for url in urls]
            entries.add_entries(session, {1: batch}, now)
        number += 1
        print(number * 10, flush=True)
"""


@contextmanager
def writer(state: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that stores ten articles a transaction, as fast as it can, and says how many there are."""
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(state)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def stored(process: subprocess.Popen[str], at_least: int) -> int:
    """How many articles it has stored, once that is so many."""
    assert process.stdout
    while (count := int(process.stdout.readline())) < at_least:
        pass
    return count


def one(path: Path, query: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(query).fetchone()[0])


def test_a_backup_while_another_process_writes(tmp_path: Path) -> None:
    """It holds whole transactions up to one moment, every article with its listing, and the writer goes on."""
    with writer(tmp_path / "state") as process:
        before = stored(process, 200)
        made = [back_up(tmp_path / "state" / "dealwire.db", tmp_path / f"{n}.db") for n in range(3)]
        stored(process, made[-1].articles + 100)

    assert before <= made[0].articles <= made[1].articles <= made[2].articles
    for backup in made:
        assert is_sound(backup.path)
        assert backup.articles % 10 == 0
        assert backup.size == backup.path.stat().st_size
        assert one(backup.path, "SELECT max(id) FROM article") == backup.articles
        unlisted = "SELECT count(*) FROM article WHERE id NOT IN (SELECT article_id FROM listing)"
        assert one(backup.path, unlisted) == 0


def test_a_backup_stands_alone(store: Store, tmp_path: Path) -> None:
    """One file, without a log, that holds what the log of the database held; nothing else is left over."""
    add(store, ("https://a.example/feed", [entry("1"), entry("2")]))
    (tmp_path / "out").mkdir()
    made = back_up(Path(store.name), tmp_path / "out" / "b.db")

    assert made.articles == 2
    assert one(made.path, "SELECT count(*) FROM listing") == 2
    with closing(sqlite3.connect(made.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.db"]


def test_a_backup_replaces_the_one_before(store: Store, tmp_path: Path) -> None:
    """Whole: its log and draft play no part."""
    made = back_up(Path(store.name), tmp_path / "b.db")
    add(store, ("https://a.example/feed", [entry("1")]))

    assert (made.articles, back_up(Path(store.name), tmp_path / "b.db").articles) == (0, 1)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("absent/b.db", r"absent is no folder\. Check the path"),
        ("file/b.db", r"file is no folder\. Check the path"),
        ("state/dealwire.db", "is the database itself"),
    ],
)
def test_where_no_backup_can_go(store: Store, tmp_path: Path, target: str, told: str) -> None:
    """The error names the place and the remedy, and the database is untouched."""
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match=told):
        back_up(Path(store.name), tmp_path / target)

    assert is_sound(Path(store.name))


def test_a_backup_that_has_no_room(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not begun; what was there stays."""
    (tmp_path / "b.db").write_text("precious")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))

    with pytest.raises(StoreError, match=r"too little for a backup of .*Make room on that disk"):
        back_up(Path(store.name), tmp_path / "b.db")

    assert (tmp_path / "b.db").read_text() == "precious"
    assert not list(tmp_path.glob("*.draft"))


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    """And no file is made."""
    with pytest.raises(StoreError, match="nothing to back up"):
        back_up(tmp_path / "dealwire.db", tmp_path / "b.db")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_gives_no_backup(store: Store, tmp_path: Path) -> None:
    """An older backup in its place is kept."""
    add(store, ("https://a.example/feed", [entry(str(n), text="x" * 3000) for n in range(100)]))
    store.compact()
    store.close()
    damage(Path(store.name))
    (tmp_path / "b.db").write_text("precious")

    with pytest.raises(StoreError, match=r"damaged|malformed"):
        back_up(Path(store.name), tmp_path / "b.db")

    assert (tmp_path / "b.db").read_text() == "precious"
    assert not list(tmp_path.glob("*.draft*"))


def damage(path: Path) -> None:
    """Overwrite pages in the middle of a database."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 8 * 4096)


def test_references_are_checked(store: Store, tmp_path: Path) -> None:
    """A row that points nowhere makes a copy unsound."""
    with closing(sqlite3.connect(Path(store.name))) as connection, connection:
        connection.execute("INSERT INTO listing (feed_id, article_id, key, seen_at) VALUES (9, 9, 'k', '2026')")

    with pytest.raises(StoreError, match="a row of listing points nowhere"):
        require_sound(Path(store.name))
    with pytest.raises(StoreError, match="a row of listing points nowhere"):
        back_up(Path(store.name), tmp_path / "b.db")
