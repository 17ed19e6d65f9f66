"""A look at a PostgreSQL server, in whatever state its database is: nothing is written or migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from pipeline.store.database import schema_of
from pipeline.store.failures import translated
from pipeline.store.postgresql import Postgresql, holder

OLDEST = 13
"""The first version of PostgreSQL that has all that the store asks for: `normalize` came with it."""

_PATIENCE = 10.0


@dataclass(frozen=True)
class Look:
    """What a server says of itself and of the database.

    `schema` is None where it holds none of Dealwire's; `holder` says where a process works alone on it, empty for none.
    """

    version: int
    release: str
    encoding: str
    schema: str | None
    bytes: int
    holder: str


def look(url: str) -> Look:
    """Ask the server. Raises StoreError where it cannot be reached, or has no such database."""
    with reading(url) as session:
        connection = session.connection()
        release, number, encoding, size = connection.execute(
            text(
                "SELECT current_setting('server_version'), current_setting('server_version_num')::integer,"
                " current_setting('server_encoding'), pg_database_size(current_database())"
            )
        ).one()
        return Look(
            version=number // 10_000,
            release=release,
            encoding=encoding,
            schema=schema_of(connection),
            bytes=size,
            holder=holder(connection),
        )


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """One view of a database as it is. Raises StoreError."""
    database = Postgresql(url, _PATIENCE)
    try:
        with translated(database.name), database.reading() as session:
            yield session
    finally:
        database.engine.dispose()
