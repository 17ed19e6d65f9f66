"""What a source gives, looked at without storing anything: step by step, and where a site keeps its feeds."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from pipeline.config.schema import Settings
from pipeline.domain import Entry, Page, ParsedFeed
from pipeline.errors import ExtractError, FeedError, FetchError, PipelineError
from pipeline.flow.ingest import read_page
from pipeline.flow.poll import conditional, read_feed
from pipeline.flow.tools import Tools, open_tools
from pipeline.ingest import cadence, discover, health
from pipeline.models import Feed
from pipeline.store import Store

_MOST_TRIED = 30
_WANTED = 10


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: `fault` says why it is no good, `said` what was found; either may be empty."""

    what: str
    said: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Source:
    """A feed that was found and read."""

    url: str
    title: str
    entries: int
    newest: datetime | None


@contextmanager
def scratch(settings: Settings) -> Iterator[Tools]:
    """Tools of these settings on a store that is thrown away."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder)) as store,
        open_tools(settings, store, lambda _: None) as tools,
    ):
        yield tools


def why_not(tools: Tools, url: str) -> str:
    """Why the URL gives no feed; empty where it does."""
    try:
        read_feed(tools, tools.fetcher.get(url))
    except Exception as error:  # noqa: BLE001  (one odd feed must not end a look at all of them)
        return str(error) if isinstance(error, PipelineError) else f"{type(error).__name__}: {error}"
    return ""


def steps(tools: Tools, url: str) -> Iterator[Step]:
    """What a feed's URL gives, as the daemon sees it: up to the first fault that ends it."""
    started = time.monotonic()
    try:
        page = tools.fetcher.get(url)
    except FetchError as error:
        yield Step("answer", fault=str(error))
        return
    kind = page.headers.get("content-type", "no stated type").partition(";")[0]
    yield Step(
        "answer", f"HTTP {page.status}, {len(page.body):,} bytes of {kind} in {time.monotonic() - started:.1f} s"
    )
    if page.url != url:
        yield Step("redirect", f"{'for good ' if page.moved else ''}to {page.url}")
    try:
        parsed = read_feed(tools, page)
    except FeedError as error:
        yield Step("format", fault=str(error))
        yield from (Step("offers", f"{one.url}  {one.title}") for one in discover.feeds_on(page.body, page.url))
        return
    yield Step("format", f"a feed: {parsed.title or 'without a title'}")
    yield _entries(parsed)
    yield _rhythm(tools, page, parsed)
    yield _repeat(tools, page)
    yield from _first_page(tools, parsed.entries)


def _entries(parsed: ParsedFeed) -> Step:
    entries = parsed.entries
    if not entries:
        return Step("entries", fault="none")
    dates = sorted(entry.published for entry in entries if entry.published)
    words = [f"{len(entries):,}"]
    words.append(f"dated {dates[0]:%d %b %Y} to {dates[-1]:%d %b %Y}" if dates else "undated")
    words.append(f"{median(len(entry.text) for entry in entries):,.0f} characters of text each")
    for count, what in (
        (sum(not entry.url for entry in entries), "without a link"),
        (sum(entry.opaque for entry in entries), "with a link that hides the page"),
        (len(entries) - len({entry.guid or entry.url for entry in entries}), "repeated"),
    ):
        words += [f"{count:,} {what}"] if count else []
    return Step("entries", ", ".join(words))


def _rhythm(tools: Tools, page: Page, parsed: ParsedFeed) -> Step:
    """How often the daemon would ask, had it just begun."""
    now = tools.clock.now()
    every = tools.settings.general.schedule.poll_every.total_seconds()
    feed = Feed(url=page.url, name="", tier="press", created_at=now, next_poll=now)
    health.observe(feed, len(parsed.entries), now, [entry.published for entry in parsed.entries])
    adapted = cadence.adapted(feed, every)
    wait = cadence.after_success(adapted, page.headers, parsed.ttl, 0)
    asked = ", as it asks" if wait > adapted else ""
    return Step("rhythm", f"{feed.rate:.1f} new a day, so it is polled every {wait / 60:.0f} min{asked}")


def _repeat(tools: Tools, page: Page) -> Step:
    """Whether a second poll costs no download."""
    tag, since = page.headers.get("etag", ""), page.headers.get("last-modified", "")
    if not tag and not since:
        return Step("repeat", "it sends neither ETag nor Last-Modified, so each poll loads all of it again")
    try:
        again = tools.fetcher.get(page.url, conditional(tag, since))
    except FetchError as error:
        return Step("repeat", fault=str(error))
    if again.status == 304:
        return Step("repeat", "it says when nothing changed (304)")
    return Step("repeat", "asked again it sends all of it, though nothing changed")


def _first_page(tools: Tools, entries: Iterable[Entry]) -> Iterator[Step]:
    entry = next((entry for entry in entries if entry.url), None)
    if entry is None:
        return
    yield Step("first link", entry.url)
    try:
        found = read_page(tools, entry.url, entry.opaque, entry.origin)
    except (FetchError, ExtractError) as error:
        yield Step("its page", fault=str(error))
    else:
        wall = f", then a {found.wall}" if found.wall else ""
        yield Step("its page", f"{len(found.text):,} characters of text{wall}")


def find(tools: Tools, url: str, progress: Callable[[str], None] = lambda _: None) -> list[Source]:
    """The feeds that a site's URL leads to: itself, else what its page names, else what stands in the usual places.

    Raises FetchError where the URL itself cannot be had.
    """
    page = tools.fetcher.get(url)
    try:
        return [_source(page.moved or url, read_feed(tools, page), tools.clock.now())]
    except FeedError:
        pass
    named = [found.url for found in discover.feeds_on(page.body, page.url)]
    return _those(tools, named, progress) or _those(
        tools, [*_sitemaps(tools, page.url), *discover.guesses(page.url)], progress
    )


def _those(tools: Tools, urls: Iterable[str], progress: Callable[[str], None]) -> list[Source]:
    """Those of the URLs that are feeds, each document once."""
    found: dict[tuple[str, ...], Source] = {}
    for url in list(dict.fromkeys(urls))[:_MOST_TRIED]:
        progress(url)
        try:
            parsed = read_feed(tools, tools.fetcher.get(url))
        except (FetchError, FeedError):
            continue
        listed = tuple(entry.url or entry.guid for entry in parsed.entries)
        found.setdefault(listed, _source(url, parsed, tools.clock.now()))
        if len(found) == _WANTED:
            break
    return list(found.values())


def _sitemaps(tools: Tools, url: str) -> list[str]:
    parts = urlsplit(url)
    try:
        page = tools.fetcher.get(f"{parts.scheme}://{parts.netloc}/robots.txt")
    except FetchError:
        return []
    return discover.sitemaps_in(page.body.decode("utf-8", "replace"), url)


def _source(url: str, parsed: ParsedFeed, now: datetime) -> Source:
    dates = [entry.published for entry in parsed.entries if entry.published and entry.published < now + timedelta(1)]
    return Source(url, parsed.title, len(parsed.entries), max(dates, default=None))
