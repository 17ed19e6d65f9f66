"""The growth of a ledger: dollars above, gigawatts below, stacked by status. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from pipeline.charts.specs.theme import (
    COLOURS,
    LADDER,
    Colours,
    Spec,
    Theme,
    frame,
    legend,
    money,
    power,
    shape,
    time_axis,
    words,
)
from pipeline.charts.specs.ticks import days, round_steps
from pipeline.domain import Course, Point, Status

_LEFT, _RIGHT, _PANEL = 58, 12, 170
Levels = list[tuple[date, dict[Status, float]]]


def cumulative(course: Course | None, until: date, theme: Theme = "light", width: int = 860) -> Spec | None:
    """Steps by day up to `until`. The cancelled are in no stack. None where nothing has a figure."""
    if course is None:
        return None
    colours = COLOURS[theme]
    panels = [
        ("US dollars", money, _levels(course.points, until, lambda point: point.usd)),
        ("Gigawatts", power, _levels(course.points, until, lambda point: point.gw)),
    ]
    panels = [panel for panel in panels if any(level for _, level in panel[2])]
    met = [s for s in LADDER if any(s in level for *_, levels in panels for _, level in levels)]
    signs: list[tuple[str, Spec]] = [
        (str(status), {"shape": "square", "size": 90, "fill": colours.status[status]}) for status in met
    ]
    marks, top = legend(signs, width, colours.quiet)
    said = []
    for name, shown, levels in panels:
        top += 40
        total = shown(sum(levels[-1][1].values()))
        said.append(f"{name}: {total}")
        marks += [
            words(name, 2, top - 24, colours.ink, fontWeight="bold"),
            words(f"{total} in all", width - _RIGHT, top - 24, colours.quiet, align="right"),
            *_panel(levels, met, shown, (_LEFT, top, width - _LEFT - _RIGHT, _PANEL), colours),
        ]
        top += _PANEL + 18
    about = f"What the deals came to over time, by status. {'; '.join(said)} on {until.day} {until:%B %Y}."
    return frame(width, top + 8, about, marks)


def _levels(points: Sequence[Point], until: date, of: Callable[[Point], dict[Status, float]]) -> Levels:
    """The values that are in force from each day on, from nothing to what they are at the end."""
    first, last = points[0].day, max(until, points[-1].day)
    lead = timedelta(days=max(1, (last - first).days // 40))
    found: Levels = [(first - lead, {})]
    found += [(p.day, {s: v for s, v in of(p).items() if s is not Status.CANCELLED and v > 0}) for p in points]
    return [*found, (last + lead, found[-1][1])]


def _panel(
    levels: Levels,
    met: Sequence[Status],
    shown: Callable[[float], str],
    place: tuple[float, float, float, float],
    colours: Colours,
) -> list[Spec]:
    left, top, wide, high = place
    first, last = levels[0][0], levels[-1][0]
    steps = round_steps(max(sum(level.values()) for _, level in levels), 4)

    def x(day: date) -> float:
        return round(left + wide * (day - first).days / (last - first).days, 1)

    def y(value: float) -> float:
        return round(top + high * (1 - value / steps[-1]), 1)

    marks: list[Spec] = []
    for step in steps:
        marks.append(shape("rule", x=left, x2=left + wide, y=y(step), stroke=colours.line))
        marks.append(words(shown(step) if step else "0", left - 8, y(step), colours.quiet, align="right"))
    named = [(x(day), name) for day, name in days(first, last, max(2, int(wide // 80)))]
    marks += time_axis(named, top + high, left + wide, colours)
    base = [0.0] * len(levels)
    for status in met:
        tops = [at + level.get(status, 0.0) for at, (_, level) in zip(base, levels, strict=True)]
        if tops != base:
            days_at = [x(day) for day, _ in levels]
            path = _steps(days_at, [y(v) for v in tops], [y(v) for v in base])
            fill = colours.status[status]
            marks.append(shape("path", path=path, fill=fill))
        base = tops
    marks.append(shape("rule", x=left, x2=left + wide, y=top + high, stroke=colours.quiet))
    return marks


def _steps(x: Sequence[float], upper: Sequence[float], lower: Sequence[float]) -> str:
    """The path around an area whose bounds are level from each x to the next."""
    there = [f"H{at}V{y}" for at, y in zip(x[1:], upper[1:], strict=True)]
    back = [f"V{y}H{at}" for at, y in zip(reversed(x[:-1]), reversed(lower[:-1]), strict=True)]
    return f"M{x[0]},{upper[0]}{''.join(there)}V{lower[-1]}{''.join(back)}Z"
