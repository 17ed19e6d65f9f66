"""The full-text index over the articles' titles and texts, as each kind of database has it.

Both keep it in `articleindex`, whose `rowid` is the number of the article; the migrations make it.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, column, table
from sqlmodel import Session

from pipeline.store.words import Query

OPEN, CLOSE = "\x02", "\x03"
"""What stands around the words that were asked for."""

SNIPPET = 30
"""Words of a snippet."""

IN_TITLE = 5.0
"""How many times as much a word in the title counts."""

USUAL_LENGTH = 3000.0
"""Characters of a text in which a word counts as much as it does; in longer ones it counts less."""

INDEX = table("articleindex", column("rowid"))
ROW: ColumnElement[int] = INDEX.c.rowid


class FullText(Protocol):
    """What a query to the index is made of."""

    def holds(self, query: Query) -> ColumnElement[bool]:
        """Whether the article holds what is asked for."""
        ...

    def title(self, query: Query) -> ColumnElement[str]:
        """The title, with what was asked for between OPEN and CLOSE."""
        ...

    def snippet(self, query: Query) -> ColumnElement[str]:
        """The part of the text that holds what was asked for, with that between OPEN and CLOSE."""
        ...

    def fit(self, query: Query) -> list[ColumnElement[Any]]:
        """What must be known of each row to tell how well it fits."""
        ...

    def fitting(self, known: Any) -> ColumnElement[Any]:
        """How well a row fits, by the columns of `fit` as the subquery `known` has them, the first ones left out."""
        ...

    def days(self, late: Any, early: Any) -> ColumnElement[Any]:
        """The days from one time to another."""
        ...


def of(session: Session) -> FullText:
    """That of the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        from pipeline.store.fulltext.fts5 import Fts5

        return Fts5()
    from pipeline.store.fulltext.tsvector import TsVector

    return TsVector()
