"""The digest: what became of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from pipeline import flow
from pipeline.domain import Digest
from pipeline.notify import render
from pipeline.notify.clean import cleaned
from pipeline.web.api.values import Day
from pipeline.web.site import Site, SiteHere

router = APIRouter(tags=["Digest"])


@router.get("/digest")
def current_digest(site: SiteHere) -> Digest:
    """The edition that is being gathered: what was found since the last one."""
    return _edition(site, flow.current_day(site.settings, site.now()))


@router.get("/digest/{day}")
def digest_of_day(
    site: SiteHere, day: Annotated[Day, Path(description="The day on which the edition comes out.")]
) -> Digest:
    """The edition of a day, as webhooks get it."""
    return _edition(site, day)


def _edition(site: Site, day: date) -> Digest:
    try:
        with site.store.read() as session:
            edition = flow.gather(site.settings, session, site.now(), day)
    except (ValueError, OverflowError):
        raise HTTPException(404, f"There can be no edition of {day}.") from None
    shown: Digest = render.unpack("digest", cleaned(render.pack(edition)))
    return shown
