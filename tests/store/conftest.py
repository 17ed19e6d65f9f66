"""An open store, and samples to put in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store import Session, Store, feeds

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "state") as opened:
        yield opened


def feed_ids(session: Session, *urls: str) -> list[int]:
    """Feeds of these URLs, stored; their ids in this order."""
    feeds.sync(session, [feeds.Known(url, url.rpartition("/")[2], "press") for url in urls], NOW)
    session.flush()
    by_url = {feed.url: feed.id or 0 for feed in feeds.all_active(session)}
    return [by_url[url] for url in urls]
