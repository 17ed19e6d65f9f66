"""The digest of a day, as it stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from pipeline import flow
from pipeline.digest import bounds
from pipeline.domain import Digest
from pipeline.store import Session, feeds, search
from pipeline.web.days import parse_day
from pipeline.web.render import page
from pipeline.web.site import Site, SiteHere

router = APIRouter()

MOST = 50
"""Rows of each part; the rest is a link away."""


@router.get("/")
def today(request: Request, site: SiteHere) -> Response:
    """The day that is being gathered."""
    return _shown(request, site, flow.current_day(site.settings, site.now()))


@router.get("/days")
def chosen(day: Annotated[str, Query()] = "") -> Response:
    """Where the form that asks for a day leads."""
    found = parse_day(day)
    return RedirectResponse(f"/days/{found}" if found else "/", 303)


@router.get("/days/{day}")
def of_day(request: Request, site: SiteHere, day: str) -> Response:
    found = parse_day(day)
    if found is None or found > flow.current_day(site.settings, site.now()):
        raise HTTPException(404)
    return _shown(request, site, found)


def _shown(request: Request, site: Site, day: date) -> Response:
    settings, now = site.settings, site.now()
    with site.store.read() as session:
        digest = flow.gather(settings, session, now, day)
        first = _first_day(site, session)
        untouched = not search.ids(session, search.Search(), 1)
    current = flow.current_day(settings, now)
    return page(
        request,
        "today.html",
        digest=digest,
        counts=_counts(digest),
        current=current,
        before=day - timedelta(days=1) if first and day > first else None,
        after=day + timedelta(days=1) if day < current else None,
        first=first,
        untouched=untouched,
        most=MOST,
    )


def _first_day(site: Site, session: Session) -> date | None:
    """The day of the first edition that anything can stand in; None where there is none yet."""
    began = feeds.first_created(session)
    if began is None:
        return None
    at, zone = site.settings.general.digest.at, site.zone
    day = began.astimezone(zone).date()
    return day if began < bounds(day, at, zone)[1] else day + timedelta(days=1)


def _counts(digest: Digest) -> dict[str, int]:
    """How much there is of each part, over all watches."""
    return {
        part: sum(len(getattr(section, part)) for section in digest.sections)
        for part in ("new", "changed", "corroborated", "alerts")
    }
