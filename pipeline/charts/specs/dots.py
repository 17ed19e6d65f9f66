"""The deals on a timeline: when each was first reported, what it comes to, and its status. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from pipeline.charts.specs.theme import (
    COLOURS,
    Colours,
    Spec,
    Theme,
    fitted,
    frame,
    legend,
    money,
    power,
    shape,
    text_width,
    time_axis,
    words,
)
from pipeline.charts.specs.ticks import days, powers
from pipeline.domain import Dot, Status

_LEFT, _RIGHT = 58, 14
_OPEN = (Status.RUMOURED, Status.REPORTED)
_SHAPES = {Status.STALLED: "triangle-down", Status.CANCELLED: "cross", Status.CHANGED: "diamond"}
_ROWS, _ROW = 5, 20
"""In the strip of deals without a dollar figure, and how high each is."""
Box = tuple[float, float, float, float]


def timeline(
    dots: Sequence[Dot], until: date, theme: Theme = "light", width: int = 860, subject: str = "", most: int = 500
) -> Spec | None:
    """The weightiest deals by first report and dollars, with a line to the latest mention of each; None where there
    are none. The biggest are named, without the name of the subject."""
    if not dots:
        return None
    colours = COLOURS[theme]
    shown = sorted(sorted(dots, key=_weight)[-most:], key=_weight)  # the biggest are drawn last
    met = [s for s in Status if any(dot.status is s for dot in shown)]
    signs = [(str(status), _sign(status, colours)) for status in met]
    marks, top = legend(signs, width, colours.quiet)
    plot = _Plot(shown, until, width, top + 14)
    marks += plot.axes(colours)
    for dot in shown:
        x, y = plot.place[dot.deal]
        colour, end = colours.status[dot.status], plot.x(dot.last)
        if end - x > plot.size(dot):
            marks.append(shape("rule", x=x, x2=end, y=y, stroke=colour, strokeWidth=1.5, opacity=0.45))
        marks.append(shape("symbol", x=x, y=y, **_sign(dot.status, colours, plot.size(dot) ** 2 * 3.14)))
    marks += _names(list(reversed(shown)), plot, subject, colours)
    if len(dots) > most:
        said = f"The {most} biggest of {len(dots)} deals are shown."
        marks.append(words(said, width - _RIGHT, plot.bottom + 34, colours.quiet, align="right"))
    about = f"{len(dots)} deals by the day of their first report and their dollars, from {plot.first} to {plot.last}."
    return frame(width, plot.bottom + (46 if len(dots) > most else 28), about, marks)


def _weight(dot: Dot) -> tuple[float, float, date, int]:
    return dot.usd or 0.0, dot.gw or 0.0, dot.first, dot.deal


def _sign(status: Status, colours: Colours, size: float = 80) -> Spec:
    """Hollow while nobody has announced it; with a shape of its own where it came off the ladder."""
    colour = colours.status[status]
    fill = "transparent" if status in _OPEN else colour
    look = {"shape": _SHAPES.get(status, "circle"), "size": round(size), "fill": fill}
    return look | {"stroke": colour if status in _OPEN else colours.paper, "strokeWidth": 2 if status in _OPEN else 1}


class _Plot:
    """Where things stand, in pixels."""

    def __init__(self, dots: Sequence[Dot], until: date, width: float, top: float) -> None:
        self.left, self.right, self.top = float(_LEFT), float(width - _RIGHT), top
        self.first = min(dot.first for dot in dots)
        self.last = max(until, *(dot.last for dot in dots))
        lead = timedelta(days=max(1, (self.last - self.first).days // 40))
        self._days = (self.first - lead, self.last + lead)
        priced = [dot.usd for dot in dots if dot.usd]
        self.steps = powers(min(priced), max(priced)) if priced else []
        self.most = max(priced, default=0.0)
        self.floor = top + (70 * (len(self.steps) - 1) if self.steps else 0)
        bare = [dot for dot in sorted(dots, key=lambda dot: (dot.first, dot.deal)) if not dot.usd]
        rows = self._rows(bare)
        deep = max(rows.values(), default=-1) + 1
        self.bottom = self.floor + (deep * _ROW + 10 if deep else 4)
        self.strip = (self.floor + self.bottom) / 2 if deep else None
        self.place = {dot.deal: (self.x(dot.first), self.y(dot.usd)) for dot in dots if dot.usd}
        self.place |= {dot.deal: (self.x(dot.first), self.floor + _ROW * (rows[dot.deal] + 1)) for dot in bare}

    def x(self, day: date) -> float:
        first, last = self._days
        return round(self.left + (self.right - self.left) * (day - first).days / (last - first).days, 1)

    def y(self, usd: float) -> float:
        """On a scale on which each tenfold is as high as the next."""
        low, high = math.log10(self.steps[0]), math.log10(self.steps[-1])
        return round(self.floor - (self.floor - self.top) * (math.log10(usd) - low) / (high - low), 1)

    def size(self, dot: Dot) -> float:
        """The radius."""
        return 4 + (7 * (dot.usd / self.most) ** 0.5 if dot.usd else 0)

    def _rows(self, bare: Sequence[Dot]) -> dict[int, int]:
        """In which row of the strip each deal stands, so that they do not cover one another while there is room."""
        free = [self.left - 99.0] * _ROWS
        found = {}
        for dot in bare:
            x = self.x(dot.first)
            row = next((n for n, until in enumerate(free) if until <= x), min(range(_ROWS), key=free.__getitem__))
            free[row] = max(self.x(dot.last), x) + 14
            found[dot.deal] = row
        return found

    def axes(self, colours: Colours) -> list[Spec]:
        marks = []
        for step in self.steps:
            marks.append(shape("rule", x=self.left, x2=self.right, y=self.y(step), stroke=colours.line))
            marks.append(words(money(step), self.left - 8, self.y(step), colours.quiet, align="right"))
        if self.strip:
            for n, line in enumerate(("no dollar", "figure")):
                y = self.strip - 6 + 13 * n
                marks.append(words(line, self.left - 8, y, colours.quiet, align="right", fontSize=10.5))
        marked = days(*self._days, most=max(2, int((self.right - self.left) // 70)))
        marks += time_axis([(self.x(day), name) for day, name in marked], self.bottom, self.right, colours)
        return [*marks, shape("rule", x=self.left, x2=self.right, y=self.bottom, stroke=colours.quiet)]


def _names(dots: Sequence[Dot], plot: _Plot, subject: str, colours: Colours) -> list[Spec]:
    """The names of as many deals as find room beside their dots, the biggest first."""
    taken: list[Box] = []
    for dot in dots:
        (x, y), r = plot.place[dot.deal], plot.size(dot)
        taken += [(x - r, y - r, x + r, y + r), (x, y - 1, plot.x(dot.last), y + 1)]
    wide = plot.right - plot.left
    marks = []
    for dot in dots[: max(16, int(wide // 40))]:
        figure = money(dot.usd) if dot.usd else power(dot.gw) if dot.gw else ""
        label = f"{fitted(_short(dot.title, subject), max(100, wide / 4), 11)}  {figure}".strip()
        for align, box in _beside(*plot.place[dot.deal], plot.size(dot) + 4, text_width(label, 11)):
            inside = plot.left <= box[0] and box[2] <= plot.right + 8 and box[1] >= plot.top - 8
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                at = box[0] if align == "left" else box[2]
                marks.append(words(label, at, (box[1] + box[3]) / 2, colours.ink, align=align, fontSize=11))
                break
    return marks


def _beside(x: float, y: float, r: float, room: float) -> list[tuple[str, Box]]:
    """Where a name of this width may stand, the best place first: with how it is aligned there."""
    right, left = (x + r, x + r + room), (x - r - room, x - r)
    sides = [("left", right, -6), ("left", right, -14), ("right", left, -6), ("left", right, 2)]
    sides += [("left", right, -22), ("right", left, -14), ("right", left, 2), ("left", right, 10), ("right", left, -22)]
    return [(align, (start, y + down, end, y + down + 12)) for align, (start, end), down in sides]


def _short(title: str, subject: str) -> str:
    for lead in (f"{subject} and ", f"{subject}: "):
        if subject and title.startswith(lead):
            return title.removeprefix(lead)
    return title


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
