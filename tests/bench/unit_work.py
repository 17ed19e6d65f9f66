"""The units of work on a store, each the same whatever else the store holds: the network is a shelf in this process."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

from pipeline import flow
from pipeline.config.schema import Settings
from pipeline.domain import Entry, Fact, Kind, Mention, Page, ParsedFeed, Party, Status
from pipeline.engine.stages import INGEST, POLL, Stage, batch
from pipeline.flow.lanes import Lanes
from pipeline.flow.rules import Rules
from pipeline.flow.tools import Tools
from pipeline.ingest.extract import Extracted
from pipeline.store import Store, articles, feeds, search
from pipeline.store.search import Search
from tests.bars.prose import Prose
from tests.bars.web_store import ONE_IN, WATCHES
from tests.bench.aged import MORNING
from tests.support.world import FixedClock

CONFIG = Path(__file__).parents[2] / "config"
LEDGER, STORIES = WATCHES
FEEDS = 64
_LISTED, _FRESH, _BUSY = 30, 4, 16
"""Entries that each feed lists, those of them that are new to each poll, and how many feeds have such."""
_PARTNERS = ("Lambda", "Nebius", "Cisco", "Vistra")
_SOURCES = 12
"""Pieces that tell of the deal that others join."""


class Shelf:
    """Feeds and pages in place of the web: each poll of a busy feed finds it with new entries on top."""

    def __init__(self) -> None:
        self._prose = Prose(random.Random(7), 2000)
        self._texts: dict[str, str] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._number = count(1)
        self._told = 0

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:  # noqa: ARG002
        text = self._texts.get(url)
        if text is None:
            return Page(url, 200, {"content-type": "application/rss+xml"}, b"<rss/>")
        return Page(url, 200, {"content-type": "text/plain"}, text.encode())

    def parse(self, body: bytes, url: str) -> ParsedFeed:  # noqa: ARG002
        return ParsedFeed("Feed", tuple(self._entries[url]))

    def read(self, html: bytes) -> Extracted:
        return Extracted(html.decode())

    def publish(self, clock: FixedClock) -> None:
        """Put new entries on top of the busy feeds; of the first poll all entries are new."""
        first = not self._entries
        for feed in range(1, FEEDS + 1):
            url = f"https://feed-{feed}.example/rss"
            fresh = _LISTED if first else _FRESH if feed <= _BUSY else 0
            new = [self._entry(clock, plain=first or at > 0) for at in range(fresh)]
            self._entries[url] = [*new, *self._entries.get(url, [])][:_LISTED]

    def _entry(self, clock: FixedClock, *, plain: bool) -> Entry:
        number = next(self._number)
        url = f"https://paper-{number % 40}.example/news/{number}"
        title, body = self._prose.title(), self._prose.body()
        if not plain:
            title = self._headline(number)
            body = f"{title}. {body}"
        self._texts[url] = body
        return Entry(url, url, title, body[:160], published=clock.now() - timedelta(minutes=20))

    def _headline(self, number: int) -> str:
        """In turn a new deal, a known one, and two of the watch that keeps no ledger."""
        self._told += 1
        match self._told % 4:
            case 0:
                return f"OpenAI signs $3 billion data center contract with Norvane {number} Energy"
            case 1:
                partner = _PARTNERS[number % len(_PARTNERS)]
                return f"OpenAI signs contract with {partner} for 2 gigawatts of data center capacity"
        topic = self._prose.title().rsplit(" ", 5)[0].lower()
        return f"Anthropic signs data center contract for {number} megawatts near {topic}"


class Work:
    """A store, and the units of work on it. Each does its next piece, the same one on every store."""

    def __init__(self, tools: Tools, shelf: Shelf, clock: FixedClock) -> None:
        self._tools, self._shelf, self._clock = tools, shelf, clock
        self._book = tools.rules.ledgers[LEDGER]
        self._pieces = (number for number in count(1) if number % ONE_IN)  # those that tell of no deal yet

    def publish(self) -> None:
        """Let time pass, and make the feeds due with something new in them."""
        self._clock.advance(minutes=45)
        self._shelf.publish(self._clock)
        with self._tools.store.write() as session:
            feeds.make_due(session, self._clock.now(), range(1, FEEDS + 1))

    def poll(self) -> None:
        self._stage(POLL)

    def ingest(self) -> None:
        self._stage(INGEST)

    def _stage(self, stage: Stage) -> None:
        report = batch(self._tools, stage, relieved=lambda: True)
        assert report is not None
        assert not report.failures, report.failures

    def digest(self) -> None:
        self._clock.advance(seconds=1)
        tools, now = self._tools, self._clock.now()
        flow.digest(tools.settings, tools.store, now, flow.current_day(tools.settings, now), tools.courses)

    def search(self, wanted: Search) -> None:
        with self._tools.store.read() as session:
            search.find(session, wanted)

    def new_deal(self) -> None:
        piece = next(self._pieces)
        self._enter(_mention(f"Norvane {piece}", 2e9), piece)

    def joins(self, partner: str) -> None:
        self._enter(_mention(partner, 3e9), next(self._pieces))

    def _enter(self, mention: Mention, piece: int) -> None:
        with self._tools.store.write() as session:
            article = articles.get(session, piece)
            assert article is not None
            article.published = self._clock.now()
            session.expunge(article)
            self._book.enter(session, article, [], [mention], self._clock.now())

    def settle(self, spoken_of: int) -> None:
        """Before anything is measured: poll all feeds once, leave what they list aside, and make the deals.

        One is told of in `_SOURCES` pieces, the other in `spoken_of`.
        """
        self.publish()
        self.poll()
        store, now = self._tools.store, self._clock.now()
        with store.read() as session:
            waiting = articles.pending(session, now, 10**6)
        with store.write() as session:
            for id_ in waiting:
                articles.set_aside(session, id_, "", now)
        for partner, times in (("Marvell", _SOURCES), ("Dell", spoken_of)):
            slug = partner.lower()
            with store.write() as session:
                for piece in (next(self._pieces) for _ in range(times)):
                    article = articles.get(session, piece)
                    assert article is not None
                    self._book.note(session, article, [], [_mention(partner, 3e9)])
                self._book.derive(session, [slug], now)


def _mention(partner: str, dollars: float) -> Mention:
    slug = partner.lower().replace(" ", "-")
    quote = f"OpenAI will pay {partner} ${dollars / 1e9:g} billion for data center capacity."
    amount = Fact("amount", dollars, quote, "body", 0, 10, 0.9, "USD")
    return Mention(
        slug, (Party(slug, partner, "supplier"),), Kind.COMPUTE, Status.ANNOUNCED, (amount,), 0.9, True, quote
    )


def settings_of(folder: Path) -> Settings:
    """The shipped configuration, with a second watch that keeps no ledger."""
    settings = flow.load_settings(folder)
    rule = settings.watches[LEDGER]
    other = rule.model_copy(update={"title": "Anthropic", "ledger": False, "all": {**rule.all, "who": ["Anthropic"]}})
    return settings.model_copy(update={"watches": {LEDGER: rule, STORIES: other}})


@contextmanager
def work_on(place: Path | str) -> Iterator[Work]:
    """The units of work on the store in this folder, or of this URL."""
    settings, shelf, clock = settings_of(CONFIG), Shelf(), FixedClock(MORNING)
    lanes = Lanes(settings.general.http.concurrency, settings.general.http.per_host, "bench")
    with Store(place, clock) as store:
        tools = Tools(
            rules=Rules(settings),
            store=store,
            clock=clock,
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
        try:
            yield Work(tools, shelf, clock)
        finally:
            lanes.close()
