"""How much room a database takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Bytes of the database, of its write-ahead log where that is a file beside it, and of the free pages within."""

    file: int
    wal: int
    free: int

    @property
    def all(self) -> int:
        return self.file + self.wal
