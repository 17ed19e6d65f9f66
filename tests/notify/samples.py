"""An alert and a digest with everything in them; keywords replace fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pipeline.domain import (
    Alert,
    Bar,
    ChangeLine,
    Corroboration,
    DealAlert,
    DealNews,
    Digest,
    DigestSection,
    FactLine,
    FeedNews,
    Growth,
    Hit,
    OtherFigure,
    PartyLine,
    Passage,
    Proof,
    QuietDeal,
    RelatedDeal,
    Status,
    Undelivered,
)

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
    feed_news=(
        FeedNews("Dead <feed>", "https://dead.example/", "does not answer: HTTP 500", datetime(2026, 3, 9, tzinfo=UTC)),
    ),
    undelivered=(Undelivered("12", "desk", "Test deals: lost & found", "550 no"),),
    flagged=1,
)

CUT = Proof(
    "OpenAI has cut its order with Oracle to $250 billion, and the contract is signed, it said on Tuesday.",
    "https://openai.example/news/order",
    datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
)
SIZE = Proof(
    "The five-year deal covers 4.5 gigawatts of capacity that Oracle will rent from Crusoe and Vantablack Power.",
    "https://www.wire.example/oracle-openai",
    datetime(2026, 1, 20, 9, 0, tzinfo=UTC),
)
RIVAL = Proof(
    "People close to the talks put it at $280 billion.",
    "https://paper.example/a",
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)

DEAL = DealAlert(
    deal=3,
    watch="test-deals",
    watch_title="Test deals",
    title="OpenAI and Oracle (compute)",
    happened="OpenAI and Oracle (compute): amount changed, $300 billion to $250 billion; signed (was: announced)",
    status=Status.SIGNED,
    origins=3,
    official="openai.example",
    parties=(
        PartyLine("Oracle", "supplier", True, CUT),
        PartyLine("Crusoe", "host", True, SIZE),
        PartyLine("Vantablack Power", "", False, SIZE),
    ),
    facts=(
        FactLine("amount", "$250 billion", "$300 billion", CUT, (OtherFigure("$280 billion", RIVAL),)),
        FactLine("capacity", "4.5 GW", "", SIZE),
        FactLine("term", "5 years", "", SIZE),
        FactLine("status", "signed", "announced", CUT),
    ),
    related=(RelatedDeal("part of", 1, "Stargate"), RelatedDeal("part", 9, "OpenAI: Abilene (datacenter)")),
    article=41,
    headline="OpenAI trims its order with Oracle",
    url="https://openai.example/news/order",
    sources=("OpenAI newsroom", "Example News"),
    published=datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
    quote=CUT.quote,
    thread="deal-0a1b2c",
    topic="Re: OpenAI and Oracle (compute)",
)

LEDGER = DigestSection(
    watch="test-deals",
    title="Test deals",
    alerts=(ALERT,),
    ledger=True,
    new=(
        DealNews(
            7, "OpenAI and Llano Ridge (power)", "$2 billion, 1.2 GW, 15 years", Status.SIGNED, False, 40, 6,
            Proof("OpenAI signs a 15-year agreement for 1.2 GW.", "https://wire.example/p", None),
        ),
    ),
    changed=(
        DealNews(
            3, DEAL.title, "amount changed, $300 billion to $250 billion", Status.SIGNED, True, 1, 1, CUT,
            (ChangeLine("amount", "$300 billion", "$250 billion"),),
        ),
    ),
    corroborated=(
        Corroboration(4, "OpenAI and Broadcom (chips)", 12, 5),
        Corroboration(5, "OpenAI and AMD (chips)", 1, 1),
    ),
    gone_quiet=(QuietDeal(6, "OpenAI and Nscale (compute)", Status.ANNOUNCED, datetime(2026, 2, 9, tzinfo=UTC)),),
)  # fmt: skip


GROWTH = Growth(
    "Test deals",
    tuple(Bar(f"{n} Mar", n * 20e9) for n in range(12)),
    30e9,
    "The deals of the ledger come to $220 billion, $30 billion of it new in this edition.",
)


def alert(**fields: Any) -> Alert:
    return replace(ALERT, **fields)


def deal(**fields: Any) -> DealAlert:
    return replace(DEAL, **fields)


def digest(**fields: Any) -> Digest:
    return replace(DIGEST, **fields)
