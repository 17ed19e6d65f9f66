"""SQLite's full-text index (sqlite.org/fts5.html)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

from pipeline.store.fulltext import CLOSE, IN_TITLE, OPEN, SNIPPET, USUAL_LENGTH
from pipeline.store.words import Query, Term

_WHOLE: ColumnElement[str] = literal_column("articleindex")


class Fts5:
    def holds(self, query: Query) -> ColumnElement[bool]:
        return _WHOLE.op("MATCH", is_comparison=True)(written(query))

    def title(self, query: Query) -> ColumnElement[str]:  # noqa: ARG002  (the index knows what it was asked for)
        return func.highlight(_WHOLE, 0, OPEN, CLOSE)

    def snippet(self, query: Query) -> ColumnElement[str]:  # noqa: ARG002
        return func.snippet(_WHOLE, 1, OPEN, CLOSE, "…", SNIPPET)

    def fit(self, query: Query) -> list[ColumnElement[Any]]:  # noqa: ARG002
        # Not bm25: to know how rare the words are, it looks at every article that has them.
        return [func.highlight(_WHOLE, at, OPEN, "").label(name) for at, name in enumerate(("heading", "text"))]

    def fitting(self, known: Any) -> ColumnElement[Any]:
        heading, text = (
            func.length(part) - func.length(func.replace(part, OPEN, "")) for part in (known.c.heading, known.c.text)
        )
        often = IN_TITLE * heading + text
        return often / (often + 1.0 + func.length(known.c.text) / USUAL_LENGTH)

    def days(self, late: Any, early: Any) -> ColumnElement[Any]:
        return func.julianday(late) - func.julianday(early)


def written(query: Query) -> str:
    """The query in the language of the index."""
    wanted = " AND ".join(f"({_either(group)})" for group in query.wanted)
    return f"({wanted}) NOT ({_either(query.ruled_out)})" if query.ruled_out else wanted


def _either(terms: tuple[Term, ...]) -> str:
    return " OR ".join(f'"{" ".join(term.words)}"{"*" if term.begins else ""}' for term in terms)
