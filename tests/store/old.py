"""A database of an older schema, with a row in every table."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import pipeline.store
from pipeline.models.columns import TextEnum
from pipeline.store.sqlite import FILE

MIGRATIONS = Path(pipeline.store.__file__).parent / "migrations"
INDEX = "articleindex"
"""How the tables are named that make the full-text index, which no model declares."""

AT = "2026-03-10 12:00:00.000000"

Rows = dict[str, list[dict[str, Any]]]
"""The rows of each table by its name, each by the names of its columns, in the order of their ids."""


def old_store(state: Path, schema: str, rows: int = 2) -> Path:
    """Make such a database in the state folder; its path."""
    state.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{state / FILE}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, schema)
    engine.dispose()
    with closing(sqlite3.connect(state / FILE, isolation_level=None)) as filling:
        filling.execute("PRAGMA journal_mode=WAL")
        for table in _tables(filling):
            for number in range(1, rows + 1):
                _fill(filling, table, number)
    return state / FILE


def read_all(path: Path) -> Rows:
    """Every row of a database."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1')]
            for table in _tables(connection)
        }


def is_sound(path: Path) -> bool:
    """Whether structure and references are whole."""
    with closing(sqlite3.connect(path)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return whole and not connection.execute("PRAGMA foreign_key_check").fetchall()


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in names if name != "alembic_version" and not name.startswith(INDEX)]


def _fill(connection: sqlite3.Connection, table: str, number: int) -> None:
    columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    row = {name: _value(table, name, kind, number) for _, name, kind, *_ in columns}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))


def _value(table: str, name: str, kind: str, number: int) -> Any:
    """Something that fits the column: ids and references are all `number`, which every table has."""
    column = SQLModel.metadata.tables[table].c[name].type
    if isinstance(column, TextEnum):
        return next(iter(column.kind))
    if (table, name) == ("delivery", "payload"):
        return json.dumps({"watch": "deals", "deal": number, "title": "x"})
    if kind == "JSON":
        return "[1, 2]" if name in ("passages", "articles") else '{"a": [1, "x"]}'
    if kind == "DATETIME":
        return AT
    if kind == "INTEGER":
        return number
    if kind == "BOOLEAN":
        return 1
    if kind == "FLOAT":
        return number + 0.5
    return f"{name} {number}"
