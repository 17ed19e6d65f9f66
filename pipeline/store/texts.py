"""The texts of stored articles, newest first, for a look at many of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, tuple_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from pipeline.models import Article, BodySource, Match


@dataclass(frozen=True)
class Text:
    """What is judged of an article, and what tells which one it is."""

    id: int
    title: str
    summary: str
    body: str
    source: BodySource
    published: datetime | None
    found_at: datetime


def newest(session: Session, since: datetime, before: Text | None, most: int) -> list[Text]:
    """The ingested articles found since then, the last one first; those that follow `before` where it is given.

    Those that have lost their text are left out.
    """
    # Its columns alone: as objects of the session they would cost three times as much.
    what: list[Any] = [
        Article.id,
        Article.title,
        Article.summary,
        Article.body,
        Article.body_source,
        Article.published,
        Article.found_at,
    ]
    place = (col(Article.found_at), col(Article.id))
    query: Select[Any] = columns(*what).where(
        col(Article.found_at) >= since,
        col(Article.ingested_at).is_not(None),
        col(Article.body_source) != BodySource.PRUNED,
    )
    if before is not None:
        query = query.where(tuple_(*place) < (before.found_at, before.id))
    rows = session.connection().execute(query.order_by(*(part.desc() for part in place)).limit(most))
    return [Text(*row) for row in rows]


def flagged(session: Session, watches: Collection[str], since: datetime) -> set[tuple[int, str]]:
    """The articles found since then that these watches flag, by number, each with the watch."""
    query = (
        select(Match.article_id, Match.watch)
        .join(Article, col(Match.article_id) == col(Article.id))
        .where(col(Match.watch).in_(watches), Article.found_at >= since)
    )
    return {(article, watch) for article, watch in session.exec(query)}
