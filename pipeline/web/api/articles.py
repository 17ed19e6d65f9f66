"""Articles: searched, shown whole, and labelled."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from pipeline.config.names import watch as known_watch
from pipeline.errors import UsageError
from pipeline.models import Label
from pipeline.store import articles, labels, ledger, search
from pipeline.web.api import article_models
from pipeline.web.api.article_models import (
    Articles,
    ArticleWhole,
    EarlierText,
    FeedRef,
    LabelGiven,
    LabelKept,
    article_hit,
    article_row,
)
from pipeline.web.api.deal_models import deal_ref
from pipeline.web.api.paging import Paging
from pipeline.web.api.problems import found
from pipeline.web.api.values import Id, Moment, WatchName, instant
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Articles"])


@router.get("/articles")
def find_articles(
    site: SiteHere,
    paging: Paging,
    q: Annotated[
        str,
        Query(
            max_length=2_000,
            description='Words that title or text must hold, inflected or not: "a phrase", -without, this OR that, '
            "begin*.",
        ),
    ] = "",
    watch: WatchName = "",
    flagged: Annotated[bool, Query(description="Only those that some watch flags.")] = False,
    feed: Annotated[str, Query(max_length=300, description="Only those that the feed of this name lists.")] = "",
    since: Annotated[Moment | None, Query(description="Found then or later: a day, or a time with its zone.")] = None,
    until: Annotated[Moment | None, Query(description="Found before then.")] = None,
    sort: Annotated[
        Literal["newest", "best"], Query(description="The newest first, or what fits the words best.")
    ] = "newest",
) -> Articles:
    """Articles by words, watch, feed and time, a page of them."""
    wanted = search.Search(
        words=q,
        watch=known_watch(site.settings, watch) if watch else "",
        flagged=flagged,
        feed=feed,
        since=instant(since, site.zone),
        until=instant(until, site.zone),
        sort=sort,
    )
    with site.store.read() as session:
        here = search.find(session, wanted, paging.page, paging.size)
        ids = [hit.article.id or 0 for hit in here.rows]
        sources, matches = articles.sources(session, ids), articles.matches(session, ids)
    paging.link(here.more)
    items = [
        article_hit(hit, sources.get(id_, []), matches.get(id_, [])) for id_, hit in zip(ids, here.rows, strict=True)
    ]
    return Articles(items=items, page=paging.page, size=paging.size, total=here.total)


@router.get("/articles/{id}")
def get_article(site: SiteHere, id: Id) -> ArticleWhole:
    """An article with its text, why watches flag it, the deals it tells of, and what it said before it was edited."""
    with site.store.read() as session:
        row = found(articles.get(session, id), f"article {id}")
        sources = articles.sources(session, [id]).get(id, [])
        matches = articles.matches(session, [id]).get(id, [])
        deals = ledger.of_article(session, id)
        given = labels.of_article(session, id)
        earlier = articles.earlier(session, id)
    return ArticleWhole(
        **article_row(row, sources, matches),
        summary=row.summary,
        body=row.body,
        feeds=[FeedRef(name=feed.name, url=feed.url, tier=feed.tier) for feed in sources],
        matches=[article_models.flagged(match) for match in matches],
        deals=[deal_ref(deal) for deal in deals],
        labels=[_kept(label) for label in given.values()],
        earlier=[EarlierText(title=each.title, body=each.body, until=each.until) for each in earlier],
    )


@router.post("/articles/{id}/labels")
def label_article(site: SiteHere, id: Id, given: LabelGiven) -> LabelKept:
    """Say whether a watch should flag an article: `dealwire eval` and `learn` go by it. It replaces an earlier one."""
    if given.about and not given.mentions:
        raise UsageError("What an article does not mention it cannot be about.")
    name = known_watch(site.settings, given.watch)
    with site.store.write() as session:
        found(articles.get(session, id), f"article {id}")
        labels.put(session, id, name, given.mentions, given.about, site.now())
    return LabelKept(article=id, watch=name, mentions=given.mentions, about=given.about)


def _kept(label: Label) -> LabelKept:
    return LabelKept(article=label.article_id, watch=label.watch, mentions=label.mentions, about=label.about)
