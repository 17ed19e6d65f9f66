"""poll: due feeds to new articles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from pipeline.domain import Page, ParsedFeed, host_of
from pipeline.errors import BadStatus, FeedError, FetchError
from pipeline.flow.report import Progress, Report
from pipeline.flow.side_by_side import More, Work, nothing_more, side_by_side
from pipeline.flow.tools import Tools
from pipeline.ingest import cadence, health
from pipeline.ingest.media import require_feed
from pipeline.models import Feed
from pipeline.store import Session, entries, feeds
from pipeline.store.entries import Added

_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class _Answer:
    """What came of one feed: a parsed document, None where nothing changed, or an error."""

    page: Page | None = None
    parsed: ParsedFeed | None = None
    error: FetchError | FeedError | None = None


def poll(tools: Tools, ids: Sequence[int], progress: Progress = lambda _: None, more: More = nothing_more) -> Report:
    """Fetch and parse the feeds side by side; store their new entries as pending articles."""
    report = Report()

    def keep(session: Session, answers: Sequence[tuple[Feed, _Answer]]) -> None:
        _store(tools, session, answers, report)

    def spoilt(session: Session, feed: Feed, why: str) -> None:
        feed.etag = feed.last_modified = ""  # else an unchanged answer would leave its entries out for good
        keep(session, [(feed, _Answer(error=FeedError(why)))])

    # An entry that several bring at the same moment becomes one article all the same.
    work = Work(feeds, tools.pollers, _host, partial(_ask, tools), keep, spoilt, report, aside=lambda _: True)
    side_by_side(tools, work, ids, progress, more=more)
    return report


def _host(feed: Feed) -> str:
    return host_of(feed.moved_to or feed.url)


def _ask(tools: Tools, feed: Feed) -> _Answer:
    try:
        page = tools.fetcher.get(feed.moved_to or feed.url, conditional(feed.etag, feed.last_modified))
        return _Answer(page, None if page.status == HTTPStatus.NOT_MODIFIED else read_feed(tools, page))
    except (FetchError, FeedError) as error:
        return _Answer(error=error)
    except Exception as error:  # noqa: BLE001  (a server's nonsense that no room foresaw must cost its own feed only)
        return _Answer(error=FetchError(f"{type(error).__name__}: {error}"))


def conditional(etag: str, last_modified: str) -> dict[str, str]:
    """Headers that ask for a feed unless it is what was had before (RFC 9110, section 13.1)."""
    asked = {"Accept": _ACCEPT, "If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in asked.items() if value}


def read_feed(tools: Tools, page: Page) -> ParsedFeed:
    """The entries of a feed's document. Raises FeedError."""
    require_feed(page)
    return tools.parser.parse(page.body, page.url)


def _store(tools: Tools, session: Session, answers: Sequence[tuple[Feed, _Answer]], report: Report) -> None:
    """Store what came of polls: new entries, when the next ones are due, and what there is to tell of feeds' health."""
    listed = {feed.id or 0: answer.parsed.entries for feed, answer in answers if answer.parsed}
    added = entries.add_entries(session, listed, tools.clock.now(), tools.rules.promises.of) if listed else {}
    for feed, answer in answers:
        _judge(tools, session, feed, answer, added.get(feed.id or 0, Added(0, 0)), report)
    feeds.save(session, [feed for feed, _ in answers])


def _judge(tools: Tools, session: Session, feed: Feed, answer: _Answer, added: Added, report: Report) -> None:
    """Note of a feed how its poll went, and tell what there is to tell."""
    now, before = tools.clock.now(), feed.health
    if answer.error is None:
        wait = _succeeded(tools, session, feed, answer, added, report)
    else:
        wait = _failed(tools, feed, answer.error, report)
    feed.health = health.judge(feed, now, gone=_is_gone(answer.error))
    if feed.health is not before:
        note, since = health.told(feed, before)
        _tell(session, feed, note, now, report, since)
    feed.last_poll, feed.lease_until = now, None
    feed.interval, feed.next_poll = wait, now + timedelta(seconds=wait)
    report.add("polled")


def _succeeded(tools: Tools, session: Session, feed: Feed, answer: _Answer, added: Added, report: Report) -> float:
    """Note that a feed answered; seconds to wait until it is asked again."""
    now = tools.clock.now()
    page = answer.page or Page(feed.url, 304, {}, b"")
    if answer.parsed is None:
        report.add("unchanged")
    else:
        feed.etag = page.headers.get("etag", "")
        feed.last_modified = page.headers.get("last-modified", "")
        report.add("entries", len(answer.parsed.entries))
        report.add("new", added.new)
        if added.edited:
            report.add("edited", added.edited)
    if page.moved and page.moved not in (feed.moved_to, feed.url):
        feed.moved_to = page.moved
        _tell(session, feed, f"has moved for good to {page.moved}; write that into feeds.yaml", now, report)
    health.observe(
        feed, added.new, now, None if answer.parsed is None else [e.published for e in answer.parsed.entries]
    )
    feed.failures, feed.failing_since, feed.last_error = 0, None, ""
    feed.last_success = now
    own = tools.rules.every.get(feed.url)
    if own is not None:
        return cadence.after_success(own.total_seconds(), {}, None, random.random())
    every = cadence.adapted(feed, tools.settings.general.schedule.poll_every.total_seconds())
    return cadence.after_success(every, page.headers, answer.parsed.ttl if answer.parsed else None, random.random())


def _tell(
    session: Session, feed: Feed, note: str, now: datetime, report: Report, since: datetime | None = None
) -> None:
    """Say something about a feed in the log and in the next digest."""
    feeds.report(session, feed, note, now, since)
    report.note(feed.name, note)


def _failed(tools: Tools, feed: Feed, error: FetchError | FeedError, report: Report) -> float:
    """Note a failure; seconds to wait until the feed is tried again, at its own address where it had moved."""
    feed.failures += 1
    feed.failing_since = feed.failing_since or tools.clock.now()
    feed.last_error = str(error)
    feed.moved_to = ""
    report.fail(feed.name, feed.last_error)
    if _is_gone(error):
        return cadence.after_gone(random.random())
    every = tools.rules.every.get(feed.url) or tools.settings.general.schedule.poll_every
    asked = error.retry_after if isinstance(error, BadStatus) else None
    return cadence.after_failure(every.total_seconds(), feed.failures, asked, random.random())


def _is_gone(error: FetchError | FeedError | None) -> bool:
    return isinstance(error, BadStatus) and error.status == HTTPStatus.GONE
