"""Many rows at once, past the session: objects of each would take most of the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Insert, Update
from sqlmodel import Session

from pipeline.models.columns import Table


def insert_new(session: Session, model: type[Table], rows: Sequence[Mapping[str, Any]], *given: Any) -> Sequence[Any]:
    """Insert the rows, but those that are there already; the `given` columns of those that were not, in any order."""
    made: Insert
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        made = sqlite.insert(model).on_conflict_do_nothing()
    else:
        from sqlalchemy.dialects import postgresql

        made = postgresql.insert(model).on_conflict_do_nothing()
    return session.connection().execute(made.returning(*given), rows).all()


def update_each(session: Session, change: Update, rows: Iterable[Mapping[str, Any]]) -> None:
    """Update the rows whose numbers these have as `row`, which is a parameter of the change as all else they have is.

    In the order of the numbers: of two transactions that each write several rows, none then waits for the other.
    """
    session.connection().execute(change, sorted(rows, key=itemgetter("row")))
