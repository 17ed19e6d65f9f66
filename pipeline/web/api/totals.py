"""The ledger summed up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from pipeline.deals.books import Booked
from pipeline.deals.sums import Sum
from pipeline.domain import Status
from pipeline.web.api.deal_models import DealRef
from pipeline.web.api.tags import fresh_tag
from pipeline.web.api.values import Sent, Text
from pipeline.web.kept import KeptHere
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Deals"])
LedgerWatch = Annotated[
    str, Query(max_length=100, description="Of this watch; of the first that keeps a ledger where it is empty.")
]


class SumOfDeals(Sent):
    """What deals come to."""

    usd: float
    gw: float
    deals: int


class TotalsOfLedger(Sent):
    """Dollars and gigawatts of a ledger. Each deal counts once, and no programme beside its parts."""

    watch: str = Field(description="Whose it is; empty where no watch keeps one.")
    by_status: dict[Status, SumOfDeals]
    live: SumOfDeals = Field(description="All but the cancelled.")
    notes: list[Text] = Field(description="What was counted, and what was left out.")


class Way(SumOfDeals):
    """The money that goes one way, and the deals it goes by."""

    by: list[DealRef]


class CircleOfMoney(Sent):
    """A company that puts money into the subject and is paid by it."""

    slug: Text
    name: Text
    puts_in: Way
    is_paid: Way


class Circles(Sent):
    """The circular flows of money in a ledger, the most money first."""

    watch: str
    circles: list[CircleOfMoney]


@router.get("/deals/totals")
def deal_totals(
    request: Request, response: Response, site: SiteHere, kept: KeptHere, watch: LedgerWatch = ""
) -> TotalsOfLedger:
    """Dollars and gigawatts by status, and what was counted for them."""
    found = kept.shelf.books(site.settings, site.store, watch)
    response.headers["ETag"] = fresh_tag(request, found.revision, found.watch)
    return TotalsOfLedger(
        watch=found.watch,
        by_status={status: _sum(each) for status, each in found.totals.by_status.items()},
        live=_sum(found.totals.live),
        notes=list(found.totals.notes),
    )


@router.get("/deals/circles")
def deal_circles(
    request: Request, response: Response, site: SiteHere, kept: KeptHere, watch: LedgerWatch = ""
) -> Circles:
    """Who puts money into the subject and is paid by it, with the deals of both ways."""
    found = kept.shelf.books(site.settings, site.store, watch)
    response.headers["ETag"] = fresh_tag(request, found.revision, found.watch)
    return Circles(
        watch=found.watch,
        circles=[
            CircleOfMoney(
                slug=circle.party.slug,
                name=circle.party.name,
                puts_in=_way(circle.put_in, circle.funds),
                is_paid=_way(circle.got_out, circle.paid),
            )
            for circle in found.circles
        ],
    )


def _sum(of: Sum) -> SumOfDeals:
    return SumOfDeals(usd=of.usd, gw=of.gw, deals=of.deals)


def _way(of: Sum, deals: Sequence[Booked]) -> Way:
    refs = [DealRef(id=each.id, title=each.title, status=each.state.status) for each in deals]
    return Way(usd=of.usd, gw=of.gw, deals=of.deals, by=refs)
