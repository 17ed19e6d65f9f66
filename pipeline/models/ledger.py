"""The ledger: what articles say of deals, the deals, their changes, and what people decided. Times are aware UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from pipeline.domain import Kind, Status, Verb
from pipeline.models.columns import Table, TextEnum, UtcDateTime


class Mentioned(Table, table=True):
    """That an article mentions a deal: `data` is the `domain.Mention`, the rest is what it is found and ordered by.

    `key` is that of the deal under which it stood last, before people's rulings; empty where it stood under none yet.
    """

    __table_args__ = (
        UniqueConstraint("article_id", "watch", "anchor"),
        Index("ix_mentioned_anchor", "watch", "anchor"),
    )

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    watch: str
    anchor: str
    key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    url: str
    published: datetime = Field(sa_type=UtcDateTime)
    origin: str
    official: bool
    fingerprint: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Deal(Table, table=True):
    """A deal of the ledger of a watch: `data` is the `domain.DealState`, the rest is what it is found and shown by.

    `first` and `last` are when the first and the latest mention were published. `part_of` and `supersedes` are the
    `key` of another deal. One that is not `live` has no mentions any more: its number and what was told of it are
    kept, should it come back. `revision` counts the writes that changed any deal, up to the last that changed this one,
    at `saved_at`.
    """

    __table_args__ = (
        UniqueConstraint("watch", "key"),
        Index("ix_deal_anchor", "watch", "anchor"),
        Index("ix_deal_listed", "live", "dismissed", "watch", "last"),
        Index("ix_deal_part_of", "watch", "part_of"),
        Index("ix_deal_supersedes", "watch", "supersedes"),
    )

    id: int | None = Field(default=None, primary_key=True)
    watch: str
    key: str
    anchor: str
    title: str
    kind: Kind = Field(sa_column=Column(TextEnum(Kind), nullable=False))
    status: Status = Field(sa_column=Column(TextEnum(Status), nullable=False))
    first: datetime = Field(sa_type=UtcDateTime)
    last: datetime = Field(sa_type=UtcDateTime, index=True)
    origins: int
    amount_usd: float | None = None
    capacity_gw: float | None = None
    part_of: str = ""
    supersedes: str = ""
    live: bool = True
    dismissed: bool = False
    revision: int = Field(default=0, index=True)
    saved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class DealParty(Table, table=True):
    """That a company is in a deal: what `Deal.data` says of it, to be found by."""

    __table_args__ = (Index("ix_dealparty_slug", "slug", "deal_id"),)

    deal_id: int = Field(primary_key=True, foreign_key="deal.id", ondelete="CASCADE")
    slug: str = Field(primary_key=True)
    name: str


class DealArticle(Table, table=True):
    """That an article is among the sources of a deal, as `Deal.data` has them."""

    __table_args__ = (Index("ix_dealarticle_article", "article_id", "deal_id"),)

    deal_id: int = Field(primary_key=True, foreign_key="deal.id", ondelete="CASCADE")
    article_id: int = Field(primary_key=True)


class DealChange(Table, table=True):
    """A change of a deal that was found: `key` is that of the `domain.Change`, so that it is found once."""

    __table_args__ = (UniqueConstraint("deal_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deal.id", ondelete="CASCADE")
    key: str
    found_at: datetime = Field(sa_type=UtcDateTime, index=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Decision(Table, table=True):
    """What a person decided of a deal: the columns are those of `domain.Ruling`. Undone ones are kept."""

    id: int | None = Field(default=None, primary_key=True)
    watch: str = Field(index=True)
    verb: Verb = Field(sa_column=Column(TextEnum(Verb), nullable=False))
    deal: str
    into: str = ""
    articles: list[int] = Field(default_factory=list, sa_type=JSON)
    field: str = ""
    value: str = ""
    decided_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
