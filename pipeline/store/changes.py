"""What became of deals in a stretch of time, and what was told of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from pipeline.domain import Change, DealState
from pipeline.models import Deal, DealArticle, DealChange, Delivery
from pipeline.store.chunks import chunks

_STATE = TypeAdapter(DealState)
_CHANGE = TypeAdapter(Change)


def found_between(session: Session, start: datetime, end: datetime) -> list[tuple[Deal, list[Change]]]:
    """The deals of which changes were found from `start` to before `end`, each with these, in the order of finding.

    The deals that changed last stand first. Those that were dismissed, or are no more, are left out.
    """
    rows = session.exec(
        select(DealChange.deal_id, DealChange.data)
        .where(DealChange.found_at >= start, DealChange.found_at < end)
        .order_by(col(DealChange.id))
    )
    changes: dict[int, list[Change]] = {}
    for deal_id, data in rows:
        changes[deal_id] = [*changes.pop(deal_id, []), _CHANGE.validate_python(data)]  # put last again
    told_of = (col(Deal.live), ~col(Deal.dismissed))
    deals = {
        deal.id: deal
        for chunk in chunks(list(changes))
        for deal in session.exec(select(Deal).where(col(Deal.id).in_(chunk), *told_of))
    }
    return [(deals[id_], changes[id_]) for id_ in reversed(changes) if id_ in deals]


def deals_of(session: Session, watch: str, articles: Collection[int]) -> list[tuple[Deal, DealState]]:
    """The deals of a watch that some of these articles tell of, the one with the latest mention first.

    Dismissed ones too.
    """
    if not articles:
        return []
    told_of = {
        id_
        for chunk in chunks(list(articles))
        for id_ in session.exec(select(DealArticle.deal_id).where(col(DealArticle.article_id).in_(chunk)))
    }
    found = [
        deal
        for chunk in chunks(list(told_of))
        for deal in session.exec(select(Deal).where(Deal.watch == watch, col(Deal.live), col(Deal.id).in_(chunk)))
    ]
    found.sort(key=lambda deal: (-deal.last.timestamp(), deal.id))
    return [(deal, _STATE.validate_python(deal.data)) for deal in found]


def quiet_between(session: Session, start: datetime, end: datetime) -> list[Deal]:
    """The deals that were mentioned from `start` to before `end` for the last time, the latest first.

    Those that were dismissed, or are no more, are left out.
    """
    query = select(Deal).where(Deal.last >= start, Deal.last < end, col(Deal.live), ~col(Deal.dismissed))
    return list(session.exec(query.order_by(col(Deal.last).desc(), col(Deal.id))))


def related(session: Session, deal: Deal) -> list[tuple[str, Deal]]:
    """The deals around one, and how each stands to it: part of, supersedes, superseded by, part."""
    others = select(Deal).where(Deal.watch == deal.watch, col(Deal.live), ~col(Deal.dismissed)).order_by(col(Deal.id))
    found = []
    if deal.part_of:
        found += [("part of", other) for other in session.exec(others.where(Deal.key == deal.part_of))]
    if deal.supersedes:
        found += [("supersedes", other) for other in session.exec(others.where(Deal.key == deal.supersedes))]
    found += [("superseded by", other) for other in session.exec(others.where(Deal.supersedes == deal.key))]
    return found + [("part", other) for other in session.exec(others.where(Deal.part_of == deal.key))]


def topic(session: Session, deal_id: int) -> str:
    """The subject under which the deal was first told of; empty where it never was."""
    under = (col(Delivery.key) >= f"deal:{deal_id}:", col(Delivery.key) < f"deal:{deal_id};")  # ";" follows ":"
    first = session.exec(select(Delivery).where(*under).order_by(col(Delivery.id)).limit(1)).first()
    return str(first.payload["topic"]) if first else ""
