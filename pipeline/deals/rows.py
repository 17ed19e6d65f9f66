"""Deals as plain rows, every figure with the words and the address behind it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.deals.books import Booked, per_gigawatt
from pipeline.deals.roles import roles
from pipeline.deals.wording import shown
from pipeline.domain import FIGURES, DealState, Fact, Source

_FIGURE = {"": "text", "_value": "number", "_low": "number", "_unit": "text", "_bound": "text"}
COLUMNS = {
    "id": "whole",
    "watch": "text",
    "title": "text",
    "kind": "text",
    "place": "text",
    "status": "text",
    "status_quote": "text",
    "status_url": "text",
    "parties": "texts",
    "roles": "texts",
    "origins": "whole",
    "official": "truth",
    "first": "time",
    "last": "time",
    **{
        f"{name}{end}": sort for name in FIGURES for end, sort in (_FIGURE | {"_quote": "text", "_url": "text"}).items()
    },
    "usd_per_gw": "number",
    "disagreements": "texts",
    "part_of": "whole",
    "supersedes": "whole",
    "dismissed": "truth",
    "articles": "texts",
}
"""What a row holds, in this order, and of what sort each is."""
FORMULAS = ("=", "+", "-", "@", "\t", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


def row(booked: Booked, watch: str, numbers: Mapping[str, int]) -> dict[str, Any]:
    """A deal as one flat row; `numbers` gives those of other deals by key.

    Of each figure: in words, value and unit, the lower end of a range, the quote, and its article's URL.
    """
    state = booked.state
    found: dict[str, Any] = {
        "id": booked.id,
        "watch": watch,
        "title": booked.title,
        "kind": str(state.kind),
        "place": state.place,
        "status": str(state.status),
        "status_quote": "",
        "status_url": "",
        "parties": [party.name for party in state.parties],
        "roles": [roles(party, state) for party in state.parties],
        "origins": state.origins,
        "official": any(source.official for source in state.sources),
        "first": min(source.published for source in state.sources),
        "last": max(source.published for source in state.sources),
    }
    if stated := status_stated(state):
        found["status_quote"], found["status_url"] = stated[0], stated[1].url
    for name in FIGURES:
        found |= _figure(name, state.facts.get(name), state)
    return found | {
        "usd_per_gw": per_gigawatt(state),
        "disagreements": [f"{fact.field}: {shown(fact)} ({source.url})" for fact, source in state.disagreements],
        "part_of": numbers.get(state.part_of),
        "supersedes": numbers.get(state.supersedes),
        "dismissed": state.dismissed,
        "articles": list(dict.fromkeys(source.url for source in state.sources)),
    }


def _figure(name: str, fact: Fact | None, state: DealState) -> dict[str, Any]:
    source = source_of(fact, state) if fact else None
    return {
        name: shown(fact) if fact else "",
        f"{name}_value": float(fact.value) if fact else None,
        f"{name}_low": fact.low if fact else None,
        f"{name}_unit": fact.unit if fact else "",
        f"{name}_bound": str(fact.bound) if fact else "",
        f"{name}_quote": fact.quote if fact else "",
        f"{name}_url": source.url if source else "",
    }


def source_of(fact: Fact, state: DealState) -> Source | None:
    """Where a fact of a deal comes from; None where somebody set it by hand."""
    return next((source for source in state.sources if source.article == fact.article), None)


def status_stated(state: DealState) -> tuple[str, Source] | None:
    """The words that the deal's status goes back to, and where they stand; None where somebody set it by hand."""
    if "status" in state.facts:
        return None
    for change in reversed(state.changes):
        if change.field == "status":
            return change.quote, change.source
    return next(((change.quote, change.source) for change in state.changes if change.field == "new"), None)


def cell(value: Any) -> str:
    """A value as a cell of CSV that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, list):
        return cell("; ".join(map(str, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 1e10 else f"{value:.0f}"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # some readers end a row at a bare return, quoted or not
    return f"'{text}" if text.startswith(FORMULAS) else text
