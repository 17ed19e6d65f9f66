"""Deals as people ask for them: by any name of a company, or all of a watch to be summed up."""

from __future__ import annotations

import re
from difflib import get_close_matches

from pipeline.config.schema import Settings
from pipeline.deals.books import Booked
from pipeline.errors import UsageError
from pipeline.models import Deal
from pipeline.notify.clean import one_line
from pipeline.store import Session, ledger


def find(settings: Settings, session: Session, wanted: ledger.Filter, party: str = "") -> list[Deal]:
    """The deals, the one mentioned last first; where somebody names a `party`, those with it. Raises UsageError."""
    slugs = slugs_of(settings, session, party) if party else set()
    return [d for d in ledger.find(session, wanted) if not party or slugs & {p["slug"] for p in d.data["parties"]}]


def booked(deal: Deal) -> Booked:
    """The deal as it is summed up and handed on."""
    return Booked(deal.id or 0, deal.title, ledger.state(deal))


def books(session: Session, watch: str) -> list[Booked]:
    """All deals of a watch by number, dismissed ones too."""
    found = ledger.find(session, ledger.Filter(watch, dismissed=True))
    return [booked(deal) for deal in sorted(found, key=lambda deal: deal.id or 0)]


def slugs_of(settings: Settings, session: Session, wanted: str) -> set[str]:
    """The slugs of the companies of this name, ticker or slug: of companies.yaml, or of the ledger alone.

    Raises UsageError where there is none.
    """
    names: dict[str, set[str]] = {}
    titles: dict[str, str] = {}
    for slug, company in settings.companies.items():
        titles[slug] = company.name
        for name in (slug, company.name, *company.aliases, *company.tickers):
            names.setdefault(_plain(name), set()).add(slug)
    for deal in ledger.find(session, ledger.Filter(dismissed=True)):
        for party in deal.data["parties"]:
            titles.setdefault(party["slug"], party["name"])
            for name in (party["slug"], party["name"]):
                names.setdefault(_plain(name), set()).add(party["slug"])
    if found := names.get(_plain(wanted)):
        return found
    near = get_close_matches(_plain(wanted), list(names), n=3, cutoff=0.6)
    meant = dict.fromkeys(titles[slug] for name in near for slug in sorted(names[name]))
    hint = f"Did you mean {' or '.join(meant)}?" if meant else "`dealwire deals` lists the deals."
    raise UsageError(one_line(f"No company {wanted!r} is known, or party to a deal. {hint}"))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
