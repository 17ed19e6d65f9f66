"""Deliveries: what was told, what waits, and what found no way out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from pipeline.models import Delivery, DeliveryState
from pipeline.store import outbox
from pipeline.web.api.paging import Listed, Paging
from pipeline.web.api.problems import found
from pipeline.web.api.values import Id, Sent, Text
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Deliveries"])


class DeliveryRow(Sent):
    """One alert or digest for one channel."""

    id: int
    uid: str = Field(description="The id that goes out with every try: `webhook-id`, and part of `Message-ID`.")
    channel: Text
    kind: str = Field(description="alert, deal, bundle or digest.")
    subject: Text
    state: DeliveryState
    watch: str = Field(description="Of which watch it tells; empty where of several.")
    deal: int | None = Field(description="Of which deal, by its number.")
    article: int | None = Field(description="Of which article, by its number.")
    gathered_in: int | None = Field(description="The number of the delivery within which it went out.")
    attempts: int
    created: datetime
    next_try: datetime | None = Field(description="When it is tried next; null where it is not.")
    delivered: datetime | None
    error: Text = Field(description="Why the last try failed.")


class Deliveries(Listed[DeliveryRow]):
    """A page of deliveries."""


@router.get("/deliveries")
def list_deliveries(
    site: SiteHere,
    paging: Paging,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    channel: Annotated[str, Query(max_length=100, description="Only those for this channel, by its name.")] = "",
) -> Deliveries:
    """What was told and what waits, newest first, a page of it."""
    with site.store.read() as session:
        rows, total = outbox.page(session, state or "", channel, paging.page, paging.size)
    paging.link(paging.more(total))
    return Deliveries(items=[_row(row) for row in rows], page=paging.page, size=paging.size, total=total)


@router.post("/deliveries/{id}/retry")
def retry_delivery(site: SiteHere, id: Id) -> DeliveryRow:
    """Send a delivery again that is dead or muted, or waits for its next try. It goes out with the next tick."""
    with site.store.write() as session:
        row = found(outbox.get(session, id), f"delivery {id}")
        if not outbox.retry(session, [id], site.now()):
            raise HTTPException(409, f"Delivery {id} is {row.state}, or on its way: there is nothing to send again.")
        session.refresh(row)
        return _row(row)


def _row(row: Delivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.id or 0,
        uid=row.uid,
        channel=row.channel,
        kind=row.kind,
        subject=row.subject,
        state=row.state,
        watch=row.watch,
        deal=row.deal_id,
        article=row.article_id,
        gathered_in=row.gathered_in,
        attempts=row.attempts,
        created=row.created_at,
        next_try=row.next_try if row.state is DeliveryState.PENDING else None,
        delivered=row.delivered_at,
        error=row.last_error,
    )
