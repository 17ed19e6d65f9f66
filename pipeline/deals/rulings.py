"""What people decided of deals, carried out. Pure.

A ruling names deals by key, and is carried out each time they are derived, so that later articles do not undo it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.deals.figures import Figure, capacity, money
from pipeline.deals.life import Told
from pipeline.deals.wording import shown
from pipeline.domain import Bound, DealState, Fact, Kind, Ruling, Status, Verb

FIGURES = {"amount": "USD", "capacity": "GW"}
"""The figures that can be set, and the units of those that are kept without one."""
SETTABLE = ("title", "kind", "status", "part_of", *FIGURES)
BY_HAND = "set by hand"
"""The quote of a fact that no article states."""

_KEPT = re.compile(
    r"(?:(?P<bound>up to|more than|about) )?(?:(?P<low>[\d.]+)-)?(?P<value>[\d.]+)"
    r"(?: (?P<unit>[A-Z]+))?(?P<yearly> a year)?",
    re.IGNORECASE,
)
_YEARLY = re.compile(r"\s*(?:(?:a|per|each|every)\s+year|/\s?(?:year|yr|a)|annually|yearly)?\s*", re.IGNORECASE)


def regroup(groups: dict[str, list[Told]], rulings: Sequence[Ruling]) -> dict[str, list[Told]]:
    """What was said by deal, after merging and splitting, each in the order of publication."""
    groups = {key: list(said) for key, said in groups.items()}
    for ruling in rulings:
        if ruling.verb is Verb.MERGE and ruling.deal in groups and ruling.into != ruling.deal:
            groups.setdefault(ruling.into, []).extend(groups.pop(ruling.deal))
        elif ruling.verb is Verb.SPLIT:
            _split(groups, ruling)
    return {key: sorted(said, key=in_order) for key, said in groups.items() if said}


def _split(groups: dict[str, list[Told]], ruling: Ruling) -> None:
    """Move what the articles say to a deal of its own.

    Later articles can part a deal by kind or by life, and what is to be moved then stands under a key beside its own.
    """
    stem = anchor_of(ruling.deal)
    beside = [key for key in groups if key != ruling.deal and "+" not in key and anchor_of(key) == stem]
    wanted = set(ruling.articles)
    for key in [ruling.deal, *(beside if "+" not in ruling.deal else ())]:
        said = groups.get(key, [])
        moved = [one for one in said if one[0].article in wanted]
        if moved:
            groups[key] = [one for one in said if one[0].article not in wanted]
            groups.setdefault(split_off(ruling), []).extend(moved)
            wanted -= {source.article for source, _ in moved}


def in_order(told: Told) -> tuple[object, ...]:
    """By publication; what was published at once in an order that does not hang on which arrived first."""
    source, mention = told
    return source.published, source.url, source.origin, mention.anchor, mention.quote


def anchor_of(key: str) -> str:
    """The anchor of the deal with this key."""
    return re.split(r"[+#/]", key, maxsplit=1)[0]


def split_off(ruling: Ruling) -> str:
    """The key of the deal that a split makes."""
    return f"{ruling.deal}+{ruling.id}"


def merged_into(rulings: Sequence[Ruling], key: str) -> str:
    """The key under which a deal stands after all merging: its own where it was merged into none."""
    into = {ruling.deal: ruling.into for ruling in rulings if ruling.verb is Verb.MERGE}
    seen = {key}
    while (following := into.get(key, key)) not in seen:
        key = following
        seen.add(key)
    return key


def set_by_hand(deal: DealState, rulings: Sequence[Ruling]) -> DealState:
    """The deal with what was set, and dismissed where somebody said that it is none.

    The deals that it points to stand under the keys that merging gave them.
    """
    for ruling in rulings:
        if ruling.deal != deal.key:
            continue
        if ruling.verb is Verb.DISMISS:
            deal = replace(deal, dismissed=True)
        elif ruling.verb is Verb.SET:
            deal = _set(deal, ruling.field, ruling.value)
    part_of, supersedes = (merged_into(rulings, key) if key else "" for key in (deal.part_of, deal.supersedes))
    return replace(
        deal,
        part_of="" if part_of == deal.key else part_of,
        supersedes="" if supersedes == deal.key else supersedes,
    )


def _set(deal: DealState, field: str, value: str) -> DealState:
    if field == "kind":
        return replace(deal, kind=Kind(value))
    if field == "status":
        return replace(_known(deal, field, value), status=Status(value))
    if field in FIGURES:
        return _set_figure(deal, field, value)
    return replace(deal, title=value) if field == "title" else replace(deal, part_of=value)


def _set_figure(deal: DealState, field: str, value: str) -> DealState:
    """What an article says in its place stands beside it as a disagreement."""
    facts = dict(deal.facts)
    stated = facts.pop(field, None)
    source = next((s for s in deal.sources if stated and s.article == stated.article), None)
    deal = replace(deal, facts=facts)
    if value:
        facts[field] = kept(field, value)
        deal = _known(deal, field, shown(facts[field]))
    if stated and source and stated.quote != BY_HAND and (not value or shown(stated) != shown(facts[field])):
        deal = replace(deal, disagreements=((stated, source), *deal.disagreements))
    return deal


def _known(deal: DealState, field: str, after: str) -> DealState:
    """Without the change to what somebody set already: that is no news. Other changes of the field are."""
    return replace(deal, changes=tuple(c for c in deal.changes if (c.field, c.after) != (field, after)))


def written(field: str, text: str) -> str | None:
    """A figure as people write it ($300bn, up to 4.5 GW) in the form in which a ruling keeps it; None if it is none."""
    found = list(money(text) if field == "amount" else capacity(text))
    if len(found) != 1 or found[0].value <= 0:
        return None
    figure = found[0]
    if text[: figure.start].strip() or not _YEARLY.fullmatch(text[figure.end :].removeprefix("-plus")):
        return None
    return _written(figure)


def _written(figure: Figure) -> str:
    bound = "" if figure.bound is Bound.EXACT else f"{figure.bound} "
    low = "" if figure.low == figure.value else f"{_plain(figure.low)}-"
    return f"{bound}{low}{_plain(figure.value)} {figure.unit}{' a year' if figure.per_year else ''}"


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def kept(field: str, value: str) -> Fact:
    """The figure that a ruling keeps. Raises ValueError where it is none."""
    found = _KEPT.fullmatch(value)
    if not found:
        raise ValueError(f"{value!r} is no figure")
    return Fact(
        field,
        float(found["value"]),
        BY_HAND,
        "",
        0,
        0,
        1.0,
        found["unit"] or FIGURES[field],
        float(found["low"]) if found["low"] else None,
        Bound(found["bound"].lower()) if found["bound"] else Bound.EXACT,
        bool(found["yearly"]),
    )
