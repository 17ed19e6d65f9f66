"""Deals as people ask for them: by any name of a company, or all of a watch to be summed up."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches

from pipeline.config.schema import Settings
from pipeline.deals.books import Booked
from pipeline.errors import UsageError
from pipeline.models import Deal
from pipeline.notify.clean import one_line
from pipeline.store import Session, ledger


def find(settings: Settings, session: Session, wanted: ledger.Filter, party: str = "") -> list[Deal]:
    """The deals, the one mentioned last first; where somebody names a `party`, those with it. Raises UsageError."""
    return ledger.find(session, with_party(settings, session, wanted, party))


def with_party(settings: Settings, session: Session, wanted: ledger.Filter, party: str) -> ledger.Filter:
    """The filter for deals with the company that somebody names, where they name one. Raises UsageError."""
    return replace(wanted, party=slug_of(settings, session, party)) if party else wanted


def booked(deal: Deal) -> Booked:
    """The deal as it is summed up and handed on."""
    return Booked(deal.id or 0, deal.title, ledger.state(deal))


def books(session: Session, watch: str) -> list[Booked]:
    """All deals of a watch by number, dismissed ones too."""
    found = ledger.find(session, ledger.Filter(watch, dismissed=True))
    return [booked(deal) for deal in sorted(found, key=lambda deal: deal.id or 0)]


def slug_of(settings: Settings, session: Session, wanted: str) -> str:
    """The slug of the company of this name, ticker or slug: of companies.yaml, or of the ledger alone.

    Of several with that name, but none with that slug, the one that most deals are with. Raises UsageError where there
    is none.
    """
    slugs: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for slug, name, _ in ledger.parties(session, dismissed=True):
        titles[slug] = name
        for form in (slug, name):
            slugs.setdefault(_plain(form), []).append(slug)
    for slug, company in settings.companies.items():
        titles.setdefault(slug, company.name)
        for form in (slug, company.name, *company.aliases, *company.tickers):
            slugs.setdefault(_plain(form), []).append(slug)
    if wanted in titles:
        return wanted
    if found := slugs.get(_plain(wanted)):
        return found[0]
    near = get_close_matches(_plain(wanted), list(slugs), n=3, cutoff=0.6)
    meant = dict.fromkeys(titles[slug] for form in near for slug in sorted(slugs[form]))
    hint = f"Did you mean {' or '.join(meant)}?" if meant else "`dealwire deals` lists the deals."
    raise UsageError(one_line(f"No company {wanted!r} is known, or party to a deal. {hint}"))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
