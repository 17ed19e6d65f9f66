"""Sources, mentions and deals made up for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.deals.books import Booked
from pipeline.domain import DealState, Fact, Kind, Mention, Party, Source, Status

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def fact(field: str, value: float, unit: str = "", article: int = 0, **more: Any) -> Fact:
    """A figure with a quote that names it; its unit is US dollars or gigawatts unless given."""
    unit = unit or {"amount": "USD", "capacity": "GW", "chips": "chips"}.get(field, "years")
    return Fact(field, float(value), f"It says {field} {value:g}.", "title", 0, 5, 0.9, unit, article=article, **more)


def source(article: int, day: float = 0, origin: str = "", official: bool = False) -> Source:
    """An article published so many days after the start."""
    return Source(
        article, f"https://n.example/{article}", START + timedelta(days=day), origin or f"o{article}", official
    )


def mention(
    anchor: str = "oracle",
    kind: Kind = Kind.COMPUTE,
    status: Status = Status.ANNOUNCED,
    *facts: Fact,
    central: bool = True,
    role: str = "supplier",
    programme: str = "",
    quote: str = "",
) -> Mention:
    parties = () if anchor == "total" or ":" in anchor else (Party(anchor, anchor.title(), role),)
    said = quote or f"{anchor} {kind} {status}"
    return Mention(anchor, parties, kind, status, facts, 0.9, central, said, programme)


def state(
    key: str,
    kind: Kind = Kind.COMPUTE,
    status: Status = Status.ANNOUNCED,
    *,
    usd: float | None = None,
    gw: float | None = None,
    parties: Sequence[Party] = (),
    facts: Sequence[Fact] = (),
    **more: Any,
) -> DealState:
    """A deal with these figures, in units of dollars and gigawatts."""
    figures = [*facts]
    if usd is not None:
        figures.append(fact("amount", usd, article=1))
    if gw is not None:
        figures.append(fact("capacity", gw, article=1))
    anchor = key.partition("#")[0].partition("/")[0].partition("+")[0]
    return DealState(
        key, anchor, tuple(parties), kind, status, {f.field: f for f in figures}, (), (), (source(1),), **more
    )


def book(*states: DealState) -> list[Booked]:
    """These deals, numbered from 1 and titled by their keys."""
    return [Booked(number, each.key, each) for number, each in enumerate(states, 1)]
