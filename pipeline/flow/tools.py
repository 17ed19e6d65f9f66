"""What the units of work need, made from the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Protocol

from pipeline.clock import Clock, SystemClock
from pipeline.config import yaml
from pipeline.config.load import load
from pipeline.config.schema import Settings
from pipeline.domain import Page, ParsedFeed
from pipeline.flow.channels import Say, address_of, build_channel
from pipeline.flow.courses import Courses
from pipeline.flow.lanes import Lanes
from pipeline.flow.rules import Rules
from pipeline.ingest.extract import Extracted, Extractor
from pipeline.ingest.feed_parser import FeedParser
from pipeline.ingest.fetch import Fetcher, Limits
from pipeline.ingest.robots import Robots
from pipeline.ingest.turns import Elsewhere
from pipeline.notify import Channel
from pipeline.store import Store, channels, feeds, outbox
from pipeline.watch import terms

LEASE = timedelta(minutes=30)
"""How long a unit may hold an id before another process may take it over."""

_SENDERS_PER_CHANNEL = 4
_ONE_FOR_URGENT_TO = 4
"""For each so many threads that read pages there is one more, for what is urgent."""


class Pages(Protocol):
    """Where feeds and pages come from. Raises FetchError."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page: ...


class Documents(Protocol):
    """Feed documents to entries. Raises FeedError."""

    def parse(self, body: bytes, url: str) -> ParsedFeed: ...


class Texts(Protocol):
    """Pages to texts. Raises ExtractError."""

    def read(self, html: bytes, *, urgent: bool = False) -> Extracted: ...


@dataclass(frozen=True)
class Tools:
    """Everything a unit of work touches, so that a test can pass its own.

    Feeds come from `fetcher`, articles from `pages`, which minds what their sites allow. `addresses` are digests of
    where the channels lead. `courses` is what is known of the ledgers from one digest to the next. `worker` is the
    name of the process where it is one of many that share the store.
    """

    rules: Rules
    store: Store
    clock: Clock
    fetcher: Pages
    parser: Documents
    pages: Pages
    extractor: Texts
    channels: Mapping[str, Channel]
    addresses: Mapping[str, str]
    pollers: Lanes
    readers: Lanes
    senders: Lanes
    stop: Event = field(default_factory=Event)
    courses: Courses = field(default_factory=Courses)
    worker: str = ""

    @property
    def settings(self) -> Settings:
        return self.rules.settings


def load_settings(folder: Path, watches: Path | None = None, home: Path | None = None) -> Settings:
    """Read and check a configuration folder, terms included; with this file in place of its watches.yaml.

    Relative paths start at `home`, else at the folder itself. Raises ConfigError with every problem.
    """
    return load(folder, terms.refers_to, yaml.read(watches) if watches else None, home)


def build_fetcher(settings: Settings, elsewhere: Elsewhere | None = None) -> Fetcher:
    http = settings.general.http
    limits = Limits(
        timeout=http.timeout.total_seconds(),
        max_body=http.max_body,
        per_host=http.per_host,
        allow_private=http.allow_private,
        spacing=http.spacing.total_seconds(),
        proxy=http.proxy.get_secret_value() if http.proxy else "",
    )
    return Fetcher(http.user_agent, limits, elsewhere=elsewhere)


def open_store(settings: Settings) -> Store:
    return Store(settings.place)


@contextmanager
def open_tools(
    settings: Settings,
    store: Store,
    say: Say,
    clock: Clock | None = None,
    stop: Event | None = None,
    worker: str = "",
    elsewhere: Elsewhere | None = None,
) -> Iterator[Tools]:
    """Tools of these settings on an open store. `say` shows the messages of local channels.

    The stored feeds are brought in line with the settings, but by a worker of many. On leaving, threads still waiting
    for a slow server are left to end by themselves.
    """
    clock = clock or SystemClock()
    http = settings.general.http
    fetcher = build_fetcher(settings, elsewhere)
    extraction = settings.general.extraction
    # Threads of its own for each stage: a host that is slow with its pages must not hold an alert back.
    pollers = Lanes(http.concurrency, http.per_host, "poll")
    for_urgent = http.concurrency // _ONE_FOR_URGENT_TO
    readers = Lanes(http.concurrency + for_urgent, http.per_host, "read", kept=for_urgent)
    # Enough for every channel at once, so that those that hang delay no other.
    senders = Lanes(_SENDERS_PER_CHANNEL * len(settings.channels), _SENDERS_PER_CHANNEL, "send")
    with (
        FeedParser(extraction.processes) as parser,
        Extractor(extraction.processes, extraction.timeout.total_seconds()) as extractor,
    ):
        tools = Tools(
            rules=Rules(settings),
            store=store,
            clock=clock,
            fetcher=fetcher,
            parser=parser,
            pages=Robots(fetcher, http.user_agent, clock) if http.robots else fetcher,
            extractor=extractor,
            channels={name: build_channel(name, settings, fetcher, clock, say) for name in settings.channels},
            addresses=_addresses(settings),
            pollers=pollers,
            readers=readers,
            senders=senders,
            stop=stop or Event(),
            worker=worker,
        )
        if not worker:
            bring_in_line(settings, store, clock.now())
        try:
            yield tools
        finally:
            for lanes in (pollers, readers, senders):
                lanes.close()
            fetcher.close()


def bring_in_line(settings: Settings, store: Store, now: datetime) -> None:
    """Have the store know the feeds, where channels lead and their pace, as the settings have them now."""
    every = settings.general.schedule.poll_every
    known = [
        feeds.Known(f.url, f.name, f.tier, (f.every or every).total_seconds()) for f in settings.feeds if f.enabled
    ]
    with store.write() as session:
        feeds.sync(session, known, now)
        channels.enable_moved(session, _addresses(settings))
        outbox.plan_anew(session, now)  # by the pace that the channels have now


def _addresses(settings: Settings) -> dict[str, str]:
    return {name: address_of(channel) for name, channel in settings.channels.items()}
