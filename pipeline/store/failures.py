"""What the database and the system say when the database cannot be used, and how to mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from pipeline.errors import StoreError


@contextmanager
def translated(path: Path | str) -> Iterator[None]:
    """Turn what goes wrong at a database, a file or a folder into a StoreError that names it and the remedy."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"{path}: {error.orig}. {remedy(str(error.orig))}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}. {remedy(str(error))}") from error
    except OSError as error:
        what = error.strerror or str(error)
        raise StoreError(f"{error.filename or path}: {what}. {remedy(what)}") from error


def remedy(reason: str) -> str:
    """How to mend what the reason tells of."""
    said = reason.lower()
    if any(word in said for word in ("password", "authentication", "does not exist", "pg_hba")):
        return "Check `store` in dealwire.yaml: user, password and the name of the database."
    if any(word in said for word in ("connection", "shutting down", "starting up", "terminating", "resolve host")):
        return "Check that the PostgreSQL server runs and can be reached."
    if any(word in said for word in ("locked", "busy", "lock timeout")):
        return "Another program holds it; close that and try again."
    if any(word in said for word in ("readonly", "read-only", "unable to open", "permission", "not permitted")):
        return "Check that the file and its folder may be written by this user."
    if any(word in said for word in ("full", "i/o", "input/output", "no space", "too large", "quota")):
        return "Check the free space and health of the disk."
    if "not a database" in said or "malformed" in said:
        return "The file is damaged or is something else; move it away or restore a backup."
    if "no such file" in said or "not a directory" in said:
        return "Check the path."
    return "Check the database."
