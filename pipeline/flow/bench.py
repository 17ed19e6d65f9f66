"""A bench to try a ledger on: items go one by one through the real `ingest`, in a store and on a clock of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pipeline.config.schema import Settings
from pipeline.domain import Entry, Page, ParsedFeed
from pipeline.errors import ExtractError, FeedError, FetchError
from pipeline.flow.ingest import ingest
from pipeline.flow.lanes import Lanes
from pipeline.flow.rules import Rules
from pipeline.flow.tools import Tools
from pipeline.ingest.extract import Extracted
from pipeline.store import Store, articles, entries, feeds

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """A piece of news as it lies on the bench; `url` is its own, and `tier` that of the feed."""

    url: str
    title: str
    summary: str
    text: str
    published: datetime
    feed: str
    tier: str = "press"


@dataclass
class _Then:
    """The clock of an item: when it was published."""

    at: datetime = _LONG_AGO

    def now(self) -> datetime:
        return self.at


class _Shelf:
    """The items' texts in place of the web: serves them by URL, and takes them as they are."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:  # noqa: ARG002
        text = self._texts.get(url, "")
        if not text:
            raise FetchError("the item has no text of its own")
        return Page(url, 200, {"content-type": "text/plain"}, text.encode())

    def parse(self, body: bytes, url: str) -> ParsedFeed:
        raise FeedError(f"{url} is an item of {len(body):,} bytes, not a feed")

    def read(self, html: bytes, *, urgent: bool = False) -> Extracted:  # noqa: ARG002
        if not html:
            raise ExtractError("the item has no text of its own")
        return Extracted(html.decode())


@dataclass(frozen=True)
class Bench:
    """An open store that holds the items; `ids` are the numbers of their articles, by URL."""

    store: Store
    ids: Mapping[str, int]
    tools: Tools

    def take(self, item: Item, at: datetime | None = None) -> None:
        """Ingest an item, at the time when it was published unless another is given."""
        ingest(replace(self.tools, clock=_Then(at or item.published)), [self.ids[item.url]])


@contextmanager
def bench(settings: Settings, watch: str, items: Sequence[Item]) -> Iterator[Bench]:
    """A bench for one watch of these settings, until the block ends. The URLs of the items must differ."""
    only = _alone(settings, watch)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store, _tools(only, store, items) as tools:
        yield Bench(store, _stock(store, items), tools)


def _alone(settings: Settings, watch: str) -> Settings:
    """The settings with this watch only, which tells one channel of every change."""
    rule = settings.watches[watch].model_copy(update={"ledger": True, "notify": None})
    general = settings.general.model_copy(update={"channels": {}})
    return settings.model_copy(update={"watches": {watch: rule}, "general": general})


@contextmanager
def _tools(settings: Settings, store: Store, items: Sequence[Item]) -> Iterator[Tools]:
    shelf = _Shelf({item.url: item.text for item in items})
    with closing(Lanes(1, 1, "bench")) as lanes:
        yield Tools(
            rules=Rules(settings),
            store=store,
            clock=_Then(),
            fetcher=shelf,
            parser=shelf,
            pages=shelf,
            extractor=shelf,
            channels={},
            addresses={},
            pollers=lanes,
            readers=lanes,
            senders=lanes,
        )


def _stock(store: Store, items: Sequence[Item]) -> dict[str, int]:
    """Store the items as articles that await ingestion; their numbers by URL."""
    tiers = {item.feed: item.tier for item in items}
    with store.write() as session:
        known = [feeds.Known(f"https://{quote(name)}/feed", name, tiers[name]) for name in sorted(tiers)]
        feeds.sync(session, known, _LONG_AGO)
        numbers = {feed.name: feed.id or 0 for feed in feeds.all_active(session)}
        for item in items:
            entry = Entry(item.url, item.url, item.title, item.summary, published=item.published)
            entries.add_entries(session, {numbers[item.feed]: [entry]}, item.published)
    with store.read() as session:
        return {a.url: a.id or 0 for a in articles.find(session, articles.Filter(most=len(items) + 1))}
