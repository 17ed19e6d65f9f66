"""Searching the stored articles."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from pipeline.store import articles, feeds, search
from pipeline.web.days import span_of
from pipeline.web.paging import SIZE, PageNumber, Text
from pipeline.web.render import page
from pipeline.web.site import SiteHere

router = APIRouter()

_MOST_CHOICES = 200
"""Feeds to choose from; of more, the name is to be typed."""


@router.get("/articles")
def found(
    request: Request,
    site: SiteHere,
    q: Text = "",
    watch: Text = "",
    flagged: bool = False,
    feed: Text = "",
    since: Text = "",
    until: Text = "",
    sort: Literal["newest", "best", ""] = "",
    number: PageNumber = 1,
) -> Response:
    first, last = span_of(since, until, site.zone)
    wanted = search.Search(q, watch, flagged, feed, first, last, sort or "newest")
    with site.store.read() as session:
        result = search.find(session, wanted, number, SIZE)
        ids = [hit.article.id or 0 for hit in result.rows]
        sources, matches = articles.sources(session, ids), articles.matches(session, ids)
        names = sorted({each.name for each in feeds.all_active(session)}, key=str.casefold)
    return page(
        request,
        "articles.html",
        asked={"q": q, "watch": watch, "flagged": flagged, "feed": feed, "since": since, "until": until},
        sort=wanted.sort,
        found=result,
        snippets={hit.article.id: _snippet(hit) for hit in result.rows},
        sources=sources,
        matches=matches,
        titles={name: rule.title for name, rule in site.settings.watches.items()},
        names=names if len(names) <= _MOST_CHOICES else [],
        number=number,
        size=SIZE,
    )


def _snippet(hit: search.Hit) -> search.Marked:
    """The snippet; without the title, where it is the beginning of a text that repeats it."""
    whole = "".join(text for text, _ in hit.snippet)
    if len(hit.snippet) == 1 and whole.startswith(hit.article.title):
        return ((whole[len(hit.article.title) :].strip(), False),)
    return hit.snippet
