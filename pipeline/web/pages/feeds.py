"""How the feeds fare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from pipeline.config.schema import FeedSettings, Tier
from pipeline.errors import UsageError
from pipeline.flow import daemon
from pipeline.ingest.health import told
from pipeline.models import Feed, Health
from pipeline.store import feeds, search
from pipeline.web.paging import SIZE, Id, PageNumber, Text
from pipeline.web.render import page, redirect
from pipeline.web.site import SiteHere
from pipeline.web.tally import days_of

router = APIRouter()

OFF, NEW = "off", "new"
_LATEST, _EVENTS = 20, 50


@dataclass(frozen=True)
class Row:
    """A feed of the configuration, and how it fares; `stored` None where nothing is known of it yet."""

    set: FeedSettings
    stored: Feed | None
    counts: Sequence[int] = ()

    @property
    def health(self) -> str:
        if not self.set.enabled:
            return OFF
        return NEW if self.stored is None or self.stored.last_poll is None else str(self.stored.health)

    @property
    def why(self) -> str:
        """What is not well, in words."""
        if self.stored is None or self.health in (OFF, NEW):
            return ""
        if self.stored.failures:
            return f"{self.stored.failures} failed: {self.stored.last_error}"
        if note := told(self.stored, self.stored.health)[0]:
            return note
        return f"moved to {self.stored.moved_to}" if self.stored.moved_to else ""

    @property
    def again(self) -> float:
        """Which part of its entries were listed before."""
        return self.stored.repeats / self.stored.entries if self.stored and self.stored.entries else 0.0

    def says(self, words: list[str]) -> bool:
        text = " ".join([self.set.name, self.set.url, self.set.tier, *self.set.tags, self.why]).casefold()
        return all(word.casefold() in text for word in words)


_WORST = (Health.GONE, Health.FAILING, Health.QUIET, Health.THIN, NEW, Health.WELL, OFF)

SORTS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: row.set.name.casefold(),
    "tier": lambda row: row.set.tier,
    "health": lambda row: (_WORST.index(row.health), row.set.name.casefold()),
    "answered": lambda row: row.stored.last_success.timestamp() if row.stored and row.stored.last_success else 0.0,
    "news": lambda row: row.stored.last_new.timestamp() if row.stored and row.stored.last_new else 0.0,
    "interval": lambda row: row.stored.interval if row.stored else 0.0,
    "next": lambda row: row.stored.next_poll.timestamp() if row.stored and row.stored.active else float("inf"),
    "month": lambda row: sum(row.counts),
    "entries": lambda row: row.stored.entries if row.stored else 0,
    "again": lambda row: row.again,
    "failures": lambda row: row.stored.failures if row.stored else 0,
}
"""What feeds can be sorted by."""


@router.get("/feeds")
def all_feeds(
    request: Request, site: SiteHere, health: Text = "", q: Text = "", sort: Text = "name", number: PageNumber = 1
) -> Response:
    by = SORTS.get(sort.removeprefix("-"))
    if by is None:
        raise UsageError(f"Feeds cannot be sorted by {sort!r}. Sort them by one of {', '.join(SORTS)}.")
    with site.store.read() as session:
        stored = {feed.url: feed for feed in feeds.all_active(session)}
    days = days_of(request.app, site)
    rows = [_row(feed, stored.get(feed.url), days) for feed in site.settings.feeds]
    healths: dict[str, int] = {}
    for row in rows:
        healths[row.health] = healths.get(row.health, 0) + 1
    wanted = [row for row in rows if (not health or row.health == health) and row.says(q.split())]
    wanted.sort(key=by, reverse=sort.startswith("-"))
    return page(
        request,
        "feeds.html",
        rows=wanted[(number - 1) * SIZE : number * SIZE],
        total=len(wanted),
        of=len(rows),
        healths=[(each, healths[each]) for each in map(str, _WORST) if each in healths],
        health=health,
        q=q,
        sort=sort,
        number=number,
        size=SIZE,
    )


@router.get("/feeds/{feed:int}")
def one_feed(request: Request, site: SiteHere, feed: Id) -> Response:
    with site.store.read() as session:
        found = next(iter(feeds.get(session, [feed])), None)
        if found is None:
            raise HTTPException(404)
        events = feeds.events(session, feed, _EVENTS)
        latest = search.find(session, search.Search(feed=found.name), 1, _LATEST)
    of = next((each for each in site.settings.feeds if each.url == found.url), None)
    known = of or FeedSettings.model_construct(name=found.name, url=found.url, tier=Tier(found.tier), enabled=False)
    return page(
        request,
        "feed.html",
        row=_row(known, found, days_of(request.app, site)),
        feed=found,
        left=of is None,
        events=events,
        latest=latest,
    )


@router.post("/feeds/{feed:int}/poll")
def poll(request: Request, site: SiteHere, feed: Id) -> Response:
    """Make it the feed's turn."""
    with site.store.write() as session:
        found = next(iter(feeds.get(session, [feed])), None)
        if found is None:
            raise HTTPException(404)
        if not found.active:
            raise UsageError(f"{found.name} is off, or not in feeds.yaml any more. It is not polled.")
        feeds.make_due(session, site.now(), [feed])
    then = (
        "within seconds"
        if daemon.works(site.store, site.settings.state)
        else "as soon as `dealwire run` works, or with `dealwire once`"
    )
    return redirect(request, f"/feeds/{feed}", f"{found.name} is polled {then}.")


def _row(feed: FeedSettings, stored: Feed | None, days: Mapping[int, Sequence[int]]) -> Row:
    return Row(feed, stored, days.get(stored.id or 0, ()) if stored else ())
