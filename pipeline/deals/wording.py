"""Facts as people write them. Pure."""

from __future__ import annotations

from pipeline.domain import Fact


def shown(fact: Fact) -> str:
    """A figure as people write it: $300 billion, 4.5 GW, 5 years."""
    value = float(fact.value)
    if fact.field == "amount":
        for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
            if value >= size:
                text = f"{value / size:.3g} {name}"
                break
        else:
            text = f"{value:,.0f}"
        text = f"${text}" if fact.unit == "USD" else f"{fact.unit} {text}"
    elif fact.field == "capacity":
        text = f"{value:.3g} GW" if value >= 1 else f"{value * 1000:.3g} MW"
    elif fact.field == "chips":
        text = f"{value:,.0f} chips"
    else:
        text = f"until {value:.0f}" if fact.unit == "until" else f"{value:.3g} years"
    bound = "" if fact.bound == "exact" else f"{fact.bound} "
    return f"{bound}{text}{' a year' if fact.per_year else ''}"
