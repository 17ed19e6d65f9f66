"""poll: due feeds to new articles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from pipeline.domain import Page, ParsedFeed
from pipeline.errors import BadStatus, FeedError, FetchError
from pipeline.flow.report import Progress, Report
from pipeline.flow.side_by_side import side_by_side
from pipeline.flow.tools import Tools
from pipeline.ingest import cadence
from pipeline.models import Feed
from pipeline.store import Session, articles, feeds


@dataclass(frozen=True)
class _Answer:
    """What came of one feed: a parsed document, None where nothing changed, or an error."""

    page: Page | None = None
    parsed: ParsedFeed | None = None
    error: FetchError | FeedError | None = None


def poll(tools: Tools, ids: Sequence[int], progress: Progress = lambda _: None) -> Report:
    """Fetch and parse the feeds side by side; store their new entries as pending articles."""
    report = Report()

    def keep(session: Session, feed: Feed, answer: _Answer) -> None:
        _store(tools, session, feed, answer, report)

    side_by_side(tools, tools.pollers, feeds, ids, partial(_ask, tools), keep, progress)
    return report


def _ask(tools: Tools, feed: Feed) -> _Answer:
    """A conditional GET (RFC 9110, section 13.1), parsed where there is something new."""
    headers = {
        "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
    }
    if feed.etag:
        headers["If-None-Match"] = feed.etag
    if feed.last_modified:
        headers["If-Modified-Since"] = feed.last_modified
    try:
        page = tools.fetcher.get(feed.url, headers)
        return _Answer(page, None if page.status == 304 else _parse(page))
    except (FetchError, FeedError) as error:
        return _Answer(error=error)
    except Exception as error:  # noqa: BLE001  (a server's nonsense that no room foresaw must cost its own feed only)
        return _Answer(error=FetchError(f"{type(error).__name__}: {error}"))


def _parse(page: Page) -> ParsedFeed:
    from pipeline.ingest.parse import parse  # the parsers take a while to import, and most polls bring nothing new

    return parse(page.body, page.url)


def _store(tools: Tools, session: Session, feed: Feed, answer: _Answer, report: Report) -> None:
    now = tools.clock.now()
    feed.last_poll, feed.lease_until = now, None
    own = tools.every.get(feed.url)
    every = (own or tools.settings.general.schedule.poll_every).total_seconds()
    if answer.error is not None:
        feed.failures += 1
        feed.failing_since = feed.failing_since or now
        feed.last_error = str(answer.error)
        asked = answer.error.retry_after if isinstance(answer.error, BadStatus) else None
        wait = cadence.after_failure(every, feed.failures, asked, random.random())
        report.fail(feed.name, feed.last_error)
    else:
        page = answer.page or Page(feed.url, 304, {}, b"")
        feed.failures, feed.failing_since, feed.last_error = 0, None, ""
        feed.last_success, feed.moved_to = now, page.moved
        if answer.parsed is not None:
            feed.etag = page.headers.get("etag", "")
            feed.last_modified = page.headers.get("last-modified", "")
            new = articles.add_entries(session, feed.id or 0, answer.parsed.entries, now)
            report.add("entries", len(answer.parsed.entries))
            report.add("new", new)
        else:
            report.add("unchanged")
        ttl = answer.parsed.ttl if answer.parsed else None
        headers = page.headers if own is None else {}
        wait = cadence.after_success(every, headers, ttl if own is None else None, random.random())
    feed.next_poll = now + timedelta(seconds=wait)
    feeds.save(session, feed)
    report.add("polled")
