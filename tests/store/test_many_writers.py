"""Several processes that write to one database: each with a store of its own, all at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlmodel import select

from pipeline import flow
from pipeline.domain import Kind, Status
from pipeline.errors import StoreError
from pipeline.flow import deal_alerts
from pipeline.flow.ledger import Ledger
from pipeline.models import Article, DealChange, Delivery, Listing
from pipeline.store import Session, Store, articles, entries, feeds, ledger, outbox
from tests.deals.samples import fact, mention
from tests.store.conftest import NOW, entry, feed_ids
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.world import write_config

WRITERS = 4
FEEDS = ("https://a.example/feed", "https://b.example/feed")
ENTRIES = [entry(url=f"https://n.example/{number}", title=f"Piece {number}") for number in range(60)]
UNTIL = NOW + timedelta(minutes=5)

Made = TypeVar("Made")
Together = Callable[[Callable[[Store, int], Made]], list[Made]]


@pytest.fixture
def store(emptied: str) -> Iterator[Store]:
    with Store(emptied) as opened:
        yield opened


@pytest.fixture
def together(emptied: str) -> Iterator[Together[Made]]:
    """What each writer makes of its store and its number, all begun at once."""
    with ExitStack() as stack:
        stores = [stack.enter_context(Store(emptied)) for _ in range(WRITERS)]
        barrier = Barrier(WRITERS, timeout=90)

        def run(work: Callable[[Store, int], Made]) -> list[Made]:
            def one(number: int) -> Made:
                barrier.wait()
                return work(stores[number], number)

            with ThreadPoolExecutor(WRITERS) as pool:
                return list(pool.map(one, range(WRITERS)))

        yield run


def test_what_two_feeds_list_is_stored_once(store: Store, together: Together[int]) -> None:
    """Of entries that all writers bring at once, each is one article, which each feed lists once.

    Also where they bring them in opposite orders: of two that wait for each other one is refused, and tries again.
    """
    with store.write() as session:
        ids = feed_ids(session, *FEEDS)

    def bring(mine: Store, number: int) -> int:
        new, step = 0, 1 if number < WRITERS / 2 else -1
        for at in range(0, len(ENTRIES), 5):
            feed, some = ids[number % 2], ENTRIES[at : at + 5]
            while True:
                try:
                    with mine.write(aside=True) as session:
                        new += entries.add_entries(session, {feed: some[::step]}, NOW)[feed].new
                except StoreError as error:
                    assert "deadlock" in str(error)  # noqa: PT017
                else:
                    break
        return new

    new = sum(together(bring))

    with store.read() as session:
        assert new == len(ENTRIES)
        assert len(session.exec(select(Article.id)).all()) == len(ENTRIES)
        assert len(session.exec(select(Listing.id)).all()) == 2 * len(ENTRIES)
        assert [feed.entries for feed in feeds.all_active(session)] == [len(ENTRIES)] * 2


def a_feed_each(session: Session) -> list[int]:
    return feed_ids(session, *(f"https://n.example/feed{number}" for number in range(60)))


def an_article_each(session: Session) -> list[int]:
    [feed] = feed_ids(session, FEEDS[0])
    entries.add_entries(session, {feed: ENTRIES}, NOW)
    return articles.pending(session, NOW, 100)


def a_delivery_each(session: Session) -> list[int]:
    for number in range(60):
        outbox.add(session, key=f"k{number}", channels=["c"], kind="alert", subject="", payload={}, now=NOW)
    session.flush()
    return outbox.due(session, NOW, 100)


def take_feeds(session: Session, ids: Sequence[int]) -> list[int | None]:
    return [feed.id for feed in feeds.lease(session, ids, NOW, UNTIL)]


def take_articles(session: Session, ids: Sequence[int]) -> list[int | None]:
    return [article.id for article in articles.lease(session, ids, NOW, UNTIL)]


def take_deliveries(session: Session, ids: Sequence[int]) -> list[int | None]:
    rows = outbox.still_due(session, ids, NOW)
    outbox.take(rows, UNTIL)
    return [row.id for row in rows]


@pytest.mark.parametrize(
    ("fill", "take", "aside"),
    [
        (a_feed_each, take_feeds, True),
        (an_article_each, take_articles, True),
        (a_delivery_each, take_deliveries, False),
    ],
)
def test_each_is_leased_once(
    store: Store,
    together: Together[list[int | None]],
    fill: Callable[[Session], list[int]],
    take: Callable[[Session, Sequence[int]], list[int | None]],
    aside: bool,
) -> None:
    """Of what all writers want at once, each goes to one of them, in transactions as the units of work have them."""
    with store.write() as session:
        ids = fill(session)

    def lease(mine: Store, _: int) -> list[int | None]:
        had = []
        for at in range(0, len(ids), 3):
            with mine.write(aside=aside) as session:
                had += take(session, ids[at : at + 3])
        return had

    taken = Counter(id_ for had in together(lease) for id_ in had)

    assert len(ids) == 60
    assert taken == Counter(ids)


def test_a_deal_of_which_many_speak_is_one(store: Store, together: Together[None], tmp_path: Path) -> None:
    """All that is said of a deal at once comes to one deal, and each of its changes is found and told once."""
    watch, each = "test-deals", 5
    channels = {name: {"type": "local"} for name in ("one", "two")}
    watches = {watch: {**LEDGER_WATCH, "notify": list(channels)}}
    folder = write_config(tmp_path / "config", [FEEDS[0]], channels=channels, watches=watches, companies=COMPANIES)
    settings = flow.load_settings(folder)
    with store.write() as session:
        [feed] = feed_ids(session, FEEDS[0])
        entries.add_entries(session, {feed: ENTRIES[: WRITERS * each]}, NOW)
        found = articles.pending(session, NOW, 100)

    def say(mine: Store, number: int) -> None:
        book = Ledger(settings, watch)
        for at in range(number, len(found), WRITERS):
            with mine.write() as session:
                article = articles.get(session, found[at])
                assert article is not None
                said = mention("oracle", Kind.COMPUTE, Status.SIGNED, fact("amount", 30e9, article=found[at]))
                changed = book.enter(session, article, feeds.get(session, [feed]), [said], NOW)
                deal_alerts.tell(settings, session, watch, article, changed, NOW)

    together(say)

    with store.read() as session:
        [deal] = ledger.find(session, ledger.Filter())
        changes = [(change.deal_id, change.key) for change in session.exec(select(DealChange))]
        assert {article.id for article in ledger.attached(session, deal)} == set(found)
        assert len(changes) == len(set(changes)) > 0
        told = Counter(row.channel for row in session.exec(select(Delivery)))
        assert told == {"one": 1, "two": 1}
