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
    query = (
        select(Deal, DealChange)
        .join(DealChange, col(DealChange.deal_id) == col(Deal.id))
        .where(DealChange.found_at >= start, DealChange.found_at < end, col(Deal.live), ~col(Deal.dismissed))
        .order_by(col(DealChange.id))
    )
    found: dict[int, tuple[Deal, list[Change]]] = {}
    for deal, row in session.exec(query):
        _, changes = found.pop(deal.id or 0, (deal, []))  # put last again
        found[deal.id or 0] = (deal, [*changes, _CHANGE.validate_python(row.data)])
    return list(reversed(found.values()))


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
