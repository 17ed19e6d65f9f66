"""Deals as a store holds them, made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipeline.domain import Change, DealState, Fact, Kind, Level, Party, Source, Status
from pipeline.models import Article, Deal, Feed, Listing, Match
from pipeline.store import Session, ledger

FIRST = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WATCH = "test-deals"
QUOTE = "OpenAI will pay Oracle $300 billion for 4.5 gigawatts."

ORACLE = Source(1, "https://www.wire.example/oracle", FIRST, "wire.example", False)
AMOUNT = Fact("amount", 3e11, QUOTE, "body", 0, 10, 1.0, "USD", article=1)
CAPACITY = Fact("capacity", 4.5, QUOTE, "body", 0, 10, 1.0, "GW", article=1)
NEW = Change("new", "", "oracle", QUOTE, ORACLE)

STATE = DealState(
    key="oracle",
    anchor="oracle",
    parties=(Party("oracle", "Oracle", "supplier"),),
    kind=Kind.COMPUTE,
    status=Status.ANNOUNCED,
    facts={"amount": AMOUNT, "capacity": CAPACITY},
    disagreements=(),
    changes=(NEW,),
    sources=(ORACLE,),
)


def state(**fields: Any) -> DealState:
    return replace(STATE, **fields)


def source(article: int, host: str, official: bool = False, day: int = 1) -> Source:
    return Source(article, f"https://{host}/{article}", FIRST.replace(day=day), host, official)


def article(session: Session, title: str, when: datetime, watch: str = "", level: Level = Level.ABOUT) -> Article:
    """An article found then, and flagged by the watch."""
    row = Article(identity=title, url=f"https://news.example/{len(title)}", title=title, found_at=when, published=when)
    session.add(row)
    session.flush()
    if watch:
        session.add(Match(article_id=row.id or 0, watch=watch, matched_at=when, level=level))
    session.flush()
    return row


def listed(session: Session, row: Article, *feeds: Feed) -> None:
    for feed in feeds:
        session.add(feed)
        session.flush()
        session.add(Listing(feed_id=feed.id or 0, article_id=row.id or 0, key=row.title, seen_at=row.found_at))
    session.flush()


def save(
    session: Session, watch: str, given: DealState, title: str, now: datetime
) -> Sequence[tuple[Deal, list[Change]]]:
    """Store the deal as all that is said of its anchor; it with its new changes, where there are any."""
    return ledger.save(session, watch, [given.anchor], [(given, title)], now)


def kept(session: Session, title: str = "OpenAI and Oracle (compute)", key: str = "oracle", **fields: Any) -> Deal:
    """A deal in the ledger of `WATCH`, found at noon on 10 March."""
    save(session, WATCH, state(key=key, anchor=key, **fields), title, FIRST.replace(day=10, hour=12))
    return ledger.by_key(session, WATCH, [key])[key]
