"""Stories: which articles of a watch were told, and which only joined one that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select, update

from pipeline.domain import Level
from pipeline.models import Article, Match, host_behind
from pipeline.store.dialects import each


@dataclass(frozen=True)
class Told:
    """What an article that opened a story is known by."""

    article: int
    title: str
    fingerprint: str
    host: str


def told(session: Session, watch: str, least: Level, start: datetime, end: datetime) -> list[Told]:
    """The articles published from `start` to `end` that opened a story of the watch, at this level or above it.

    The first one first. What was flagged before `start` is taken for published before it, too.
    """
    published = func.coalesce(Article.published, Article.found_at)
    what: list[Any] = [Article.id, Article.title, Article.fingerprint, Article.origin, Article.url]
    query = (
        columns(*what)
        .join(Match, col(Match.article_id) == col(Article.id))
        .where(
            col(Match.matched_at) >= start,
            each(Match.watch).is_not_distinct_from(watch),
            each(Match.story_of).is_(None),
        )
        .where(published >= start, published <= end)
        .order_by(published, col(Article.id))
    )
    if least is Level.ABOUT:
        query = query.where(col(Match.level) == Level.ABOUT)
    rows = session.connection().execute(query)
    return [Told(id_, title, print_, host_behind(origin, url)) for id_, title, print_, origin, url in rows]


def opened(session: Session, watch: str, article: int) -> bool:
    """Whether others joined the story of this article."""
    query = select(Match.id).where(Match.watch == watch, Match.story_of == article)
    return session.exec(query.limit(1)).first() is not None


def join(session: Session, watch: str, article: int, story_of: int) -> None:
    """Attach the watch's match of an article to the story that another opened."""
    mine = (col(Match.watch) == watch, col(Match.article_id) == article)
    session.exec(update(Match).where(*mine).values(story_of=story_of))


def headlines(session: Session, watch: str, most: int) -> list[str]:
    """The titles of the latest articles that the watch flags."""
    query = select(Article.title).join(Match, col(Match.article_id) == col(Article.id)).where(Match.watch == watch)
    return list(session.exec(query.order_by(col(Match.article_id).desc()).limit(most)))  # in the order of an index
