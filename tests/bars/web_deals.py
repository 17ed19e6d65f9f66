"""The deals of a made-up store, and what was told of them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter

from pipeline.digest import bounds
from pipeline.domain import Change, DealState, Digest, Fact, Kind, Mention, Party, Source, Status
from pipeline.flow.deal_alerts import alert_of
from pipeline.models import Article, Deal
from pipeline.notify import render
from tests.bars.bulk import insert, stamp

_KNOWN = {
    name.lower().replace(" ", "-"): name
    for name in [
        "Oracle",
        "Nvidia",
        "AMD",
        "Broadcom",
        "Microsoft",
        "CoreWeave",
        "SoftBank",
        "Samsung",
        "SK Hynix",
        "Crusoe",
        "Vantage",
        "Cerebras",
        "Foxconn",
        "Arm",
        "Intel",
        "TSMC",
        "Micron",
        "Blue Owl",
        "JPMorgan",
        "Goldman Sachs",
        "Brookfield",
        "Nscale",
        "Equinix",
        "Vertiv",
    ]
}
_OTHERS = {f"company-{number}": f"Company {number} Holdings" for number in range(600)}
_COMPANIES = [*_KNOWN.items(), *_OTHERS.items()]
_WEIGHTS = [12.0] * len(_KNOWN) + [1.0] * len(_OTHERS)
_PROGRAMMES = 20
_CHANNELS = ("inbox", "desk-webhook", "desk-chat")
_TOLD_EACH = 4
"""Deliveries for each piece."""

_STATE, _CHANGE, _MENTION = TypeAdapter(DealState), TypeAdapter(Change), TypeAdapter(Mention)


@dataclass(frozen=True)
class Piece:
    """A flagged article: what the deals are made of. It says `quote`, which names a company and figures."""

    id: int
    watch: str
    title: str
    url: str
    host: str
    found: datetime
    company: tuple[str, str]
    billions: int
    gigawatts: float
    quote: str


def company(chance: random.Random) -> tuple[str, str]:
    """Slug and name of some company; a few are in very many deals."""
    return chance.choices(_COMPANIES, cum_weights=None, weights=_WEIGHTS)[0]


def fill(
    connection: sqlite3.Connection, chance: random.Random, pieces: Sequence[Piece], count: int, now: datetime, days: int
) -> None:
    """Make the deals of these pieces, with their changes, and the deliveries that told of them in that many days."""
    made = [_deal(chance, pieces, number, now) for number in range(1, count + 1)] if pieces else []
    columns = (
        "id watch key anchor title kind status first last origins amount_usd capacity_gw part_of supersedes live"
        " dismissed revision saved_at data"
    )
    insert(connection, "deal", columns, (_row(deal) for deal, _ in made))
    for deal, state in made:
        id_ = deal.id or 0
        insert(connection, "dealparty", "deal_id slug name", {(id_, p.slug, p.name) for p in state.parties})
        insert(connection, "dealarticle", "deal_id article_id", {(id_, source.article) for source in state.sources})
        insert(
            connection,
            "dealchange",
            "deal_id key found_at data",
            (
                (id_, change.key, stamp(change.source.published), _CHANGE.dump_json(change).decode())
                for change in state.changes
            ),
        )
        insert(connection, "mentioned", _MENTIONED, _mentioned(deal, state))
    insert(connection, "delivery", _DELIVERY, _deliveries(chance, made, now, days, _TOLD_EACH * len(pieces)))


def _deal(chance: random.Random, pieces: Sequence[Piece], number: int, now: datetime) -> tuple[Deal, DealState]:
    """One of some pieces of a month or so; the last deals are of the last pieces."""
    lead = pieces[chance.randrange(len(pieces))]
    near = [p for p in pieces[max(0, lead.id // 200 - 200) : lead.id // 200 + 200] if p.watch == lead.watch]
    own = sorted(
        {lead, *chance.sample(near, min(len(near), chance.choice((0, 1, 2, 3, 5, 8, 30))))}, key=lambda p: p.id
    )
    sources = tuple(Source(p.id, p.url, p.found, p.host, chance.random() < 0.1, "") for p in own)
    slug, name = lead.company
    programme = number <= _PROGRAMMES
    anchor = f"programme:p{number}" if programme else slug
    others = dict(company(chance) for _ in range(chance.randint(0, 3)))
    others.pop(slug, None)
    facts = {
        "amount": _fact(lead, "amount", lead.billions * 1e9, "USD"),
        "capacity": _fact(lead, "capacity", lead.gigawatts, "GW"),
    }
    last = own[-1]
    other = _fact(last, "amount", last.billions * 1e9, "USD")
    disagreements = ((other, sources[-1]),) if len(own) > 3 else ()
    state = DealState(
        key=f"{anchor}#{number}",
        anchor=anchor,
        parties=(
            Party("openai", "OpenAI", "customer"),
            Party(slug, name, "supplier"),
            *(Party(s, n, "partner") for s, n in others.items()),
        ),
        kind=Kind.PROGRAMME if programme else chance.choice(list(Kind)),
        status=chance.choice(list(Status)),
        facts={field: fact for field, fact in facts.items() if chance.random() < 0.7},
        disagreements=disagreements,
        changes=tuple(_changes(own, sources)),
        sources=sources,
        part_of=f"programme:p{number % _PROGRAMMES + 1}#{number % _PROGRAMMES + 1}"
        if not programme and number % 3 == 0
        else "",
    )
    amount, capacity = state.facts.get("amount"), state.facts.get("capacity")
    deal = Deal(
        id=number, watch=lead.watch, key=state.key, anchor=anchor, title=f"OpenAI and {name}: {state.kind} {number}",
        kind=state.kind, status=state.status, first=sources[0].published, last=sources[-1].published,
        origins=state.origins, amount_usd=float(amount.value) if amount else None,
        capacity_gw=float(capacity.value) if capacity else None, part_of=state.part_of, live=number % 50 != 0,
        dismissed=number % 40 == 1, revision=number, saved_at=now, data=_STATE.dump_python(state, mode="json"),
    )  # fmt: skip
    return deal, state


def _fact(piece: Piece, field: str, value: float, unit: str) -> Fact:
    words = f"${piece.billions} billion" if field == "amount" else f"{piece.gigawatts:g} gigawatts"
    start = piece.quote.index(words)
    return Fact(field, value, piece.quote, "body", start, start + len(words), 0.9, unit, article=piece.id)


def _changes(own: Sequence[Piece], sources: Sequence[Source]) -> Iterator[Change]:
    yield Change("new", "", own[0].company[0], own[0].quote, sources[0])
    for turn, (piece, source) in enumerate(zip(own[1:5], sources[1:5], strict=False), 1):
        if turn % 2:
            yield Change("status", "announced", "signed", piece.quote, source, turn=turn)
        else:
            yield Change("amount", "$1 billion", f"${piece.billions} billion", piece.quote, source, turn=turn)


def _row(deal: Deal) -> tuple[Any, ...]:
    return (
        deal.id, deal.watch, deal.key, deal.anchor, deal.title, str(deal.kind), str(deal.status), stamp(deal.first),
        stamp(deal.last), deal.origins, deal.amount_usd, deal.capacity_gw, deal.part_of, deal.supersedes,
        int(deal.live), int(deal.dismissed), deal.revision, stamp(deal.saved_at or deal.last), json.dumps(deal.data),
    )  # fmt: skip


_MENTIONED = "article_id watch anchor key url published origin official fingerprint data"


def _mentioned(deal: Deal, state: DealState) -> Iterator[tuple[Any, ...]]:
    """What each article says of the deal. Its anchor has the deal's number: an article mentions one only once."""
    fact = tuple(state.facts.values())
    said = Mention(
        f"{deal.anchor}-{deal.id}", state.parties, state.kind, state.status, fact, 0.9, True, state.changes[0].quote
    )
    data = _MENTION.dump_json(said).decode()
    for source in state.sources:
        yield (
            source.article, deal.watch, said.anchor, deal.key, source.url, stamp(source.published), source.origin,
            int(source.official), "", data,
        )  # fmt: skip


_DELIVERY = (
    "id key uid channel kind subject article_id watch deal_id payload state attempts created_at next_try delivered_at"
    " last_error reached"
)


def _deliveries(
    chance: random.Random, made: Sequence[tuple[Deal, DealState]], now: datetime, days: int, most: int
) -> Iterator[tuple[Any, ...]]:
    """A digest a day, and alerts of changes, all in the order of time; the last ones wait."""
    told = [
        (change.source.published, deal, change, channel)
        for deal, state in made
        for change in state.changes
        for channel in _CHANNELS
    ]
    told = sorted(chance.sample(told, min(len(told), most)), key=lambda row: row[0])
    editions = [_edition(now.date() - timedelta(days=back)) for back in range(days, 0, -1)]
    rows = [
        *((digest.end, digest) for digest in editions),
        *((when, (deal, change, channel)) for when, deal, change, channel in told),
    ]
    rows.sort(key=lambda row: row[0])
    for number, (when, what) in enumerate(rows, 1):
        state = (
            "pending"
            if number > len(rows) - 30
            else chance.choices(("delivered", "dead", "gathered", "muted"), (95, 1, 3, 1))[0]
        )
        if isinstance(what, Digest):
            key, channel, kind, subject = f"digest:{what.day}:inbox", "inbox", "digest", render.digest_subject(what)
            article, watch, deal_id, payload = None, "", None, render.pack(what)
        else:
            deal, change, channel = what
            piece = Article(
                id=change.source.article, identity="", url=change.source.url, title=deal.title, found_at=when
            )
            alert = alert_of(deal, [change], piece, [], deal.watch, [], "")
            key, kind, subject = f"deal:{deal.id}:{change.key}:{channel}", "deal", render.deal_subject(alert)
            article, watch, deal_id, payload = piece.id, deal.watch, deal.id, render.pack(alert)
        yield (
            number, key, f"msg_{number:032x}", channel, kind, subject, article, watch, deal_id, json.dumps(payload),
            state, 0 if state == "pending" else 1, stamp(when), stamp(when),
            stamp(when) if state == "delivered" else None, "550 no such user" if state == "dead" else "", "[]",
        )  # fmt: skip


def _edition(day: date) -> Digest:
    start, end = bounds(day, time(7), UTC)
    return Digest(day, start, end, "UTC", True, (), 2740, 200, (), (), 14)
