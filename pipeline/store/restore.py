"""A backup put in the database's place, which is kept beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import StoreBusy, StoreError
from pipeline.store.backup import DRAFT, back_up, require_sound, sync
from pipeline.store.checkup import schema as schema_of
from pipeline.store.database import SCHEMA
from pipeline.store.failures import translated
from pipeline.store.holder import sole_writer
from pipeline.store.sqlite import FILE

_BESIDE = ("", "-wal", "-shm", "-journal")
"""How the names of the files end that make a database."""

_BUSY_SECONDS = 5


@dataclass(frozen=True)
class Restored:
    """What is in place now, and where what was there before went; None where there was nothing."""

    database: Path
    articles: int
    schema: str
    aside: Path | None


def restore(backup: Path, state: Path, now: datetime) -> Restored:
    """Put a checked copy of the backup in place of the database in the state folder, and that aside.

    Raises StoreError, StoreBusy where another process uses the database; then nothing is changed.
    """
    database = state / FILE
    with sole_writer(state):
        schema = _schema(backup)
        require_sound(backup)
        draft = database.with_name(f"{FILE}.restored{DRAFT}")
        copy = back_up(backup, draft)
        try:
            aside = _set_aside(database, now)
            with translated(database):
                draft.replace(database)
                sync(state)
        finally:
            with suppress(OSError):  # what went wrong before is what is to be told
                draft.unlink()
    return Restored(database, copy.articles, schema, aside)


def _schema(backup: Path) -> str:
    """The schema of a backup that this Dealwire can use."""
    if not backup.is_file():
        raise StoreError(f"There is no backup at {backup}.")
    found = schema_of(backup)
    if found is None:
        raise StoreError(f"{backup} is no database of Dealwire.")
    if found > SCHEMA:
        raise StoreError(f"{backup} was written by a newer Dealwire (schema {found}). Upgrade Dealwire.")
    return found


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Rename all files of the database. A log of it that stayed would be taken for that of the next one."""
    if not any(_beside(database, ending).exists() for ending in _BESIDE):
        return None
    if database.exists():
        _fold_in(database)
    aside = database.with_name(f"{database.stem}-replaced-{now:%Y%m%dT%H%M%S%fZ}{database.suffix}")
    with translated(database):
        for ending in reversed(_BESIDE):
            if _beside(database, ending).exists():
                _beside(database, ending).rename(_beside(aside, ending))
    return aside


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(f"{database.name}{ending}")


def _fold_in(database: Path) -> None:
    """Bring what the log holds into the file. To leave WAL mode also proves that nobody else has it open.

    Of a damaged database, which may be why a backup is restored, the files are kept as they are.
    """
    try:
        with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreBusy(f"{database} is open in another program. Close that and try again.") from error
        raise StoreError(f"{database}: {error}. It stays as it is; nothing was restored.") from error
    except sqlite3.DatabaseError:
        return
