"""Copies of the database that stand alone: made while others write, checked, and in place whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.errors import StoreError
from pipeline.store.failures import translated

DRAFT = ".draft"
"""How the name of a copy ends that is not whole yet."""

_BUSY_SECONDS = 30


@dataclass(frozen=True)
class Backup:
    """A copy that was made: its size in bytes, how many articles it holds, and the seconds it took."""

    path: Path
    size: int
    articles: int
    seconds: float


def back_up(database: Path, target: Path) -> Backup:
    """Copy the database to `target`, in place of what is there, and check the copy. Raises StoreError.

    The copy is one moment of the database. It is taken in one step from a read snapshot, so that no writer waits for
    it and none makes it begin again (sqlite.org/backup.html).
    """
    started = time.monotonic()
    if not database.is_file():
        raise StoreError(f"There is no database at {database}, so there is nothing to back up.")
    if target.exists() and target.samefile(database):
        raise StoreError(f"{target} is the database itself. Name another file.")
    require_room(target.parent, size_of(database), f"a backup of {database}")
    draft = target.with_name(f"{target.name}.{os.getpid()}{DRAFT}")
    try:
        with translated(target):
            _copy(database, draft)
        articles = require_sound(draft)
        with translated(target):
            sync(draft)
            draft.replace(target)
            sync(target.parent)
    finally:
        for left in (draft, draft.with_name(f"{draft.name}-journal")):
            with suppress(OSError):  # in a folder that is read-only it fails even where there is none
                left.unlink()
    return Backup(target, target.stat().st_size, articles, time.monotonic() - started)


def read_only(database: Path) -> sqlite3.Connection:
    """A connection that never writes the database, and waits its turn where it must."""
    address = f"file:{quote(str(database.absolute()))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def size_of(database: Path) -> int:
    """Bytes of the database with what its write-ahead log holds."""
    log = database.with_name(f"{database.name}-wal")
    return database.stat().st_size + (log.stat().st_size if log.exists() else 0)


def require_room(folder: Path, size: int, purpose: str) -> None:
    """Raises StoreError where the folder is not there, or its disk has less than `size` bytes left."""
    if not folder.is_dir():
        raise StoreError(f"{folder} is no folder. Check the path.")
    with translated(folder):
        free = shutil.disk_usage(folder).free
    if free < size:
        raise StoreError(
            f"{folder} has {free / 2**20:,.0f} MiB left, too little for {purpose} ({size / 2**20:,.0f} MiB). "
            "Make room on that disk."
        )


def faults(database: Path, *, full: bool) -> list[str]:
    """What is wrong with the structure of the database; with `full` also with indexes and references.

    Raises StoreError where it cannot be read at all.
    """
    with translated(database), closing(read_only(database)) as connection:
        check = "integrity_check" if full else "quick_check"
        found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}") if row[0] != "ok"]
        if full:
            found += [f"a row of {row[0]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")]
        return found


def require_sound(database: Path) -> int:
    """Check a whole database, structure and references; how many articles it holds. Raises StoreError."""
    found = faults(database, full=True)
    if found:
        raise StoreError(f"{database} is damaged ({found[0]}). Use an earlier backup.")
    with translated(database), closing(read_only(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM article").fetchone()[0])


def _copy(database: Path, draft: Path) -> None:
    draft.unlink(missing_ok=True)  # of a process of the same number that was killed over it
    with closing(read_only(database)) as source, closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # a copy in WAL mode would want a second file beside it


def sync(path: Path) -> None:
    """Have the file, or the names in the folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
