"""Colours, letters and figures as all charts have them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.domain import Flow, Status

Theme = Literal["light", "dark"]
Spec = dict[str, Any]
FONT = "system-ui, 'Liberation Sans', Arial, sans-serif"
SIZE = 12
"""Of letters, in pixels."""
LADDER = (
    Status.OPERATING,
    Status.SIGNED,
    Status.ANNOUNCED,
    Status.CHANGED,
    Status.REPORTED,
    Status.RUMOURED,
    Status.STALLED,
)
"""In which order statuses are stacked, the surest at the bottom."""


@dataclass(frozen=True)
class Colours:
    """`paper` is what charts are made to lie on. All but `line` stand out from it by 3 to 1, `ink` and `quiet` by 4.5.

    Those of statuses are apart also for who does not see red, green or blue; those on the way up one ladder of blues.
    """

    paper: str
    ink: str
    quiet: str
    line: str
    status: dict[Status, str]
    flow: dict[Flow, str]


COLOURS: dict[Theme, Colours] = {
    "light": Colours(
        paper="#ffffff",
        ink="#1d2126",
        quiet="#5c636c",
        line="#e2e5e9",
        status={
            Status.RUMOURED: "#8b929b",
            Status.REPORTED: "#715e0c",
            Status.ANNOUNCED: "#3d93d8",
            Status.SIGNED: "#1a5ca8",
            Status.OPERATING: "#0b2745",
            Status.CHANGED: "#b81be9",
            Status.STALLED: "#e06c47",
            Status.CANCELLED: "#a8404c",
        },
        flow={Flow.SUPPLIES: "#2c7cc4", Flow.FINANCES: "#b36b00", Flow.OWNS: "#9a2f86", Flow.JOINS: "#858c95"},
    ),
    "dark": Colours(
        paper="#14171a",
        ink="#e8eaed",
        quiet="#a0a7b0",
        line="#2f343a",
        status={
            Status.RUMOURED: "#7b828b",
            Status.REPORTED: "#e0b017",
            Status.ANNOUNCED: "#3f88cc",
            Status.SIGNED: "#86bdf2",
            Status.OPERATING: "#e3f0ff",
            Status.CHANGED: "#be15a1",
            Status.STALLED: "#ef3f1a",
            Status.CANCELLED: "#b9353d",
        },
        flow={Flow.SUPPLIES: "#5aa5e6", Flow.FINANCES: "#e0a03a", Flow.OWNS: "#b84fa3", Flow.JOINS: "#7f868f"},
    ),
}


def frame(width: float, height: float, about: str, marks: Sequence[Spec], **more: Any) -> Spec:
    """A picture of this size in pixels; `about` says in words what it shows, for who does not see it."""
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "description": about,
        "width": width,
        "height": height,
        "padding": 0,
        "autosize": "none",
        "background": None,
        "marks": list(marks),
        **more,
    }


def text_width(text: str, size: float = SIZE) -> float:
    """About how many pixels wide it stands; rather too many."""
    return sum(map(_letter, text)) * size


def _letter(char: str) -> float:
    """How wide it is by the size of the letters, in common faces without serifs."""
    if char in "iIjl.,:;'|()ft ":
        return 0.34
    if char in "mMWw@%…":
        return 0.95
    return 0.72 if char.isupper() else 0.58 if char.isascii() else 1.0


def fitted(text: str, width: float, size: float = SIZE) -> str:
    """The text, cut with an ellipsis where it is wider than this."""
    text = " ".join(text.split())
    whole, cut = width / size, width / size - _letter("…")
    taken, fits = 0.0, 0
    for at, char in enumerate(text, 1):
        taken += _letter(char)
        if taken > whole:
            return f"{text[:fits].rstrip(' …')}…" if cut >= 0 else ""
        if taken <= cut:
            fits = at
    return text


def money(value: float) -> str:
    """$1.4 tn, $38 bn, $250 m: as short as axes and labels want it."""
    for size, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if value >= 0.9995 * size:
            return f"${float(f'{value / size:.3g}'):g} {name}"
    return f"${value:,.0f}"


def power(value: float) -> str:
    """10 GW, 600 MW."""
    return f"{float(f'{value:.3g}'):g} GW" if value >= 0.9995 or not value else f"{float(f'{value * 1000:.3g}'):g} MW"


def words(text: str, x: float, y: float, colour: str, **more: Any) -> Spec:
    """A text at a place, in pixels."""
    look = {"font": FONT, "fontSize": SIZE, "fill": colour, "baseline": "middle", "align": "left", **more}
    values = {name: {"value": value} for name, value in {"x": x, "y": y, "text": text, **look}.items()}
    return {"type": "text", "encode": {"enter": values}}


def time_axis(marked: Sequence[tuple[float, str]], y: float, right: float, colours: Colours) -> list[Spec]:
    """The marks of an axis of time and what is written below them, so that nothing passes the right edge."""
    marks = []
    for x, name in marked:
        end = x + text_width(name) / 2 > right
        marks.append(shape("rule", x=x, y=y, y2=y + 4, stroke=colours.quiet))
        at, align = (max(x, right), "right") if end else (x, "center")
        marks.append(words(name, at, y + 14, colours.quiet, align=align))
    return marks


def shape(kind: str, **values: Any) -> Spec:
    """A mark of Vega with these values."""
    return {"type": kind, "encode": {"enter": {name: {"value": value} for name, value in values.items()}}}


def legend(entries: Sequence[tuple[str, Spec]], width: float, ink: str) -> tuple[list[Spec], float]:
    """Names beside their signs, at the top in as many rows as they need; with the height of it all.

    A sign is what a symbol of Vega is made of, without its place.
    """
    marks: list[Spec] = []
    x, y = 0.0, 8.0
    for name, sign in entries:
        wide = 20 + text_width(name) + 14
        if x and x + wide - 14 > width:
            x, y = 0.0, y + 20
        marks += [shape("symbol", x=x + 8, y=y, **sign), words(name, x + 20, y, ink)]
        x += wide
    return marks, y + 14
