"""Restoring: the backup in place whole, and what was there before kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import StoreBusy, StoreError
from pipeline.store import Store
from pipeline.store.backup import back_up
from pipeline.store.holder import sole_writer
from pipeline.store.restore import restore
from pipeline.store.sqlite import FILE
from tests.store.conftest import NOW, add, entry, everything
from tests.store.old import is_sound, old_store, read_all
from tests.store.test_backup import stored, writer

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("empty_state")]


def titles(state: Path) -> list[str]:
    with Store(state) as store:
        return sorted(article.title for article in everything(store))


def with_article(state: Path, title: str) -> Path:
    with Store(state) as store:
        add(store, ("https://a.example/feed", [entry(title, title=title)]))
    return state / FILE


def test_what_was_there_is_kept_beside_it(tmp_path: Path) -> None:
    """Under a name with the time, whole and to be opened."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    with_article(state, "new")
    restored = restore(backup, state, NOW)

    assert restored.articles == 1
    assert restored.aside == state / "dealwire-replaced-20260310T120000000000Z.db"
    assert [row["title"] for row in read_all(restored.aside)["article"]] == ["old", "new"]
    assert titles(state) == ["old"]
    assert backup.exists()


def test_into_an_empty_folder(tmp_path: Path) -> None:
    """On a new machine there is nothing to set aside."""
    backup = back_up(with_article(tmp_path / "state", "old"), tmp_path / "b.db").path
    restored = restore(backup, tmp_path / "elsewhere", NOW)

    assert (restored.aside, titles(tmp_path / "elsewhere")) == (None, ["old"])


def test_the_log_of_a_killed_writer_is_not_applied_to_the_backup(tmp_path: Path) -> None:
    """It goes with the database that it belongs to, which loses nothing."""
    state = tmp_path / "state"
    with writer(state) as process:
        stored(process, 100)
        made = back_up(state / FILE, tmp_path / "b.db")
        killed_at = stored(process, made.articles + 200)
    assert (state / f"{FILE}-wal").stat().st_size > 0
    restored = restore(made.path, state, NOW)

    assert not (state / f"{FILE}-wal").exists()
    assert restored.articles == made.articles
    assert len(read_all(state / FILE)["article"]) == made.articles
    assert is_sound(state / FILE)
    assert restored.aside
    assert len(read_all(restored.aside)["article"]) >= killed_at


def test_a_log_without_its_database_is_set_aside_too(tmp_path: Path) -> None:
    """Someone removed the file and left the log."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    (state / FILE).unlink()
    (state / f"{FILE}-wal").write_bytes(b"of another time")
    restored = restore(backup, state, NOW)

    assert restored.aside
    assert restored.aside.with_name(f"{restored.aside.name}-wal").read_bytes() == b"of another time"
    assert titles(state) == ["old"]


def test_a_damaged_database_is_replaced(tmp_path: Path) -> None:
    """Its files are kept as they are: something may be saved from them."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    (state / FILE).write_bytes(b"rubbish" * 1000)
    restored = restore(backup, state, NOW)

    assert restored.aside
    assert restored.aside.read_bytes() == b"rubbish" * 1000
    assert titles(state) == ["old"]


def test_an_older_backup_is_brought_up_to_date_at_the_next_start(tmp_path: Path) -> None:
    """It is put in place as it is."""
    backup = old_store(tmp_path / "old", "0003")
    restored = restore(backup, tmp_path / "state", NOW)

    assert restored.schema == "0003"
    assert len(titles(tmp_path / "state")) == 2


def test_while_a_daemon_runs_nothing_is_restored(tmp_path: Path) -> None:
    """Nothing is changed."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    with_article(state, "new")
    with sole_writer(state), pytest.raises(StoreBusy, match="Stop it first"):
        restore(backup, state, NOW)

    assert titles(state) == ["new", "old"]


def test_while_another_program_has_it_open_nothing_is_restored(tmp_path: Path) -> None:
    """Its log would be taken away under it."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    with closing(sqlite3.connect(state / FILE)) as other:
        other.execute("SELECT * FROM article").fetchall()
        with pytest.raises(StoreBusy, match="open in another program"):
            restore(backup, state, NOW)

    assert titles(state) == ["old"]
    assert not list(state.glob("*replaced*")) + list(state.glob("*.draft"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "There is no backup at"),
        (b"", "is no database of Dealwire"),
        (b"something else entirely " * 100, "not a database"),
        ("UPDATE alembic_version SET version_num = '9999'", r"newer Dealwire \(schema 9999\)\. Upgrade"),
        ("INSERT INTO listing (feed_id, article_id, key, seen_at) VALUES (9, 9, 'k', '2026')", "is damaged"),
    ],
)
def test_what_is_no_sound_backup_is_refused(tmp_path: Path, content: bytes | str | None, told: str) -> None:
    """The error says why, and nothing is changed."""
    state = tmp_path / "state"
    backup = back_up(with_article(state, "old"), tmp_path / "b.db").path
    if content is None:
        backup.unlink()
    elif isinstance(content, bytes):
        backup.write_bytes(content)
    else:
        with closing(sqlite3.connect(backup)) as connection, connection:
            connection.execute(content)

    with pytest.raises(StoreError, match=told):
        restore(backup, state, NOW)

    assert titles(state) == ["old"]
    assert not list(state.glob("*replaced*")) + list(state.glob("*.draft"))
