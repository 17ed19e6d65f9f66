"""The try-out box: watches.yaml edited, tried, and saved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from pipeline.store import articles
from pipeline.web.render import page, redirect
from pipeline.web.site import Site, SiteHere
from pipeline.web.trial import Asked, Trial, saved, tried, untried

router = APIRouter()

_MOST_TEXT = 100_000
_SAVED = (
    "Saved, and in force within seconds. What is stored stays as it was judged: `dealwire watches replay` shows more."
)
_Article = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
_Sent = Annotated[Asked, Form()]


@router.get("/watches/try")
def form(request: Request, site: SiteHere, article: _Article = None) -> Response:
    """The file as it is, and the text of an article that is named."""
    return _shown(request, untried(site, _text_of(site, article) if article else ""))


@router.post("/watches/try")
def try_out(request: Request, site: SiteHere, asked: _Sent) -> Response:
    """What the text of the form comes to. Nothing is saved."""
    return _shown(request, tried(site, asked), live=asked.live)


@router.post("/watches/save")
def save(request: Request, site: SiteHere, asked: _Sent) -> Response:
    """Put the text of the form in place of watches.yaml; where that cannot be, the form and why."""
    failed = saved(site, asked)
    return _shown(request, failed) if failed else redirect(request, "/watches", _SAVED)


def _shown(request: Request, trial: Trial, live: bool = False) -> Response:
    wrong = bool(trial.faults or trial.problems) and not live
    return page(request, "watches_try.html", 422 if wrong else 200, trial=trial)


def _text_of(site: Site, article: int) -> str:
    with site.store.read() as session:
        found = articles.get(session, article)
    return f"{found.title}\n\n{found.body or found.summary}"[:_MOST_TEXT] if found else ""
