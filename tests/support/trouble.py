"""A database that cannot be written for a while, by SQLite's own means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

_PRAGMAS = {"full": ("max_page_count", 1, 2**30), "readonly": ("query_only", 1, 0)}

SAYS = {"full": "disk is full", "readonly": "readonly", "locked": "locked"}
"""What SQLite calls each trouble."""


class Trouble:
    """What is wrong with every database of this process, or with the one at `path`, while `on` is called for."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind, self._path = kind, path
        self._on = False
        self._holder: sqlite3.Connection | None = None

    def on(self) -> None:
        self._on = True
        if self.kind == "locked":
            self._holder = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._holder.execute("BEGIN IMMEDIATE")

    def off(self) -> None:
        self._on = False
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def apply(self, connection: Any) -> None:
        if self.kind in _PRAGMAS:
            name, bad, good = _PRAGMAS[self.kind]
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA {name}={bad if self._on else good}")


@contextmanager
def trouble(kind: str, path: Path) -> Iterator[Trouble]:
    """A `full` disk, a `readonly` or a `locked` database, to be switched on and off."""
    made = Trouble(kind, path)
    event.listen(Engine, "begin", made.apply)
    try:
        yield made
    finally:
        event.remove(Engine, "begin", made.apply)
        made.off()
