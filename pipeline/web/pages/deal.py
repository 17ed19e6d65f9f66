"""One deal with all that is known of it, and what a person may do with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from pydantic import BaseModel

from pipeline.deals.books import doubtful, per_gigawatt
from pipeline.deals.roles import roles
from pipeline.deals.rows import status_stated
from pipeline.deals.wording import shown
from pipeline.domain import FIGURES, Fact, Kind, Source, Status, Verb
from pipeline.errors import UsageError
from pipeline.flow import rulings
from pipeline.flow.deal_view import View, deal_view
from pipeline.flow.rulings import NONE, Wish
from pipeline.models import Deal
from pipeline.store import Session, around, ledger, mutes
from pipeline.web.pages.deals import PageNumber, in_words
from pipeline.web.render import page, redirect
from pipeline.web.shown import when
from pipeline.web.site import Site, SiteHere

router = APIRouter(prefix="/deals")
SIZE = 50
"""Articles of a page."""
_LARGEST = 2**63 - 1
_LONGEST_MUTE = 365
"""Days."""
_CANDIDATES = 8
"""Deals that are named where words fit several."""


class Fields(BaseModel):
    """The form to set fields, and with `was_` before them what it was filled with: what is the same was not touched."""

    title: str = ""
    kind: str = ""
    status: str = ""
    part_of: str = ""
    amount: str = ""
    capacity: str = ""
    was_title: str = ""
    was_kind: str = ""
    was_status: str = ""
    was_part_of: str = ""
    was_amount: str = ""
    was_capacity: str = ""

    @property
    def touched(self) -> dict[str, str]:
        """The new values by field; what was emptied is to be taken away."""
        names = [name for name in type(self).model_fields if not name.startswith("was_")]
        now = {name: getattr(self, name).strip() for name in names}
        return {name: value or NONE for name, value in now.items() if value != getattr(self, f"was_{name}").strip()}


@dataclass(frozen=True)
class Stated:
    """A field with the words that state it: `source` is None where somebody set it by hand. `rivals` say otherwise."""

    field: str
    shown: str
    by: str
    quote: str
    source: Source | None
    rivals: Sequence[Stated] = ()


def facts(view: View) -> list[Stated]:
    """The status, and each figure that is known or disputed."""
    state = view.state
    quote, source = status_stated(state) or ("", None)
    found = [Stated("status", str(state.status), "", quote, source)]
    known = {fact.field: (fact, source) for fact, source in view.figures}
    for name in FIGURES:
        rivals = tuple(_stated(fact, source) for fact, source in state.disagreements if fact.field == name)
        if name in known:
            found.append(_stated(*known[name], rivals))
        elif rivals:
            found.append(Stated(name, "", "", "", None, rivals))
    return found


def _stated(fact: Fact, source: Source | None, rivals: Sequence[Stated] = ()) -> Stated:
    return Stated(fact.field, shown(fact), fact.attribution, fact.quote if source else "", source, rivals)


@router.get("/{number:int}")
def deal(request: Request, site: SiteHere, number: int, at: Annotated[PageNumber, Query(alias="page")] = 1) -> Response:
    return _show(request, site, number, at)


def _show(
    request: Request, site: Site, number: int, at: int = 1, typed: Mapping[str, str] | None = None, wrong: str = ""
) -> Response:
    """The page of a deal. `typed` is what somebody entered into a form that could not be taken; `wrong` says why."""
    with site.store.read() as session:
        view = deal_view(session, _known(session, number).id or 0)
        context = {
            "view": view,
            "facts": facts(view),
            "roles": {party.slug: roles(party, view.state) for party in view.state.parties},
            "official": any(report.official for report in view.reports),
            "each_gigawatt": per_gigawatt(view.state),
            "doubt": doubtful(view.state),
            "by_article": {source.article: source for source in view.state.sources},
            "muted": _muted(session, view.deal, site.now()),
            "rulings": in_words(session, view.rulings),
            "merged_into": _merged_into(session, view),
            "told": around.told_of(session, number),
            "near": around.near(session, view.deal),
        }
    return page(
        request,
        "deal.html",
        400 if wrong else 200,
        number=number,
        at=at,
        size=SIZE,
        set_now=_set_now(view),
        typed=typed or {"form": ""},
        wrong=wrong,
        kinds=list(Kind),
        statuses=list(Status),
        **context,
    )


def _known(session: Session, number: int) -> Deal:
    found = ledger.get(session, number) if 0 < number <= _LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def _muted(session: Session, deal: Deal, now: datetime) -> datetime | None:
    """Until when nothing is told of the deal; None where it is."""
    return next((mute.until for mute in mutes.in_force(session, now) if mute.deal_id == deal.id), None)


def _merged_into(session: Session, view: View) -> Deal | None:
    """The deal that this one was merged into, where it is gone by that."""
    if view.deal.live:
        return None
    into = [row.into for row in view.rulings if row.verb is Verb.MERGE and row.deal == view.deal.key]
    return ledger.by_key(session, view.deal.watch, into[:1]).get(into[0]) if into else None


def _set_now(view: View) -> dict[str, str]:
    """What the form to set fields is filled with: the deal as it is."""
    state = view.state
    figures = {name: shown(state.facts[name]) if name in state.facts else "" for name in ("amount", "capacity")}
    part_of = str(view.numbers.get(state.part_of, "")) if state.part_of else ""
    return {"title": view.deal.title, "kind": view.deal.kind, "status": view.deal.status, "part_of": part_of, **figures}


@router.post("/{number:int}/set")
def set_fields(request: Request, site: SiteHere, number: int, fields: Annotated[Fields, Form()]) -> Response:
    """Set those fields of the form that were touched."""
    touched = fields.touched
    try:
        if not touched:
            raise UsageError("Nothing was changed. Change a field first.")
        if touched.get("part_of", NONE) != NONE:
            touched["part_of"] = str(_meant(site, number, touched["part_of"]))
        wishes = [Wish(Verb.SET, number, field=name, value=value) for name, value in touched.items()]
        return _decided(request, site, number, wishes)
    except UsageError as error:
        return _show(request, site, number, typed={**fields.model_dump(), "form": "set"}, wrong=str(error))


@router.post("/{number:int}/merge")
def merge(request: Request, site: SiteHere, number: int, into: Annotated[str, Form()] = "") -> Response:
    """Say that the deal is the same as another, and go there."""
    try:
        other = _meant(site, number, into)
        return _decided(request, site, number, [Wish(Verb.MERGE, number, into=other)], other)
    except UsageError as error:
        return _show(request, site, number, typed={"form": "merge", "into": into}, wrong=str(error))


@router.post("/{number:int}/split")
def split(request: Request, site: SiteHere, number: int, articles: Annotated[tuple[int, ...], Form()] = ()) -> Response:
    """Say that some of the deal's articles speak of another one."""
    try:
        return _decided(request, site, number, [Wish(Verb.SPLIT, number, articles=articles)])
    except UsageError as error:
        return redirect(request, f"/deals/{number}", str(error), "error")


@router.post("/{number:int}/dismiss")
def dismiss(request: Request, site: SiteHere, number: int) -> Response:
    """Say that the deal is none."""
    try:
        return _decided(request, site, number, [Wish(Verb.DISMISS, number)])
    except UsageError as error:
        return redirect(request, f"/deals/{number}", str(error), "error")


def _decided(request: Request, site: Site, number: int, wishes: Sequence[Wish], then: int = 0) -> Response:
    """Carry the wishes out, and show the deal `then`, or the one that they were of, with what was done."""
    with site.store.read() as session:
        _known(session, number)
    made = rulings.decide(site.settings, site.store, wishes, site.now())
    with site.store.read() as session:
        done = [each.words for each in in_words(session, made)]
        if made[0].verb is Verb.SPLIT:
            key = rulings.kept_under(made[0])
            done += [f"it is deal {d.id}" for d in ledger.by_key(session, made[0].watch, [key]).values()]
    said = "; ".join(done)
    return redirect(request, f"/deals/{then or number}", f"{said[:1].upper()}{said[1:]}. Undo it under Rulings.")


def _meant(site: Site, number: int, text: str) -> int:
    """The number of the other deal that somebody names: by number, or by words that fit no third. Raises UsageError."""
    if numbered := re.fullmatch(r"\s*(\d{1,18})\s*(·.*)?", text, re.DOTALL):
        return int(numbered[1])
    if not text.strip():
        raise UsageError("Name the other deal: its number, or words of its title.")
    with site.store.read() as session:
        wanted = ledger.Filter(_known(session, number).watch, words=text)
        rows, total = ledger.page(session, wanted, size=_CANDIDATES + 1)
        found = [(deal.id or 0, deal.title) for deal in rows if deal.id != number]
    if not found:
        raise UsageError(f"No other deal is called {text.strip()!r}.")
    if len(found) > 1:
        named = ", ".join(f"{other} · {title}" for other, title in found[:_CANDIDATES])
        more = " and more" if total > len(found[:_CANDIDATES]) else ""
        raise UsageError(f"Several deals fit {text.strip()!r}: {named}{more}. Say the number.")
    return found[0][0]


@router.post("/{number:int}/mute")
def mute(
    request: Request, site: SiteHere, number: int, days: Annotated[int, Form(ge=1, le=_LONGEST_MUTE)] = 7
) -> Response:
    """Tell nothing of the deal for so many days."""
    now = site.now()
    until = now + timedelta(days=days)
    with site.store.write() as session:
        found = _known(session, number)
        kept = mutes.mute(session, found.watch, found.id, until, now)
    also = f" {kept} that waited {'is' if kept == 1 else 'are'} kept back with it." if kept else ""
    return redirect(request, f"/deals/{number}", f"Muted until {when(until, site.zone)}.{also}")


@router.post("/{number:int}/unmute")
def unmute(request: Request, site: SiteHere, number: int) -> Response:
    """Tell of the deal again."""
    with site.store.write() as session:
        found = _known(session, number)
        was = mutes.unmute(session, found.watch, found.id)
    said = "It is told of again." if was else "It was not muted."
    return redirect(request, f"/deals/{number}", said)


@router.post("/rulings/{ruling:int}/undo")
def undo(request: Request, site: SiteHere, ruling: int, deal: Annotated[int, Form(ge=0, le=_LARGEST)] = 0) -> Response:
    """Take a ruling back, and return to the deal whose page it was undone on, or to the list."""
    back = f"/deals/{deal}" if deal else "/deals/rulings"
    try:
        row = rulings.undo(site.settings, site.store, min(ruling, _LARGEST), site.now())
    except UsageError as error:
        return redirect(request, back, str(error), "error")
    with site.store.read() as session:
        [done] = in_words(session, [row])
    return redirect(request, back, f"Undone: {done.words}.")
