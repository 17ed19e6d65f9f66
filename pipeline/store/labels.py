"""Labels: what a person says of articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from pipeline.models import Article, Label
from pipeline.store.chunks import chunks


def put(session: Session, article_id: int, watch: str, mentions: bool, about: bool, now: datetime) -> bool:
    """Store a label, in place of an earlier one; whether there was none."""
    label = session.exec(select(Label).where(Label.article_id == article_id, Label.watch == watch)).first()
    fresh = label is None
    label = label or Label(article_id=article_id, watch=watch, mentions=mentions, about=about, labelled_at=now)
    label.mentions, label.about, label.labelled_at = mentions, about, now
    session.add(label)
    return fresh


def drop(session: Session, article_id: int, watch: str) -> bool:
    """Take a label back; whether there was one."""
    mine = delete(Label).where(col(Label.article_id) == article_id, col(Label.watch) == watch)
    return bool(session.exec(mine).rowcount)


def of_article(session: Session, article_id: int) -> dict[str, Label]:
    """The labels of an article by watch."""
    return {label.watch: label for label in session.exec(select(Label).where(Label.article_id == article_id))}


def of_watch(session: Session, watch: str) -> list[tuple[Label, Article]]:
    """The labels of a watch with their articles, in the order of the articles."""
    query = (
        select(Label, Article)
        .join(Article, col(Label.article_id) == col(Article.id))
        .where(Label.watch == watch)
        .order_by(col(Article.id))
    )
    return list(session.exec(query).all())


def articles_by_url(session: Session, urls: Sequence[str]) -> dict[str, int]:
    """The numbers of the stored articles with these URLs."""
    found: dict[str, int] = {}
    for chunk in chunks(urls):
        query = select(Article.url, Article.id).where(col(Article.url).in_(chunk))
        found.update({url: id_ or 0 for url, id_ in session.exec(query)})
    return found
