"""Stories: which articles of a watch were told, and which only joined one that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select, update

from pipeline.domain import Level
from pipeline.models import Article, Match


@dataclass(frozen=True)
class Told:
    """What an article that opened a story is known by."""

    article: int
    title: str
    fingerprint: str
    host: str


def told(session: Session, watch: str, least: Level, start: datetime, end: datetime) -> list[Told]:
    """The articles published from `start` to `end` that opened a story of the watch, at this level or above it.

    The first one first.
    """
    published = func.coalesce(Article.published, Article.found_at)
    query = (
        select(Article)
        .options(defer(Article.body), defer(Article.summary))  # type: ignore[arg-type]
        .join(Match, col(Match.article_id) == col(Article.id))
        .where(Match.watch == watch, col(Match.story_of).is_(None), published >= start, published <= end)
        .order_by(published, col(Article.id))
    )
    if least is Level.ABOUT:
        query = query.where(Match.level == Level.ABOUT)
    return [Told(one.id or 0, one.title, one.fingerprint, one.host) for one in session.exec(query)]


def opened(session: Session, watch: str, article: int) -> bool:
    """Whether others joined the story of this article."""
    query = select(Match.id).where(Match.watch == watch, Match.story_of == article)
    return session.exec(query.limit(1)).first() is not None


def join(session: Session, watch: str, article: int, story_of: int) -> None:
    """Attach the watch's match of an article to the story that another opened."""
    mine = (col(Match.watch) == watch, col(Match.article_id) == article)
    session.exec(update(Match).where(*mine).values(story_of=story_of))


def headlines(session: Session, watch: str, most: int) -> list[str]:
    """The titles of what the watch flagged last."""
    query = select(Article.title).join(Match, col(Match.article_id) == col(Article.id)).where(Match.watch == watch)
    return list(session.exec(query.order_by(col(Match.id).desc()).limit(most)))
