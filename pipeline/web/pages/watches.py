"""The watches in force: what each looks for, by which words, and where it tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response

from pipeline.config import watches_file
from pipeline.config.schema import CompanySettings, Settings, WatchSettings
from pipeline.errors import ConfigError
from pipeline.store import articles, mutes
from pipeline.watch.terms import refers_to
from pipeline.web.places import choices
from pipeline.web.render import page
from pipeline.web.shown import counted
from pipeline.web.site import SiteHere

router = APIRouter()


@dataclass(frozen=True)
class Shown:
    """A term as it is shown: `to` is where what it stands for is shown, if it stands for more than itself."""

    text: str
    to: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """A watch in force. `groups` are those of which a term must be there, `weigh` those that count besides."""

    name: str
    rule: WatchSettings
    groups: Mapping[str, Sequence[Shown]]
    weigh: Mapping[str, Sequence[Shown]]
    none: Sequence[Shown]
    channels: Sequence[str]
    flagged: int
    muted_until: datetime | None


@router.get("/watches")
def all_watches(request: Request, site: SiteHere) -> Response:
    settings = site.settings
    text = watches_file.read(settings.folder).text
    try:
        places = choices(settings, text)
    except ConfigError:  # which the top of every page tells
        places = []
    with site.store.read() as session:
        flagged = articles.flagged_counts(session)
        muted = {mute.watch: mute.until for mute in mutes.in_force(session, site.now()) if mute.deal_id is None}
    return page(
        request,
        "watches.html",
        rows=[
            _row(settings, name, rule, flagged.get(name, 0), muted.get(name)) for name, rule in settings.watches.items()
        ],
        lists={name: _shown(settings, terms) for name, terms in settings.lists.items()},
        furniture=_shown(settings, settings.furniture),
        companies=_named(settings),
        choices=places,
        text=text,
    )


def _row(settings: Settings, name: str, rule: WatchSettings, flagged: int, muted_until: datetime | None) -> Row:
    return Row(
        name,
        rule,
        {group: _shown(settings, terms) for group, terms in rule.all.items()},
        {group: _shown(settings, terms) for group, terms in rule.weigh.items()},
        _shown(settings, rule.none),
        settings.channels_for(rule.notify),
        flagged,
        muted_until,
    )


def _shown(settings: Settings, terms: Iterable[str]) -> list[Shown]:
    return [_term(settings, term) for term in terms]


def _term(settings: Settings, term: str) -> Shown:
    match refers_to(term):
        case "list", name:
            return Shown(term, f"#list-{name}", counted(len(settings.lists[name]), "term"))
        case "company", name:
            company = settings.companies[name]
            return Shown(term, "#companies", ", ".join((company.name, *company.aliases, *company.tickers)))
        case "role", name:
            having = [company.name for company in settings.companies.values() if name in company.roles]
            return Shown(term, "#companies", ", ".join(having))
        case _:
            return Shown(term)


def _named(settings: Settings) -> dict[str, CompanySettings]:
    """The companies that any term names, by itself or by a role."""
    names, roles = set(), set()
    for term in _all_terms(settings):
        match refers_to(term):
            case "company", name:
                names.add(name)
            case "role", name:
                roles.add(name)
    return {
        slug: company
        for slug, company in settings.companies.items()
        if slug in names or not roles.isdisjoint(company.roles)
    }


def _all_terms(settings: Settings) -> Iterator[str]:
    for rule in settings.watches.values():
        for terms in (*rule.all.values(), *rule.weigh.values(), rule.none):
            yield from terms
    for terms in settings.lists.values():
        yield from terms
    yield from settings.furniture
