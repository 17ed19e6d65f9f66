"""Opening, migrating and holding the database."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import TypeAdapter
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from pipeline.domain import DealState, Level
from pipeline.errors import StoreBusy, StoreError
from pipeline.store import Store, articles, copied, feeds, labels, ledger, part, search
from pipeline.store.database import SCHEMA
from pipeline.store.feeds import Listed
from pipeline.store.holder import sole_writer, writer
from pipeline.store.sqlite import BACKUPS, FILE
from tests.store.conftest import NOW, feed_ids
from tests.store.old import INDEX, MIGRATIONS, is_sound, old_store, read_all
from tests.support.ledger import source, state
from tests.support.trouble import SAYS, trouble
from tests.support.world import FixedClock

pytestmark = pytest.mark.sqlite


def test_schema_constant_is_the_newest_migration() -> None:
    """The revision that `Store` asks for is the head of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_migrated_schema_is_that_of_the_models(store: Store) -> None:
    """The migrations make the very tables, columns, indexes and keys that the models declare."""
    assert _differences(Path(store.name)) == []


def _differences(path: Path) -> list[Any]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        declared = {"compare_type": False, "include_name": lambda name, *_: not (name or "").startswith(INDEX)}
        context = MigrationContext.configure(connection, opts=declared)
        differences: list[Any] = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    return differences


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
        "import sys; from pathlib import Path; from pipeline.store.holder import sole_writer\n"
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


SCHEMAS = [f"{number:04}" for number in range(1, int(SCHEMA) + 1)]
OLD = SCHEMAS[:-1]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_schema_is_brought_up_to_date(tmp_path: Path, schema: str) -> None:
    """All rows of all tables are kept as they are, references hold, and the schema is that of the models."""
    path = old_store(tmp_path, schema)
    before = read_all(path)
    Store(tmp_path).close()
    after = read_all(path)

    assert all(len(rows) == 2 for rows in before.values())
    for table, rows in before.items():
        columns = rows[0].keys()
        if table == "delivery" and schema < "0006":
            assert [row["watch"] for row in after[table]] == ["deals", "deals"]
            assert [row["deal_id"] for row in after[table]] == ([1, 2] if "deal" in before else [None, None])
        assert [{name: row[name] for name in columns} for row in after[table]] == rows
    assert is_sound(path)
    assert _differences(path) == []


@pytest.mark.parametrize("schema", OLD)
def test_an_older_store_is_backed_up_first(tmp_path: Path, schema: str) -> None:
    """The backup is what the database was, named by its schema and the time."""
    before = read_all(old_store(tmp_path, schema))
    Store(tmp_path, FixedClock()).close()

    [backup] = (tmp_path / BACKUPS).iterdir()
    assert backup.name == f"dealwire-{schema}-20260310T120000Z.db"
    assert read_all(backup) == before
    assert is_sound(backup)


def test_where_there_is_nothing_to_migrate_there_is_no_backup(tmp_path: Path) -> None:
    """Neither of a new database nor of a current one."""
    for _ in range(2):
        Store(tmp_path).close()

    assert not (tmp_path / BACKUPS).exists()


def test_the_last_three_backups_are_kept(tmp_path: Path) -> None:
    """However often a store is taken back and forth."""
    clock = FixedClock()
    old = old_store(tmp_path / "old", "0003").parent
    for day in range(5):
        state = Path(shutil.copytree(old, tmp_path / str(day)))
        if day:
            (tmp_path / str(day - 1) / BACKUPS).rename(state / BACKUPS)
        Store(state, clock).close()
        clock.advance(days=1)

    names = sorted(backup.name for backup in (state / BACKUPS).iterdir())
    assert names == [f"dealwire-0003-202603{day}T120000Z.db" for day in (12, 13, 14)]


def test_without_room_for_the_backup_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how much is missing where, and the database is left byte for byte."""
    path = old_store(tmp_path, "0005")
    before = path.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))

    with pytest.raises(StoreError, match=r"backups has 0 MiB left, too little for a backup of .*Make room"):
        Store(tmp_path)

    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    """Also what it had done until then; the error names the backup."""
    path = old_store(tmp_path, "0004")
    _sql(path, "CREATE TABLE mute (id INTEGER)")  # over which the last migration stumbles
    before = read_all(path)

    with pytest.raises(
        StoreError, match=r"from schema 0004 to .*table mute already exists.*as it was before.*dealwire-0004-"
    ):
        Store(tmp_path)

    assert read_all(path) == before
    assert is_sound(path)


def test_a_delivery_that_is_no_json_stops_no_migration(tmp_path: Path) -> None:
    """It is kept as it is, of no watch."""
    path = old_store(tmp_path, "0005")
    _sql(path, "UPDATE delivery SET payload = 'no JSON' WHERE id = 1")
    Store(tmp_path).close()

    assert [row["watch"] for row in read_all(path)["delivery"]] == ["", "deals"]


def test_what_is_stored_can_be_found_after_an_upgrade(tmp_path: Path) -> None:
    """Articles by their words, deals by companies, articles and each other; and what feeds listed is counted."""
    path = old_store(tmp_path, "0006", rows=3)
    for number, before in ((1, ""), (2, "one")):
        made = state(key=("one", "two")[number - 1], supersedes=before, sources=(source(number, "a.example"),))
        data = TypeAdapter(DealState).dump_json(made).decode().replace("'", "''")
        _sql(path, f"UPDATE deal SET watch = 'w', key = '{made.key}', data = '{data}' WHERE id = {number}")
    _sql(path, "UPDATE deal SET dismissed = 0, data = CASE id WHEN 3 THEN 'no JSON' ELSE data END")
    _sql(path, "UPDATE article SET body = '', ingested_at = found_at WHERE id = 2")
    _sql(path, "UPDATE article SET ingested_at = found_at WHERE id = 1")
    _sql(path, "UPDATE article SET ingested_at = NULL WHERE id = 3")
    again = "SELECT 2, 1, 'again', '', seen_at FROM listing WHERE id = 1"
    _sql(path, f"INSERT INTO listing (feed_id, article_id, key, content, seen_at) {again}")

    with Store(tmp_path) as store, store.read() as session:
        first, second = (ledger.of_article(session, number) for number in (1, 2))
        found = [
            [hit.article.id for hit in search.find(session, search.Search(words)).rows]
            for words in ("body", "summary", "title", '"title 3"')
        ]

        assert ([deal.key for deal in first], [deal.key for deal in second]) == (["one"], ["two"])
        assert first[0].saved_at == first[0].last
        assert [deal.key for deal in ledger.pointing_at(session, "w", "one")] == ["two"]
        assert ledger.parties(session, "w") == [("oracle", "Oracle", 2)]
        assert feeds.listed_counts(session) == {1: Listed(1, 0), 2: Listed(2, 1), 3: Listed(1, 0)}
        assert found == [[1], [2], [3, 2, 1], [3]]


@pytest.mark.parametrize("schema", ["0006", "0007"])
def test_an_upgrade_leaves_the_index_of_words_whole(tmp_path: Path, schema: str) -> None:
    """It holds what the articles say, of those that were not read yet the titles."""
    path = old_store(tmp_path, schema, rows=3)
    _sql(path, "UPDATE article SET ingested_at = CASE id WHEN 1 THEN NULL ELSE found_at END")
    Store(tmp_path).close()

    _sql(path, "INSERT INTO articleindex (articleindex, rank) VALUES ('integrity-check', 1)")  # fails where it differs


def test_of_openers_of_an_old_store_one_migrates(tmp_path: Path) -> None:
    """Opened side by side, it is backed up and migrated once, and all succeed."""
    old_store(tmp_path, "0001")
    with ThreadPoolExecutor(4) as threads:
        for opened in [threads.submit(Store, tmp_path, FixedClock()) for _ in range(4)]:
            opened.result().close()

    assert len(list((tmp_path / BACKUPS).iterdir())) == 1


def test_matches_of_the_first_schema_can_be_labelled(tmp_path: Path) -> None:
    """They are kept as pieces about the matter."""
    old_store(tmp_path, "0001")
    with Store(tmp_path) as store, store.write() as session:
        [match] = articles.matches(session, [2])[2]
        labels.put(session, 2, "deals", mentions=True, about=False, now=NOW)

        assert (match.watch, match.level, match.score, match.reasons) == ("watch 2", Level.ABOUT, 1.0, {})


def test_a_store_that_another_program_locks(tmp_path: Path) -> None:
    """What cannot be written in time is refused with the remedy; reading goes on, and so does writing afterwards."""
    with Store(tmp_path, patience=0.01) as store:
        with trouble("locked", store.name) as wrong:
            wrong.on()
            with pytest.raises(StoreError, match=r"locked\. Another program holds it; close that"), store.write():
                pass
            with store.read() as session:
                assert feeds.all_active(session) == []
        with store.write() as session:
            assert feed_ids(session, "https://a.example/feed")


@pytest.mark.parametrize(("kind", "says"), [("full", "Check the free space"), ("readonly", "may be written by this")])
def test_a_store_that_cannot_be_written(store: Store, kind: str, says: str) -> None:
    """The error says why; what was stored before is there, and afterwards it can be written again."""
    with store.write() as session:
        feed_ids(session, "https://a.example/feed")
    many = [f"https://{n}.example/{'x' * 1000}" for n in range(200)]
    with trouble(kind, store.name) as wrong:
        wrong.on()
        with pytest.raises(StoreError, match=f"{SAYS[kind]}.*{says}"), store.write() as session:
            feed_ids(session, *many)
        with store.read() as session:
            assert [feed.url for feed in feeds.all_active(session)] == ["https://a.example/feed"]
        wrong.off()
        with store.write() as session:
            assert len(feed_ids(session, *many)) == 200


def test_a_part_says_what_went_wrong_first(store: Store) -> None:
    """On a full disk SQLite undoes the whole transaction; that a part cannot be undone then is no news."""
    with trouble("full", store.name) as wrong:
        wrong.on()
        with pytest.raises(StoreError, match="disk is full"), store.write() as session, part(session):
            feed_ids(session, *(f"https://{n}.example/{'x' * 1000}" for n in range(200)))


def test_size_and_compacting(store: Store) -> None:
    """Pages that became free are counted, and given back on demand."""
    with store.write() as session:
        feed_ids(session, *(f"https://{n}.example/{'x' * 1000}" for n in range(200)))
    with store.write() as session:
        session.connection().execute(text("DELETE FROM feed"))
    before = store.size()
    store.compact()
    after = store.size()

    assert before.free > 100_000
    assert before.wal > 0
    assert (after.free, after.wal) == (0, 0)
    assert after.file < before.file + before.wal - 100_000


def test_a_copy_belongs_to_no_session(store: Store) -> None:
    """To change it leaves the row as it was, until it is saved."""
    with store.write() as session:
        feed_ids(session, "https://a.example/feed")
        [feed] = feeds.all_active(session)
        other = copied(feed)
        other.failures = 7

    assert (feed.failures, other.id, other.url) == (0, feed.id, feed.url)


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
