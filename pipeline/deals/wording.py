"""Facts as people write them. Pure."""

from __future__ import annotations

from pipeline.domain import Bound, Fact

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}
_SCALES = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
_CHIP_SCALES = ((1e9, " billion"), (1e6, " million"))
_WATTS = ((1.0, " GW"), (1e-3, " MW"))
_KEPT = 3
"""Digits that are shown."""


def shown(fact: Fact) -> str:
    """A figure as people write it: $300 billion, up to €10 to 15 billion a year, 500 MW to 1.2 GW, 5 years."""
    value = float(fact.value)
    low = value if fact.low is None else fact.low
    if fact.field in ("amount", "yearly"):
        sign = _SIGNS.get(fact.unit, f"{fact.unit} ")
        text = _range(low, value, _SCALES, sign)
    elif fact.field == "capacity":
        text = _range(low, value, _WATTS)
    elif fact.field == "chips":
        text = f"{_range(low, value, _CHIP_SCALES)} {'chip' if value == 1 else 'chips'}"
    elif fact.unit == "until":
        text = f"until {low:.0f} to {value:.0f}" if low != value else f"until {value:.0f}"
    else:
        text = _years(low, value)
    bound = "" if fact.bound is Bound.EXACT else f"{fact.bound} "
    return f"{bound}{text}{' a year' if fact.per_year else ''}"


def brief(fact: Fact | None) -> str:
    """A figure as a narrow column shows it: $300B, ≤€1.5B/yr, 4.5 GW."""
    if fact is None:
        return ""
    sign = {Bound.EXACT: "", Bound.UP_TO: "≤", Bound.MORE_THAN: "≥", Bound.ABOUT: "~"}[fact.bound]
    text = shown(fact).removeprefix(f"{fact.bound} ").removesuffix(" a year")
    for name, letter in ((" trillion", "T"), (" billion", "B"), (" million", "M")):
        text = text.replace(name, letter)
    return f"{sign}{text}{'/yr' if fact.per_year else ''}"


def _years(low: float, value: float) -> str:
    """Months where that is how people would say it: 6 months, but 1.5 years."""
    count, what = (value * 12, "month") if value < 1 else (value, "year")
    least = low * count / value if value else low
    numbers = f"{_digits(least)} to {_digits(count)}" if least != count else _digits(count)
    return f"{numbers} {what}{'' if numbers == '1' else 's'}"


def _range(low: float, high: float, scales: tuple[tuple[float, str], ...], sign: str = "") -> str:
    """Both ends in one scale where they share it; a currency's sign stands once then, and a code stands once anyway."""
    (first, unit), (last, scale) = _scaled(low, scales), _scaled(high, scales)
    if low == high or (first, unit) == (last, scale):
        return f"{sign}{last}{scale}"
    again = sign if unit != scale and not sign.endswith(" ") else ""
    return f"{sign}{first}{unit if unit != scale else ''} to {again}{last}{scale}"


def _scaled(value: float, scales: tuple[tuple[float, str], ...]) -> tuple[str, str]:
    """The digits and the scale: the largest in which it is 1 or more, once rounded."""
    for size, name in scales:
        if float(f"{value:.{_KEPT}g}") >= size:
            return _digits(value / size), name
    size, name = (1.0, "") if scales[-1][0] > 1 else scales[-1]
    return _digits(value / size), name


def _digits(value: float) -> str:
    """As many digits as are shown, none of them a zero that only fills up; whole below a million."""
    rounded = float(f"{value:.{_KEPT}g}")
    return f"{round(value) if value >= 1000 else rounded:,.10g}" if value >= 1 else f"{rounded:g}"
