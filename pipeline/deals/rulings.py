"""What people decided of deals, carried out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.deals.life import Told
from pipeline.domain import DealState, Fact, Kind, Ruling, Status, Verb

FIGURES = {"amount": "USD", "capacity": "GW"}
"""The figures that can be set, and their units."""
SETTABLE = ("title", "kind", "status", "part_of", *FIGURES)


def regroup(groups: dict[str, list[Told]], rulings: Sequence[Ruling]) -> dict[str, list[Told]]:
    """What was said by deal, after merging and splitting, each in the order of publication."""
    for ruling in rulings:
        said = groups.get(ruling.deal)
        if said is None:
            continue
        if ruling.verb is Verb.MERGE:
            groups.setdefault(ruling.into, []).extend(groups.pop(ruling.deal))
        elif ruling.verb is Verb.SPLIT:
            moved = [one for one in said if one[0].article in ruling.articles]
            if moved:
                groups[f"{ruling.deal}+{ruling.id}"] = moved
                groups[ruling.deal] = [one for one in said if one not in moved]
    return {key: sorted(said, key=lambda one: (one[0].published, one[0].url)) for key, said in groups.items() if said}


def set_by_hand(deal: DealState, rulings: Sequence[Ruling]) -> DealState:
    """The deal with what was set, and dismissed where somebody said that it is none."""
    for ruling in rulings:
        if ruling.deal != deal.key:
            continue
        if ruling.verb is Verb.DISMISS:
            deal = replace(deal, dismissed=True)
        elif ruling.verb is Verb.SET:
            deal = _set(deal, ruling.field, ruling.value)
    return deal


def _set(deal: DealState, field: str, value: str) -> DealState:
    if field == "kind":
        return replace(deal, kind=Kind(value))
    if field == "status":
        return replace(deal, status=Status(value))
    if field in FIGURES:
        fact = Fact(field, float(value), "set by hand", "", 0, 0, 1.0, FIGURES[field])
        return replace(deal, facts={**deal.facts, field: fact})
    return replace(deal, title=value) if field == "title" else replace(deal, part_of=value)
