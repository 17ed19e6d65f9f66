"""What is told of a flagged article."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import Alert, Passage
from pipeline.models import Article, Feed


def alert_of(
    article: Article, listed: Sequence[Feed], watch: str, watch_title: str, passages: Sequence[Passage]
) -> Alert:
    """The alert of one match. `listed` are the feeds that carry the article, the first to do so first."""
    return Alert(
        article=article.id or 0,
        watch=watch,
        watch_title=watch_title,
        title=article.title,
        url=article.url,
        sources=tuple(feed.name for feed in listed),
        published=article.published,
        found=article.found_at,
        passages=tuple(passages),
    )
