"""What people decide of deals: made, listed and taken back."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from pipeline.flow import rulings
from pipeline.store import ledger
from pipeline.web.api.deal_models import DealRow, deal_row
from pipeline.web.api.problems import found
from pipeline.web.api.ruling_models import Decided, RulingMade, ruling_made, wishes
from pipeline.web.api.values import Id, Sent
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Rulings"])


class Ruled(Sent):
    """The rulings that were made, in this order, and the deal as it is now."""

    rulings: list[RulingMade]
    deal: DealRow | None = Field(
        description="The deal that was made or changed; null where nothing of it is in the ledger any more."
    )


class Rulings(Sent):
    """Rulings, the latest first."""

    items: list[RulingMade]


@router.get("/rulings")
def list_rulings(site: SiteHere) -> Rulings:
    """Everything that people decided of deals, what was taken back too."""
    with site.store.read() as session:
        rows = ledger.decisions(session)
        numbers = {watch: ledger.numbers(session, watch) for watch in {row.watch for row in rows}}
    return Rulings(items=[ruling_made(row, numbers[row.watch]) for row in rows])


@router.post("/deals/{id}/rulings", status_code=201)
def rule_on_deal(site: SiteHere, id: Id, decided: Decided) -> Ruled:
    """Decide something of a deal: merge, split, set or dismiss. The ledger follows at once, and nobody is told.

    All of it is carried out, or nothing. `POST /rulings/{id}/undo` takes it back.
    """
    with site.store.read() as session:
        found(ledger.get(session, id), f"deal {id}")
    made = rulings.decide(site.settings, site.store, wishes(id, decided), site.now())
    with site.store.read() as session:
        numbers = ledger.numbers(session, made[0].watch)
        key = rulings.kept_under(made[-1])
        now = ledger.by_key(session, made[0].watch, [key]).get(key)
    return Ruled(
        rulings=[ruling_made(row, numbers) for row in made],
        deal=deal_row(now, numbers) if now and now.live else None,
    )


@router.post("/rulings/{id}/undo")
def undo_ruling(site: SiteHere, id: Id) -> RulingMade:
    """Take a ruling back: the ledger is as if it had never been."""
    with site.store.read() as session:
        found(next((row for row in ledger.decisions(session) if row.id == id), None), f"ruling {id}")
    row = rulings.undo(site.settings, site.store, id, site.now())
    with site.store.read() as session:
        return ruling_made(row, ledger.numbers(session, row.watch))
