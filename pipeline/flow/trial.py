"""A ledger kept on trial: labelled items go through the real `ingest` in a store of their own, and are then compared.

items ─▶ articles ─▶ ingest, one by one ─▶ mentions, deals, changes, outbox ─▶ LedgerQuality
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pipeline.config.schema import Settings
from pipeline.deals.lexicon import slug_of
from pipeline.deals.quality import Found, LedgerQuality, Told, Wanted, measure
from pipeline.domain import DealState, Entry, Page
from pipeline.errors import ExtractError, FetchError, UsageError
from pipeline.flow.ingest import ingest
from pipeline.flow.labels import LabelledDeal, Line, piece_parts
from pipeline.flow.ledger import Ledger
from pipeline.flow.matching import build_matcher
from pipeline.flow.stories import Stories
from pipeline.flow.tools import Tools
from pipeline.store import Store, articles, feeds, ledger, outbox
from pipeline.watch.quality import UNSURE

_SHOWN = 10
"""How many items at fault a message names."""


@dataclass
class _Then:
    """The clock of an item: the day it was published."""

    at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

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

    def submit(self, html: bytes) -> Future[str]:
        done: Future[str] = Future()
        done.set_result(html.decode())
        return done

    def text(self, future: Future[str]) -> str:
        if not future.result():
            raise ExtractError("the item has no text of its own")
        return future.result()


@dataclass(frozen=True)
class Outcome:
    """What a trial came to: the deals by key, and how well they were kept."""

    deals: Mapping[str, DealState]
    quality: LedgerQuality


def run(
    settings: Settings, watch: str, lines: Sequence[Line], progress: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Feed the items in this order to a ledger of their own. Those labelled as a coin toss are fed but not measured.

    Raises UsageError where an item has no date, or not an id of its own.
    """
    _check(lines)
    only = _alone(settings, watch)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store, _tools(only, store, lines) as tools:
        clock = _Then()
        ids = _stock(store, lines)
        for line in lines:
            clock.at = day(line)
            ingest(replace(tools, clock=clock), [ids[line.id]])
            progress(1)
        return _outcome(only, watch, store, lines, ids)


def _check(lines: Sequence[Line]) -> None:
    ids = Counter(str(line.id) for line in lines)
    if shared := [id_ for id_, count in ids.items() if count > 1]:
        raise UsageError(f"Each item needs an id of its own. More than one has: {', '.join(shared[:_SHOWN])}.")
    if undated := [str(line.id) for line in lines if not _is_dated(line)]:
        raise UsageError(f"Each item needs a date such as 2026-03-01. These have none: {', '.join(undated[:_SHOWN])}.")


def _is_dated(line: Line) -> bool:
    try:
        day(line)
    except ValueError:
        return False
    return True


def day(line: Line) -> datetime:
    return datetime.fromisoformat(line.date).replace(tzinfo=UTC)


def _alone(settings: Settings, watch: str) -> Settings:
    """The settings with this watch only, which tells one channel of every change."""
    rule = settings.watches[watch].model_copy(update={"ledger": True, "notify": None})
    general = settings.general.model_copy(update={"channels": {}})
    return settings.model_copy(update={"watches": {watch: rule}, "general": general})


@contextmanager
def _tools(settings: Settings, store: Store, lines: Iterable[Line]) -> Iterator[Tools]:
    shelf = _Shelf({_url(line): piece_parts(line)[1] for line in lines})
    with ThreadPoolExecutor(1) as threads:
        yield Tools(
            settings=settings,
            store=store,
            clock=_Then(),
            fetcher=shelf,
            extractor=shelf,
            matcher=build_matcher(settings),
            ledgers={name: Ledger(settings, name) for name in settings.watches},
            stories=Stories(settings),
            channels={},
            pollers=threads,
            readers=threads,
            senders=threads,
            every={},
        )


def _url(line: Line) -> str:
    """The item's own address; one that another item could have too gets its id."""
    base = line.url if line.url.startswith("http") else f"https://{quote(line.source) or 'nowhere'}/"
    return f"{base}#{quote(str(line.id))}"


def _stock(store: Store, lines: Sequence[Line]) -> dict[str | int, int]:
    """Store the items as articles that await ingestion; their numbers by id."""
    sources = sorted({line.source for line in lines})
    with store.write() as session:
        known = [feeds.Known(f"https://{quote(source)}/feed", source, "press") for source in sources]
        feeds.sync(session, known, datetime(2000, 1, 1, tzinfo=UTC))
        numbers = {feed.name: feed.id or 0 for feed in feeds.all_active(session)}
        for line in lines:
            title, _, summary = piece_parts(line)
            entry = Entry(str(line.id), _url(line), title, summary, published=day(line))
            articles.add_entries(session, numbers[line.source], [entry], datetime(2000, 1, 1, tzinfo=UTC))
    with store.read() as session:
        by_url = {a.url: a.id or 0 for a in articles.find(session, articles.Filter(most=len(lines) + 1))}
    return {line.id: by_url[_url(line)] for line in lines}


def _outcome(
    settings: Settings, watch: str, store: Store, lines: Sequence[Line], ids: Mapping[str | int, int]
) -> Outcome:
    slugs = {
        form.casefold(): slug
        for slug, company in settings.companies.items()
        for form in (slug, company.name, *company.aliases, *company.tickers)
    }
    with store.read() as session:
        states = {deal.key: ledger.state(deal) for deal in ledger.find(session, ledger.Filter(watch))}
        found = _found(states, ledger.told(session, watch, ledger.anchors_of(session, watch)))
        alerted = {row.article_id for row in outbox.listing(session, most=10**6)}
        changes = ledger.changes(session, watch)
    told = [
        Told(
            str(line.id),
            line.label.mentions == "yes",
            [_wanted(deal, slugs) for deal in line.label.deals],
            found.get(ids[line.id], []),
            ids[line.id] in alerted,
            frozenset(key for key, change in changes if change.source.article == ids[line.id]),
        )
        for line in lines
        if line.label.sure > UNSURE
    ]
    return Outcome(states, measure(told, sum(c.field == "new" for _, c in changes)))


def _found(states: Mapping[str, DealState], told: Mapping[str, Sequence[ledger.Told]]) -> dict[int, list[Found]]:
    """The mentions of each article, with the deals that they became part of."""
    deals = {(source.article, state.anchor): state.key for state in states.values() for source in state.sources}
    found: dict[int, list[Found]] = {}
    for anchor, said in told.items():
        for source, mention in said:
            found.setdefault(source.article, []).append(Found(mention, deals.get((source.article, anchor), "")))
    return found


def _wanted(deal: LabelledDeal, slugs: Mapping[str, str]) -> Wanted:
    return Wanted(
        deal.key,
        frozenset(slugs.get(name.casefold()) or slug_of(name) for name in deal.parties),
        deal.kind,
        deal.amount_usd,
        deal.capacity_gw,
        deal.status,
        deal.quote,
        frozenset(deal.agreed),
    )
