"""Articles as programs send and get them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from pipeline.domain import Level
from pipeline.models import Article, BodySource, Feed, Match
from pipeline.store.search import Hit, Marked
from pipeline.web.api.deal_models import DealRef
from pipeline.web.api.paging import Listed
from pipeline.web.api.values import Given, Link, Sent, Text


class Piece(Sent):
    """A piece of a text."""

    text: Text
    marked: bool = Field(description="Whether it is what was searched for.")


class ArticleRow(Sent):
    """An article. Its text is not here."""

    id: int
    title: Text
    url: Link
    author: Text
    published: datetime | None
    found: datetime = Field(description="When it was found here.")
    sources: list[Text] = Field(description="The names of the feeds that list it, the first lister first.")
    watches: list[str] = Field(description="The watches that flag it.")
    body_source: BodySource = Field(description="Where its text is from; `pruned` where it was dropped since.")
    body_note: Text = Field(description="Why the text is not the page's.")


class ArticleHit(ArticleRow):
    """An article that was found, with where its text holds the words."""

    title_marked: list[Piece]
    snippet: list[Piece]


class Articles(Listed[ArticleHit]):
    """A page of articles."""


class FeedRef(Sent):
    """A feed that lists an article."""

    name: Text
    url: Link
    tier: Text


class TermHit(Sent):
    """A term that was found: offsets count in the text that `where` names."""

    group: Text
    term: Text
    start: int
    end: int


class FlaggedPassage(Sent):
    """A window of the text that satisfies a watch."""

    where: str = Field(description="title, body, feed (the feed's own text) or article (all of them).")
    start: int
    end: int
    quote: Text
    certainty: float = Field(description="How sure it is that it says what the watch looks for, 0 to 1.")
    lent: Text = Field(description="Where the subject was named that the window itself does not name.")
    hits: list[TermHit]


class WeighedFeature(Sent):
    """What a feature adds to a score, in log-odds."""

    name: Text
    share: float


class Flagged(Sent):
    """That a watch flags the article, and why."""

    watch: str
    level: Level
    score: float
    matched: datetime
    passages: list[FlaggedPassage] = Field(description="The best first.")
    window_reasons: list[WeighedFeature] = Field(description="Why the best passage is as certain as it is.")
    piece_reasons: list[WeighedFeature] = Field(description="What makes up the score.")


class EarlierText(Sent):
    """What the article said before it was edited."""

    title: Text
    body: Text
    until: datetime


class LabelGiven(Given):
    """What a person says of an article."""

    mentions: bool = Field(description="Whether it mentions what the watch looks for.")
    about: bool = Field(default=False, description="Whether it is about that.")
    watch: Annotated[str, Field(max_length=100)] = Field(default="", description="The first watch where it is empty.")


class LabelKept(Sent):
    """What a person says of an article, for one watch."""

    article: int
    watch: str
    mentions: bool
    about: bool


class ArticleWhole(ArticleRow):
    """An article with its text, why it is flagged, and the deals it tells of."""

    summary: Text = Field(description="The feed's own text.")
    body: Text
    feeds: list[FeedRef]
    matches: list[Flagged]
    deals: list[DealRef]
    labels: list[LabelKept]
    earlier: list[EarlierText] = Field(description="Oldest first.")


def article_hit(hit: Hit, sources: Sequence[Feed], matches: Sequence[Match]) -> ArticleHit:
    """`sources` are the feeds that list it."""
    return ArticleHit(
        **article_row(hit.article, sources, matches), title_marked=_pieces(hit.title), snippet=_pieces(hit.snippet)
    )


def _pieces(text: Marked) -> list[Piece]:
    return [Piece(text=part, marked=marked) for part, marked in text]


def article_row(article: Article, sources: Sequence[Feed], matches: Sequence[Match]) -> dict[str, Any]:
    """The fields of `ArticleRow`."""
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "author": article.author,
        "published": article.published,
        "found": article.found_at,
        "sources": [feed.name for feed in sources],
        "watches": [match.watch for match in matches],
        "body_source": article.body_source,
        "body_note": article.body_note,
    }


def flagged(match: Match) -> Flagged:
    reasons = {
        of: [WeighedFeature(name=name, share=share) for name, share in match.reasons.get(of, ())]
        for of in ("window", "piece")
    }
    return Flagged(
        watch=match.watch,
        level=match.level,
        score=match.score,
        matched=match.matched_at,
        passages=[FlaggedPassage.model_validate(passage) for passage in match.passages],
        window_reasons=reasons["window"],
        piece_reasons=reasons["piece"],
    )
