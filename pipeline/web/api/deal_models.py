"""Deals as programs get them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from pipeline.deals import books
from pipeline.deals.roles import roles
from pipeline.deals.rows import source_of, status_stated
from pipeline.deals.wording import shown
from pipeline.domain import FIGURES, Bound, DealState, Fact, Kind, Source, Status
from pipeline.flow.deal_view import Event, View
from pipeline.models import Deal
from pipeline.store import ledger
from pipeline.web.api.paging import Listed
from pipeline.web.api.ruling_models import RulingMade, ruling_made
from pipeline.web.api.values import Link, Sent, Text


class Party(Sent):
    """A company in a deal."""

    slug: Text = Field(description="What it is asked for by.")
    name: Text
    role: Text = Field(description="What it is in the deal: supplier, investor ...")
    known: bool = Field(description="Whether companies.yaml knows it.")


class Where(Sent):
    """Where something was said. All is empty of what a person set by hand."""

    article: int | None = Field(description="The article's number.")
    url: Link
    origin: Text = Field(description="Whose report it is: an outlet, or the host that published it.")
    published: datetime | None


class Stated(Where):
    """A figure, and the sentence that states it."""

    field: str = Field(description="amount, yearly (an amount a year), capacity, chips or term.")
    shown: Text = Field(description="The figure as people write it: up to $1.5 billion a year.")
    value: float = Field(description="In `unit`; the upper end of a range.")
    low: float | None = Field(description="The lower end of a range.")
    unit: Text = Field(description="A currency's code, GW, chips, years, or `until` a year.")
    bound: Bound
    quote: Text
    attribution: Text = Field(
        description="Who is said to say so, in the article's words; empty where it says it itself."
    )
    confidence: float = Field(description="How sure it is that the sentence says so, 0 to 1.")


class DealRef(Sent):
    """A deal by its number."""

    id: int
    title: Text
    status: Status


class DealRow(DealRef):
    """A deal of the ledger with the figures in force."""

    watch: str
    kind: Kind
    place: Text = Field(description="Where, by a slug of ledger.yaml; empty where nobody says.")
    status_quote: Text = Field(
        description="The sentence that says how far it has come; empty where it was set by hand."
    )
    status_url: Link
    parties: list[Party]
    origins: int = Field(description="How many independent reports tell of it.")
    official: bool = Field(description="Whether an official source confirms it.")
    first: datetime = Field(description="When the first article on it was published.")
    last: datetime = Field(description="When the latest was.")
    saved: datetime | None = Field(description="When anything about it changed last; null where that is unknown.")
    amount: Stated | None
    yearly: Stated | None
    capacity: Stated | None
    chips: Stated | None
    term: Stated | None
    usd_per_gw: float | None
    doubtful: Text = Field(description="Why the figures look wrong; empty where they do not.")
    part_of: int | None = Field(description="The number of the deal that it is part of.")
    supersedes: int | None = Field(description="The number of the deal whose place it takes.")
    dismissed: bool = Field(description="Whether a person said that it is no deal.")


class Deals(Listed[DealRow]):
    """A page of deals."""


class Report(Sent):
    """An independent report of a deal: copies of it, and pieces that pass it on, count with it."""

    origin: Text
    article: int = Field(description="The number of its first article.")
    url: Link
    published: datetime
    official: bool
    articles: int = Field(description="How many articles go back to it.")


class Happened(Where):
    """A change of a deal, and the sentence that says so."""

    field: str = Field(description="new, amount, capacity, status, party, confirmed, contradicted ...")
    before: Text
    after: Text
    words: Text = Field(description="The change in a few words.")
    quote: Text
    found: datetime | None = Field(description="When it was found here.")
    holds: bool = Field(description="Whether it is still so, now that more is known.")


class AttachedArticle(Sent):
    """An article that speaks of a deal."""

    id: int
    title: Text
    url: Link
    published: datetime | None


class RelatedDeal(DealRef):
    """Another deal, and how it stands to the one asked for."""

    how: str = Field(description="part of, has the part, supersedes, is superseded by.")


class DealWhole(DealRow):
    """A deal with all that is known of it."""

    live: bool = Field(description="Whether it is in the ledger: one that was merged into another is not.")
    gone: Text = Field(description="What became of one that is not.")
    disagreements: list[Stated] = Field(description="Figures that others state in place of those in force.")
    reports: list[Report]
    history: list[Happened]
    articles: list[AttachedArticle]
    related: list[RelatedDeal]
    rulings: list[RulingMade]


def deal_row(deal: Deal, numbers: Mapping[str, int]) -> DealRow:
    """`numbers` gives those of other deals by key."""
    return DealRow(**_row(deal, ledger.state(deal), numbers))


def _row(deal: Deal, state: DealState, numbers: Mapping[str, int]) -> dict[str, Any]:
    words, source = status_stated(state) or ("", None)
    return {
        "id": deal.id,
        "title": deal.title,
        "status": deal.status,
        "watch": deal.watch,
        "kind": deal.kind,
        "place": state.place,
        "status_quote": words,
        "status_url": source.url if source else "",
        "parties": [Party(slug=p.slug, name=p.name, role=roles(p, state), known=p.known) for p in state.parties],
        "origins": deal.origins,
        "official": any(source.official for source in state.sources),
        "first": deal.first,
        "last": deal.last,
        "saved": deal.saved_at,
        **{name: _figure(state.facts.get(name), state) for name in FIGURES},
        "usd_per_gw": books.per_gigawatt(state),
        "doubtful": books.doubtful(state),
        "part_of": numbers.get(state.part_of),
        "supersedes": numbers.get(state.supersedes),
        "dismissed": deal.dismissed,
    }


def _figure(fact: Fact | None, state: DealState) -> Stated | None:
    return stated(fact, source_of(fact, state)) if fact else None


def stated(fact: Fact, source: Source | None) -> Stated:
    return Stated(
        field=fact.field,
        shown=shown(fact),
        value=float(fact.value),
        low=fact.low,
        unit=fact.unit,
        bound=fact.bound,
        quote=fact.quote,
        attribution=fact.attribution,
        confidence=fact.confidence,
        **_where(source),
    )


def _where(source: Source | None) -> dict[str, Any]:
    if source is None:
        return {"article": None, "url": "", "origin": "", "published": None}
    return {"article": source.article, "url": source.url, "origin": source.origin, "published": source.published}


def deal_whole(view: View) -> DealWhole:
    return DealWhole(
        **_row(view.deal, view.state, view.numbers),
        live=view.deal.live,
        gone=view.gone,
        disagreements=[stated(fact, source) for fact, source in view.state.disagreements],
        reports=[
            Report(
                origin=origin.name,
                article=origin.article,
                url=origin.url,
                published=origin.published,
                official=origin.official,
                articles=origin.articles,
            )
            for origin in view.reports
        ],
        history=[_happened(event) for event in view.history],
        articles=[
            AttachedArticle(id=each.id or 0, title=each.title, url=each.url, published=each.published)
            for each in view.articles
        ],
        related=[RelatedDeal(**_ref(other), how=how) for how, other in view.related],
        rulings=[ruling_made(row, view.numbers) for row in view.rulings],
    )


def _happened(event: Event) -> Happened:
    change = event.change
    return Happened(
        field=change.field,
        before=change.before,
        after=change.after,
        words=event.happened,
        quote=change.quote,
        found=event.found,
        holds=event.holds,
        **_where(change.source),
    )


def _ref(deal: Deal) -> dict[str, Any]:
    return {"id": deal.id, "title": deal.title, "status": deal.status}


def deal_ref(deal: Deal) -> DealRef:
    return DealRef(**_ref(deal))
