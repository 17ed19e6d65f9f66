"""Retention: the texts of articles that nobody needs any more are dropped, and the articles stay known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, text
from sqlmodel import Session, and_, col, delete, func, not_, or_, select, update

from pipeline.models import Article, BodySource, Delivery, Earlier, Label, Match, Mentioned
from pipeline.store.dialects import each, octets

Place = tuple[datetime, int]
"""How far a walk through the articles, oldest first, has come: when the last one was found, and its number."""


@dataclass(frozen=True)
class Dropped:
    """How many articles lost their text, how many earlier versions of articles went, and the bytes of both."""

    articles: int
    earlier: int
    bytes: int
    last: Place | None
    """Where the walk goes on; None where it is at its end."""


def drop(
    session: Session, before: datetime, now: datetime, most: int, after: Place | None, *, only_count: bool = False
) -> Dropped:
    """Drop the texts of up to `most` articles found before then that nothing refers to, or only count them.

    Nothing: no match, mention, label or delivery. One that is to be read yet, or again, is left alone too. What is
    dropped are body, summary and earlier versions; what makes the article known again, its title and its sketch stay.
    """
    query = (
        select(Article.id, Article.found_at, octets(Article.body) + octets(Article.summary))
        .where(Article.found_at < before, _is_spare())
        .order_by(col(Article.found_at), col(Article.id))
        .limit(most)
    )
    if after is not None:
        at, id_ = after
        query = query.where(Article.found_at >= at, or_(col(Article.found_at) > at, col(Article.id) > id_))
    rows = session.exec(query).all()
    ids = [id_ for id_, _, _ in rows]
    of_these = col(Earlier.article_id).in_(ids)
    count, size = session.exec(select(func.count(), func.sum(octets(Earlier.body))).where(of_these)).one()
    if not only_count:
        session.exec(delete(Earlier).where(of_these))
        pruned = {
            "body": "",
            "summary": "",
            "body_note": f"pruned on {now:%Y-%m-%d}",
            "body_source": BodySource.PRUNED,
        }
        session.exec(update(Article).where(col(Article.id).in_(ids)).values(**pruned))
    last = (rows[-1][1], rows[-1][0] or 0) if len(rows) == most else None
    return Dropped(len(rows), count, sum(size for _, _, size in rows) + (size or 0), last)


def _is_spare() -> ColumnElement[bool]:
    kept = (Match, Mentioned, Label, Delivery)
    return and_(
        text("article.body_source != 'pruned'"),  # in the very words of `ix_article_kept`, else that does not serve
        each(Article.next_try).is_(None),
        col(Article.lease_until).is_(None),
        *(not_(exists().where(col(table.article_id) == col(Article.id))) for table in kept),
        not_(exists().where(col(Match.story_of) == col(Article.id))),
        or_(
            col(Article.body) != "",
            col(Article.summary) != "",
            exists().where(col(Earlier.article_id) == col(Article.id)),
        ),
    )
