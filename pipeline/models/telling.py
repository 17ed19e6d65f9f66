"""The outbox, the channels it leads to, and what is kept quiet. Times are aware UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from pipeline.models.columns import Table, TextEnum, UtcDateTime


class DeliveryState(StrEnum):
    """How far a delivery has come. A dead or muted one goes out only by hand; a gathered one within another."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    GATHERED = "gathered"
    MUTED = "muted"


class Delivery(Table, table=True):
    """One alert or digest for one channel: a row of the outbox.

    `key` says what is told and to whom, so that finding it twice writes it once. `uid` goes out with every try.
    `payload` is the alert or digest as plain data, as it stood when it was found. `watch` and `deal_id` say of what it
    tells; empty where it is of no one watch or deal. One that was gathered went out within `gathered_in`. `reached` are
    the addresses of the channel at which it has arrived, where it did not at all of them.
    """

    __table_args__ = (
        Index("ix_delivery_due", "state", "channel", "next_try"),
        Index("ix_delivery_sent", "channel", "delivered_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    uid: str = Field(unique=True)
    channel: str
    kind: str
    subject: str
    article_id: int | None = Field(default=None, foreign_key="article.id", index=True)
    watch: str = Field(default="", sa_column_kwargs={"server_default": ""})
    deal_id: int | None = Field(default=None, foreign_key="deal.id", index=True)
    gathered_in: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: DeliveryState = Field(
        default=DeliveryState.PENDING, sa_column=Column(TextEnum(DeliveryState), nullable=False)
    )
    attempts: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_try: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str = ""
    reached: list[str] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})


class Disabled(Table, table=True):
    """A channel whose receiver said that it is gone for good: what is for it waits until a person enables it again.

    `address` is a digest of where it led: a channel that leads elsewhere since is another one.
    """

    channel: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str
    address: str


class Mute(Table, table=True):
    """That of a watch, or of one deal of it, nothing is told until then."""

    id: int | None = Field(default=None, primary_key=True)
    watch: str = Field(index=True)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
