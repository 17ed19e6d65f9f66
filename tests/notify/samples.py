"""An alert and a digest with everything in them; keywords replace fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipeline.domain import Alert, Digest, DigestSection, FeedTrouble, Hit, Passage, Undelivered

QUOTE = "OpenAI signs a contract for 2 gigawatts."

PASSAGE = Passage("body", 100, 140, QUOTE, (Hit("who", "OpenAI", 100, 106), Hit("deal", "contract", 115, 123)))

ALERT = Alert(
    article=7,
    watch="test-deals",
    watch_title="Test deals",
    title="A contract for 2 gigawatts",
    url="https://news.example/a",
    sources=("Example News", "Other News"),
    published=datetime(2026, 3, 10, 11, 30, tzinfo=UTC),
    found=datetime(2026, 3, 10, 12, 0, tzinfo=UTC),
    passages=(PASSAGE,),
)

DIGEST = Digest(
    day=date(2026, 3, 11),
    start=datetime(2026, 3, 10, 7, 0, tzinfo=UTC),
    end=datetime(2026, 3, 11, 7, 0, tzinfo=UTC),
    timezone="UTC",
    complete=True,
    sections=(DigestSection("test-deals", "Test deals", (ALERT,)),),
    articles=40,
    feeds=3,
    trouble=(FeedTrouble("Dead <feed>", "https://dead.example/", 5, "HTTP 500", datetime(2026, 3, 9, tzinfo=UTC)),),
    undelivered=(Undelivered("12", "desk", "Test deals: lost & found", "550 no"),),
)


def alert(**fields: Any) -> Alert:
    return replace(ALERT, **fields)


def digest(**fields: Any) -> Digest:
    return replace(DIGEST, **fields)
