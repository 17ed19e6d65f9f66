"""Mutes: what nothing is told of for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from pipeline.config.spans import parse_span
from pipeline.models import Mute
from pipeline.store import Session, ledger
from pipeline.store import mutes as kept_quiet
from pipeline.web.api.problems import found
from pipeline.web.api.values import Given, Id, Sent, Text
from pipeline.web.site import Site, SiteHere

router = APIRouter(tags=["Mutes"])
Name = Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9-]+$", description="The watch's name.")]


class MuteGiven(Given):
    """For how long."""

    span: Annotated[str, Field(max_length=10, description="12h, 7d or 2w.")] = "7d"


class Muted(Sent):
    """That nothing is told of a watch, or of one deal of it, for a while."""

    watch: str
    deal: int | None = Field(description="The deal's number; null where all of the watch is muted.")
    title: Text = Field(description="The deal's title, or the watch's name.")
    since: datetime
    until: datetime


class Mutes(Sent):
    """All mutes, the one that ends first on top."""

    items: list[Muted]


class Silenced(Sent):
    """A mute that was made."""

    until: datetime
    kept_back: int = Field(description="How many alerts that waited are kept back with it.")


class Unmuted(Sent):
    """That something is told of again."""

    was_muted: bool


@router.get("/mutes")
def list_mutes(site: SiteHere) -> Mutes:
    """What is muted, and until when."""
    with site.store.read() as session:
        rows = kept_quiet.in_force(session, site.now())
        return Mutes(items=[_muted(session, row) for row in rows])


def _muted(session: Session, row: Mute) -> Muted:
    deal = ledger.get(session, row.deal_id) if row.deal_id else None
    return Muted(
        watch=row.watch,
        deal=row.deal_id,
        title=deal.title if deal else row.watch,
        since=row.created_at,
        until=row.until,
    )


@router.post("/deals/{id}/mute")
def mute_deal(site: SiteHere, id: Id, given: MuteGiven) -> Silenced:
    """Tell nothing of a deal for a while. It stays in the ledger and the digest."""
    with site.store.read() as session:
        deal = found(ledger.get(session, id), f"deal {id}")
    return _mute(site, deal.watch, id, given)


@router.post("/deals/{id}/unmute")
def unmute_deal(site: SiteHere, id: Id) -> Unmuted:
    """Tell of a deal again. What was kept back stays so: `POST /deliveries/{id}/retry` sends it."""
    with site.store.write() as session:
        deal = found(ledger.get(session, id), f"deal {id}")
        return Unmuted(was_muted=kept_quiet.unmute(session, deal.watch, id))


@router.post("/watches/{name}/mute")
def mute_watch(site: SiteHere, name: Name, given: MuteGiven) -> Silenced:
    """Tell nothing of a watch for a while. What it finds stays in the ledger and the digest."""
    return _mute(site, _watch(site, name), None, given)


@router.post("/watches/{name}/unmute")
def unmute_watch(site: SiteHere, name: Name) -> Unmuted:
    """Tell of a watch again. What was kept back stays so: `POST /deliveries/{id}/retry` sends it."""
    with site.store.write() as session:
        return Unmuted(was_muted=kept_quiet.unmute(session, _watch(site, name), None))


def _watch(site: Site, name: str) -> str:
    found(site.settings.watches.get(name), f"watch {name!r}")
    return name


def _mute(site: Site, watch: str, deal: int | None, given: MuteGiven) -> Silenced:
    now = site.now()
    until = now + parse_span(given.span)
    with site.store.write() as session:
        return Silenced(until=until, kept_back=kept_quiet.mute(session, watch, deal, until, now))
