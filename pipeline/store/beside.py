"""What stands beside an article or a delivery: what was told of it, and what belongs together."""

from __future__ import annotations

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, or_, select

from pipeline.models import Article, Delivery, Match

_MOST = 50
_NO_PAYLOAD = defer(Delivery.payload)  # type: ignore[arg-type]


def told_of(session: Session, article_id: int) -> list[Delivery]:
    """The last deliveries that an article brought about, newest first, without their payload."""
    query = select(Delivery).options(_NO_PAYLOAD).where(Delivery.article_id == article_id)
    return list(session.exec(query.order_by(col(Delivery.id).desc()).limit(_MOST)))


def gathered_in(session: Session, delivery_id: int) -> list[Delivery]:
    """The deliveries that went out within this one, oldest first, without their payload."""
    query = select(Delivery).options(_NO_PAYLOAD).where(Delivery.gathered_in == delivery_id)
    return list(session.exec(query.order_by(col(Delivery.id)).limit(_MOST)))


def story(session: Session, watch: str, opened_by: int) -> list[Article]:
    """The articles of a story of the watch, the earliest first, without their texts.

    Only one where none joined that which opened it.
    """
    texts = (defer(Article.body), defer(Article.summary))  # type: ignore[arg-type]
    joined = select(Match.article_id).where(Match.watch == watch, Match.story_of == opened_by)
    query = select(Article).options(*texts).where(or_(col(Article.id) == opened_by, col(Article.id).in_(joined)))
    earliest = (func.coalesce(Article.published, Article.found_at), col(Article.id))
    return list(session.exec(query.order_by(*earliest).limit(_MOST)))
