"""What stands around deals: which are superseded, which are near, and what was told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from pipeline.models import Deal, DealParty, Delivery
from pipeline.store.dialects import each

_AT_A_TIME = 100


def superseded(session: Session, deals: Sequence[Deal]) -> set[int]:
    """The numbers of those of the deals that another one supersedes."""
    wanted = {(deal.watch, deal.key): deal.id or 0 for deal in deals}
    query = select(Deal.watch, Deal.supersedes).where(
        col(Deal.watch).in_({watch for watch, _ in wanted}),
        col(Deal.supersedes).in_({key for _, key in wanted}),
        col(Deal.live),
        ~col(Deal.dismissed),
    )
    return {wanted[pair] for pair in session.exec(query).all() if pair in wanted}


def near(session: Session, deal: Deal, most: int = 40) -> list[Deal]:
    """Other deals of its watch without their `data`: those that share most parties with it, then the latest."""
    own = select(DealParty.slug).where(DealParty.deal_id == deal.id)
    count = func.count().label("count")
    shared = (
        select(DealParty.deal_id, count).where(col(DealParty.slug).in_(own)).group_by(col(DealParty.deal_id)).subquery()
    )
    query = (
        select(Deal)
        .options(defer(Deal.data))  # type: ignore[arg-type]
        .outerjoin(shared, shared.c.deal_id == col(Deal.id))
        .where(Deal.watch == deal.watch, Deal.id != deal.id, col(Deal.live), ~col(Deal.dismissed))
        .order_by(func.coalesce(shared.c.count, 0).desc(), col(Deal.last).desc())
        .limit(most)
    )
    return list(session.exec(query))


def told_of(session: Session, deal_id: int, most: int = 50) -> list[Delivery]:
    """The deliveries that tell of a deal, newest first, without their payload."""
    query = (
        select(Delivery)
        .options(defer(Delivery.payload))  # type: ignore[arg-type]
        .where(Delivery.deal_id == deal_id)
        .order_by(col(Delivery.id).desc())
        .limit(most)
    )
    return list(session.exec(query))


def saved_since(session: Session, watch: str, revision: int) -> Iterator[Deal]:
    """The deals of a watch that changed after this revision; those that are gone and dismissed too.

    They come some at a time: all at once, those of a big ledger take hundreds of megabytes.
    """
    query = select(Deal).where(col(Deal.revision) > revision, each(Deal.watch).is_not_distinct_from(watch))
    yield from session.exec(query.execution_options(yield_per=_AT_A_TIME))
