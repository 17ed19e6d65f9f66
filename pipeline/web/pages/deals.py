"""The ledger as a table, and what people ruled of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from pipeline.deals.books import doubtful
from pipeline.deals.wording import brief
from pipeline.domain import DealState, Kind, Status
from pipeline.errors import UsageError
from pipeline.flow.rulings import ruled
from pipeline.models import Deal, Decision
from pipeline.notify.clean import one_line
from pipeline.store import Session, around, ledger
from pipeline.web.asked import Asked, query
from pipeline.web.kept import KeptHere
from pipeline.web.render import page
from pipeline.web.site import SiteHere

router = APIRouter()
SIZE = 50
"""Rows of a page."""
_SUGGESTED = 200
"""Companies that the form suggests."""
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class Line:
    """A deal as the table shows it: `amount` and `capacity` in few characters, `doubt` why they may be wrong."""

    deal: Deal
    state: DealState
    amount: str
    capacity: str
    official: bool
    superseded: bool
    doubt: str


def lines(session: Session, deals: Sequence[Deal]) -> list[Line]:
    """Deals as rows of a table."""
    replaced = around.superseded(session, deals)
    return [_line(deal, ledger.state(deal), deal.id in replaced) for deal in deals]


def _line(deal: Deal, state: DealState, superseded: bool) -> Line:
    return Line(
        deal,
        state,
        brief(state.facts.get("amount") or state.facts.get("yearly")),
        brief(state.facts.get("capacity")),
        any(source.official for source in state.sources),
        superseded,
        doubtful(state),
    )


@router.get("/deals")
def deals(
    request: Request,
    site: SiteHere,
    kept: KeptHere,
    asked: Annotated[Asked, Depends()],
    number: Annotated[PageNumber, Query(alias="page")] = 1,
) -> Response:
    """The deals that are asked for. A field that cannot be understood is told above an empty table."""
    wrong, total, found, handed_on = "", 0, [], ""
    with site.store.read() as session:
        try:
            wanted = asked.filter(site, session)
        except UsageError as error:
            wrong = str(error)
        else:
            rows, total = ledger.page(session, wanted, asked.sort, number, SIZE)
            found, handed_on = lines(session, rows), query(wanted)
        key = ("companies", ledger.revision(session))
        companies = kept.get(key, lambda: [one_line(name, 80) for _, name, _ in ledger.parties(session)[:_SUGGESTED]])
    return page(
        request,
        "deals.html",
        400 if wrong else 200,
        asked=asked,
        wrong=wrong,
        lines=found,
        total=total,
        number=number,
        size=SIZE,
        handed_on=handed_on,
        companies=companies,
        kinds=list(Kind),
        statuses=list(Status),
        watches={name: rule.title for name, rule in site.settings.watches.items() if rule.ledger},
    )


@dataclass(frozen=True)
class Ruled:
    """A ruling in words, with the deals that it names and are still known, by number."""

    row: Decision
    words: str
    deals: Sequence[Deal]


@router.get("/deals/rulings")
def rulings(request: Request, site: SiteHere, number: Annotated[PageNumber, Query(alias="page")] = 1) -> Response:
    """All that people decided, the latest first; undone ones too."""
    with site.store.read() as session:
        rows = ledger.decisions(session)
        shown = in_words(session, rows[(number - 1) * SIZE : number * SIZE])
    return page(request, "deals_rulings.html", rulings=shown, total=len(rows), number=number, size=SIZE)


def in_words(session: Session, rows: Sequence[Decision]) -> list[Ruled]:
    """Rulings as they are shown."""
    known: dict[str, Mapping[str, Deal]] = {}
    for watch in {row.watch for row in rows}:
        keys = {key for row in rows if row.watch == watch for key in (row.deal, row.into, row.value) if key}
        known[watch] = ledger.by_key(session, watch, sorted(keys))
    found = []
    for row in rows:
        named = known[row.watch]
        numbers = {key: deal.id or 0 for key, deal in named.items()}
        of = [named[key] for key in dict.fromkeys((row.deal, row.into)) if key in named]
        found.append(Ruled(row, ruled(row, numbers), of))
    return found
