"""An open store, and samples to put in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain import Entry
from pipeline.models import Article
from pipeline.store import Session, Store, articles, entries, feeds
from pipeline.store.articles import Filter

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as opened:
        yield opened


def feed_ids(session: Session, *urls: str) -> list[int]:
    """Feeds of these URLs, stored; their ids in this order."""
    feeds.sync(session, [feeds.Known(url, url.rpartition("/")[2], "press") for url in urls], NOW)
    session.flush()
    by_url = {feed.url: feed.id or 0 for feed in feeds.all_active(session)}
    return [by_url[url] for url in urls]


def entry(guid: str = "", url: str = "", title: str = "A title", text: str = "") -> Entry:
    return Entry(guid, url, title, text)


def everything(store: Store, **wanted: Any) -> list[Article]:
    with store.read() as session:
        return articles.find(session, Filter(**wanted))


def add(store: Store, *batches: tuple[str, list[Entry]]) -> list[int]:
    """Store the batches of (feed URL, entries), each in its own transaction; how many were new of each."""
    added = []
    with store.write() as session:
        urls = sorted({url for url, _ in batches})
        ids = dict(zip(urls, feed_ids(session, *urls), strict=True))
    for url, listed in batches:
        with store.write() as session:
            added.append(entries.add_entries(session, {ids[url]: listed}, NOW)[ids[url]].new)
    return added
