"""How values are written on pages. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from markupsafe import Markup, escape

from pipeline.config.spans import ago
from pipeline.deals.books import dollars
from pipeline.domain import Fact, Point, Status, host_of
from pipeline.notify.clean import clean, one_line, web_link


def money(value: float | None) -> str:
    """US dollars, short: $1.4T, $38B, $250M; empty where there are none."""
    if value is None:
        return ""
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= 0.9995 * size:
            return f"${value / size:.3g}{unit}"
    return f"${value:,.0f}"


def gw(value: float | None) -> str:
    """Capacity: 4.5 GW, 800 MW; empty where it is unknown."""
    if value is None:
        return ""
    return f"{value:,.3g} GW" if value >= 1 else f"{value * 1000:,.3g} MW"


def day(value: datetime | date | None, zone: tzinfo) -> str:
    """24 Nov 2026, in this zone; empty where it is unknown."""
    if isinstance(value, datetime):
        value = value.astimezone(zone).date()
    return f"{value.day} {value:%b %Y}" if value else ""


def when(value: datetime | None, zone: tzinfo) -> str:
    """24 Nov 2026, 07:30, in this zone."""
    return f"{day(value, zone)}, {value.astimezone(zone):%H:%M}" if value else ""


def iso(value: datetime | None) -> str:
    """For the `datetime` of a <time>."""
    return value.isoformat(timespec="seconds") if value else ""


def later(seconds: float) -> str:
    """How long after the first: 3 days later, 5 hours later, at once."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (seconds >= size and noun == "minute"):
            return f"{counted(round(seconds / size), noun)} later"
    return "at once"


def counted(count: int, noun: str, many: str = "") -> str:
    """1 deal, 2 deals; 1 entry, 2 entries, where `many` says so."""
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"


def fact(value: Fact | None) -> str:
    """A figure in words."""
    from pipeline.deals.wording import shown

    return shown(value) if value else ""


def host(url: str) -> str:
    """Whose page it is; empty where the address is none of the web."""
    return host_of(web_link(url)) if web_link(url) else ""


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values as choices that are named by themselves."""
    return [(str(value), str(value)) for value in values]


def numbered(text: str, most: int = 2_000) -> Markup:
    """A sentence of at most so many characters in which each [12] leads to the deal of that number."""
    whole = str(escape(one_line(text, most)))
    return Markup(re.sub(r"\[(\d{1,18})\]", r'<a href="/deals/\1">\1</a>', whole))


def span(seconds: float) -> str:
    """A duration in one unit: 15 min, 2 h."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            value = seconds / size
            return f"{value:.0f} {unit}" if value >= 10 else f"{round(value, 1):g} {unit}"
    return f"{seconds:.0f} s"


def bars(counts: Sequence[float], width: int, height: int) -> str:
    """The path of an SVG with a bar for each count, the highest as high as it goes; none where all are 0."""
    most, step = max(counts, default=0), width / max(len(counts), 1)
    if not most:
        return ""
    tops = ((at * step, max(count / most * height, 1.0)) for at, count in enumerate(counts) if count)
    return "".join(f"M{left:.4g} {height}v-{top:.3g}h{0.72 * step:.3g}v{top:.3g}z" for left, top in tops)


def apart(text: str) -> str:
    """The text with an empty line between its paragraphs."""
    return re.sub(r"\n+", "\n\n", text)


def standing(point: Point, of: Literal["usd", "gw"]) -> float:
    """What the ledger came to then in dollars or gigawatts, the cancelled left out."""
    values: dict[Status, float] = getattr(point, of)
    return sum(value for status, value in values.items() if status is not Status.CANCELLED)


_SHOWN = (
    money, gw, day, when, iso, ago, later, counted, fact, host, pairs, numbered, standing, span, bars, apart, clean,
    one_line, web_link, dollars,
)  # fmt: skip
FILTERS: dict[str, Callable[..., Any]] = {each.__name__: each for each in _SHOWN}
