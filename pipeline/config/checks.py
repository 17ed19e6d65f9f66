"""What the files of a configuration say of each other, and what must not stand twice."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from pipeline.config import yaml
from pipeline.config.schema import LOCAL, CompanySettings, LedgerFile, WatchesFile, WatchSettings

Reference = tuple[Literal["company", "role", "list"], str]


def cross_check(
    documents: dict[str, yaml.Document], parsed: dict[str, Any], refers_to: Callable[[str], Reference | None]
) -> None:
    """What one file says of another, and what must not stand twice."""
    if "feeds.yaml" in parsed:
        feeds = parsed["feeds.yaml"].feeds
        for attribute in ("name", "url"):
            places = [(getattr(feed, attribute), ("feeds", i, attribute)) for i, feed in enumerate(feeds)]
            _no_repeats(documents["feeds.yaml"], places)
    companies = parsed["companies.yaml"].companies if "companies.yaml" in parsed else None
    if companies is not None:
        forms = [
            (form, ("companies", slug, where))
            for slug, company in companies.items()
            for where, names in (
                ("name", (company.name,)),
                ("aliases", company.aliases),
                ("tickers", company.tickers),
            )
            for form in dict.fromkeys(names)
        ]
        owners: dict[str, str] = {}
        for form, place in forms:
            owner = owners.setdefault(form, place[1])
            if owner != place[1]:
                documents["companies.yaml"].complain(place, f"{form!r} already names {owner}", "Keep one.")
    if "watches.yaml" in parsed:
        channels = parsed["dealwire.yaml"].channels if "dealwire.yaml" in parsed else None
        if companies is not None:
            _check_references(documents["watches.yaml"], parsed["watches.yaml"], companies, refers_to)
        for name, watch in parsed["watches.yaml"].watches.items():
            _check_watch(documents["watches.yaml"], name, parsed["watches.yaml"].watches)
            if channels is not None:
                _check_channels(documents["watches.yaml"], ("watches", name, "notify"), watch.notify, channels)
    if "dealwire.yaml" in parsed:
        general = parsed["dealwire.yaml"]
        _check_channels(documents["dealwire.yaml"], ("digest", "notify"), general.digest.notify, general.channels)


def check_outlets(document: yaml.Document, ledger: LedgerFile) -> None:
    """That no name, and no domain, belongs to two outlets."""
    for part in ("names", "domains"):
        owners: dict[str, str] = {}
        for slug, outlet in ledger.outlets.items():
            for index, value in enumerate(getattr(outlet, part)):
                owner = owners.setdefault(value, slug)
                if owner != slug:
                    place = ("outlets", slug, part, index)
                    document.complain(place, f"{value!r} already belongs to {owner}", "Keep one.")


def check_ledger(
    document: yaml.Document,
    ledger: LedgerFile,
    companies: Mapping[str, CompanySettings],
    refers_to: Callable[[str], Reference | None],
) -> None:
    """That its terms name companies that exist, and that what lies within a place is one itself."""
    roles = {role for company in companies.values() for role in company.roles}
    known = {"company": (companies, "a company of companies.yaml"), "role": (roles, "a role in companies.yaml")}
    for place, terms in _ledger_terms(ledger):
        for index, term in enumerate(terms):
            if reference := refers_to(term):
                options, what = known.get(reference[0], ((), "known here: lists are those of watches.yaml"))
                if reference[1] not in options:
                    document.complain((*place, index), f"{term} is not {what}", suggest(reference[1], options))
    for wide, inside in ledger.within.items():
        for index, narrow in enumerate(inside):
            if narrow not in ledger.places:
                remedy = suggest(narrow, ledger.places)
                document.complain(("within", wide, index), f"{narrow!r} is not one of `places`", remedy)


def _ledger_terms(ledger: LedgerFile) -> Iterator[tuple[yaml.Key, tuple[str, ...]]]:
    for part in ("kinds", "statuses", "places"):
        yield from (((part, str(name)), terms) for name, terms in getattr(ledger, part).items())
    for part in ("other_sums", "totals", "hearsay", "asides"):
        yield (part,), getattr(ledger, part)
    for part in ("verbs", "before", "never"):
        yield ("reporting", part), getattr(ledger.reporting, part)


def _no_repeats(document: yaml.Document, values: Iterable[tuple[str, yaml.Key]]) -> None:
    first: dict[str, yaml.Key] = {}
    for value, place in values:
        earlier = first.setdefault(value, place)
        if earlier != place:
            line = document.line(earlier)
            document.complain(place, f"{document.shown(place, value)} stands twice (first in line {line})", "Keep one.")


def _check_references(
    document: yaml.Document,
    file: WatchesFile,
    companies: Mapping[str, CompanySettings],
    refers_to: Callable[[str], Reference | None],
) -> None:
    """That every company, role and list that a term names exists, and that no list holds itself."""
    known: dict[str, tuple[Collection[str], str]] = {
        "company": (companies, "a company of companies.yaml"),
        "role": ({role for company in companies.values() for role in company.roles}, "a role in companies.yaml"),
        "list": (file.lists, "a list of `lists`"),
    }
    uses: dict[str, set[str]] = {name: set() for name in file.lists}
    for place, terms in _all_terms(file):
        for index, term in enumerate(terms):
            reference = refers_to(term)
            if reference is None:
                continue
            kind, name = reference
            options, what = known[kind]
            if name not in options:
                document.complain((*place, index), f"{term} is not {what}", suggest(name, options))
            elif kind == "list" and place[0] == "lists":
                uses[str(place[1])].add(name)
    for name in uses:
        if name in _reached(uses, name):
            document.complain(("lists", name), "holds itself", "Take out the <...> that leads back to it.")


def _all_terms(file: WatchesFile) -> Iterator[tuple[yaml.Key, tuple[str, ...]]]:
    for name, watch in file.watches.items():
        yield from ((("watches", name, "all", group), terms) for group, terms in watch.all.items())
        yield from ((("watches", name, "weigh", group), terms) for group, terms in watch.weigh.items())
        yield ("watches", name, "none"), watch.none
    yield from ((("lists", name), terms) for name, terms in file.lists.items())
    yield ("furniture",), file.furniture


def _reached(uses: Mapping[str, set[str]], name: str) -> set[str]:
    """All lists that a list leads to."""
    reached: set[str] = set()
    ahead = set(uses[name])
    while ahead:
        reached |= ahead
        ahead = {further for one in ahead for further in uses[one]} - reached
    return reached


def _check_watch(document: yaml.Document, name: str, watches: Mapping[str, WatchSettings]) -> None:
    """That a watch has groups, of its own or from the watch it is like, and a subject among them."""
    place, watch = ("watches", name), watches[name]
    groups, seen, at = dict(watch.all), {name}, watch
    said = {field: getattr(watch, field) for field in watch.model_fields_set}
    while at.like is not None:
        if at.like not in watches:
            if at is watch:
                options = sorted(set(watches) - {name})
                document.complain((*place, "like"), f"{at.like!r} is not a watch", suggest(at.like, options))
            return
        if at.like in seen:
            document.complain((*place, "like"), "leads back to this watch", "Write one of them out.")
            return
        seen.add(at.like)
        at = watches[at.like]
        groups = {**at.all, **groups}
        said = {field: getattr(at, field) for field in at.model_fields_set} | said
    if not groups:
        document.complain((*place, "all"), "is missing", "Add the groups of terms that must meet.")
    if watch.subject is not None and watch.subject not in groups:
        remedy = suggest(watch.subject, groups)
        document.complain((*place, "subject"), f"{watch.subject!r} is not a group of `all`", remedy)
    subject = said.get("subject")
    if said.get("ledger") and not any(_is_company(term) for term in groups.get(subject or "", ())):
        remedy = "Set `subject` to the group of `all` that names whose deals these are, with an @company in it."
        document.complain((*place, "ledger"), "needs a subject that is a company of companies.yaml", remedy)
    for group in watch.weigh:
        if group in groups:
            document.complain((*place, "weigh", group), "is a group of `all` already", "Give it another name.")


def _is_company(term: str) -> bool:
    return term.startswith("@") and not term.startswith("@role:")


def _check_channels(
    document: yaml.Document, place: yaml.Key, notify: tuple[str, ...] | None, channels: Collection[str]
) -> None:
    known = channels or [LOCAL]
    for index, name in enumerate(notify or ()):
        if name not in known:
            document.complain((*place, index), f"{name!r} is not a channel of dealwire.yaml", suggest(name, known))


def suggest(wrong: str, options: Iterable[str]) -> str:
    near = difflib.get_close_matches(wrong, list(options), n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Use one of: {', '.join(sorted(options))}." if options else "Remove it."
