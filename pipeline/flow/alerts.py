"""What is told of a flagged article."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain import Alert, Level, Passage
from pipeline.models import Article, Feed


def alert_of(
    article: Article,
    listed: Sequence[Feed],
    watch: tuple[str, str],
    passages: Sequence[Passage],
    level: Level,
    score: float,
) -> Alert:
    """The alert of one match: of a watch by name and title.

    `listed` are the feeds that carry the article, the first to do so first.
    """
    return Alert(
        article=article.id or 0,
        watch=watch[0],
        watch_title=watch[1],
        title=article.title,
        url=article.url,
        sources=tuple(feed.name for feed in listed),
        published=article.published,
        found=article.found_at,
        passages=tuple(passages),
        level=level,
        score=score,
    )
