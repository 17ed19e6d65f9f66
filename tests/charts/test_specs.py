"""What charts look like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest

from pipeline.charts import specs
from pipeline.charts.specs.theme import COLOURS, Theme, fitted, legend, money, power, text_width
from pipeline.charts.specs.ticks import days, powers, round_steps
from pipeline.domain import Bar, Course, Dot, Edge, Flow, Growth, Kind, Network, Party, Point, Status

BN = 1e9
DAY = date(2026, 3, 1)
THEMES: tuple[Theme, ...] = ("light", "dark")
HOSTILE = "<script>alert(1)</script> & \"'\ud800".encode(errors="replace").decode()


def dot(n: int, usd: float | None = None, title: str = "", status: Status = Status.SIGNED) -> Dot:
    return Dot(n, title or f"OpenAI and Company {n} (chips)", Kind.CHIPS, status, DAY + timedelta(days=n),
               DAY + timedelta(days=n + n % 9), usd, n / 10 or None)  # fmt: skip


DOTS = [dot(n, (n + 1) * BN if n % 3 else None, status=list(Status)[n % 8]) for n in range(60)]
COURSE = Course(
    (
        Point(DAY, {Status.RUMOURED: 5 * BN}, {}),
        Point(DAY + timedelta(days=9), {Status.SIGNED: 7 * BN, Status.CANCELLED: 90 * BN}, {Status.SIGNED: 2.5}),
    ),
    ("note",),
)


def ring(count: int, most_usd: float = 300 * BN) -> Network:
    edges = []
    for n in range(count):
        party = Party(f"c{n}", f"Company of a rather long name {n}", "supplier")
        edges.append(Edge(party, list(Flow)[n % 3], (n,), most_usd / (n + 1), 1.0))
        if n % 5 == 0:
            edges.append(Edge(party, Flow.JOINS, (n + 100,), 0.0, 0.0))
    return Network("OpenAI", tuple(edges), frozenset({"c0"}), 4, ())


GROWTH = Growth("Deals", tuple(Bar(f"{n} Mar", n * BN) for n in range(12)), 2 * BN, "It comes to $11 billion.")


def charts(theme: Theme = "light", width: int = 860) -> dict[str, specs.Spec | None]:
    until = DAY + timedelta(days=80)
    return {
        "timeline": specs.timeline(DOTS, until, theme, width, "OpenAI", most=50),
        "cumulative": specs.cumulative(COURSE, until, theme, width),
        "network": specs.network(ring(30), theme, width),
        "bars": specs.bars_small(GROWTH, theme, width),
    }


def texts(spec: Any) -> Iterator[dict[str, Any]]:
    for mark in spec["marks"]:
        if mark["type"] == "text":
            yield {name: given["value"] for name, given in mark["encode"]["enter"].items()}


def box(text: dict[str, Any]) -> tuple[float, float, float, float]:
    wide, high = text_width(text["text"], text["fontSize"]), text["fontSize"]
    left = text["x"] - {"left": 0.0, "center": wide / 2, "right": wide}[text["align"]]
    return left, text["y"] - high / 2, left + wide, text["y"] + high / 2


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [390, 1200])
def test_no_text_leaves_the_picture_or_covers_another(theme: Theme, width: int) -> None:
    """At the widths of a phone and of a desk, each text stands within the picture, and none upon another."""
    for name, spec in charts(theme, width).items():
        assert spec
        assert spec["width"] == width
        boxes = [(text["text"], box(text)) for text in texts(spec)]
        for said, (left, top, right, bottom) in boxes:
            assert left >= -2, (name, said)
            assert right <= width + 2, (name, said)
            assert top >= -1, (name, said)
            assert bottom <= spec["height"] + 1, (name, said)
        for (one, a), (other, b) in combinations(boxes, 2):
            shared = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert min(shared) <= 3, (name, one, other)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_stand_out(theme: Theme) -> None:
    """Marks by 3 to 1 from the paper (WCAG 2.2, 1.4.11), letters by 4.5 to 1 (1.4.3)."""
    colours = COLOURS[theme]

    for colour in (*colours.status.values(), *colours.flow.values()):
        assert contrast(colour, colours.paper) >= 3
    assert contrast(colours.quiet, colours.paper) >= 4.5
    assert contrast(colours.ink, colours.paper) >= 4.5
    assert set(colours.status) == set(Status)
    assert set(colours.flow) == set(Flow)


SEEN_BY = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopes": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopes": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""How colours look to people: matrices over linear RGB, from Machado, Oliveira and Fernandes (2009)."""


def lab(colour: str, eye: str) -> tuple[float, float, float]:
    """The colour in CIE L*a*b* (D65), as it looks to these people."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    r, g, b = (min(1, max(0, sum(k * v for k, v in zip(row, linear, strict=True)))) for row in SEEN_BY[eye])
    white = (0.9505, 1.0, 1.089)
    xyz = (0.4125 * r + 0.3576 * g + 0.1804 * b, 0.2127 * r + 0.7152 * g + 0.0722 * b,
           0.0193 * r + 0.1192 * g + 0.9503 * b)  # fmt: skip
    x, y, z = (v / w for v, w in zip(xyz, white, strict=True))
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("eye", SEEN_BY)
@pytest.mark.parametrize("theme", THEMES)
def test_statuses_are_told_apart(theme: Theme, eye: str) -> None:
    """Also by who sees no red, green or blue: any two are far apart."""
    for kind in (COLOURS[theme].status, COLOURS[theme].flow):
        for one, other in combinations(kind.values(), 2):
            a, b = lab(one, eye), lab(other, eye)
            assert sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 >= 13, (one, other)


def test_nothing_to_draw_is_no_chart() -> None:
    """None in place of an empty picture."""
    nothing = Growth("Deals", (Bar("Mar", 0.0),), 0.0, "")

    assert specs.timeline([], DAY) is None
    assert specs.cumulative(None, DAY) is None
    assert specs.network(None) is None
    assert specs.bars_small(None) is None
    assert specs.bars_small(nothing) is None


def test_the_same_values_make_the_same_chart() -> None:
    """Whatever was drawn before."""
    assert json.dumps(charts()) == json.dumps(charts())


def test_a_chart_is_data_only() -> None:
    """No signal, expression, link or address is in it, whatever a title says: all is placed beforehand."""
    spec = specs.timeline([dot(1, BN, title=HOSTILE)], DAY, subject="")
    assert spec
    named = [text["text"] for text in texts(spec)]

    assert any(name.startswith("<script>") for name in named)
    for each in (spec, *charts().values()):
        assert each
        assert each.keys() <= {
            "$schema",
            "description",
            "width",
            "height",
            "padding",
            "autosize",
            "background",
            "marks",
        }
        for mark in each["marks"]:
            assert mark["type"] in ("text", "rule", "symbol", "path", "rect")
            assert "href" not in mark["encode"]["enter"]
            assert all(list(given) == ["value"] for given in mark["encode"]["enter"].values())


def test_the_biggest_deals_are_named_without_the_subject() -> None:
    """With their figures; the deals left out are counted."""
    spec = charts()["timeline"]
    named = [text["text"] for text in texts(spec)]

    assert "Company 59 (chips)  $60 bn" in named
    assert not [name for name in named if "OpenAI" in name]
    assert "The 50 biggest of 60 deals are shown." in named


def test_the_cancelled_are_in_no_stack() -> None:
    """What is cancelled is in neither panel, nor in the totals above them."""
    spec = charts()["cumulative"]
    named = [text["text"] for text in texts(spec)]

    assert "$7 bn in all" in named
    assert "2.5 GW in all" in named
    assert "cancelled" not in named
    assert spec
    assert "US dollars: $7 bn; Gigawatts: 2.5 GW" in spec["description"]


@pytest.mark.parametrize("count", [1, 2, 10, 30, 40])
def test_companies_stand_apart(count: int) -> None:
    """Each on a line of its own, both arcs about as full as each other, the subject in the middle."""
    spec = specs.network(ring(count), "light", 390)
    assert spec
    hub = next(text for text in texts(spec) if text["text"] == "OpenAI")
    names = [text for text in texts(spec) if text["text"].startswith("Company")]

    assert hub["x"] == 195
    for side in ("left", "right"):
        rows = sorted(text["y"] for text in names if text["align"] == side)
        assert all(b - a >= 29 for a, b in pairwise(rows))
        assert abs(len(rows) - count / 2) <= 0.5
    assert any("and 4 lighter companies" in text["text"] for text in texts(spec))


def test_what_the_edition_added_stands_out() -> None:
    """As the top of the last bar, in another colour, and in words; nothing stands out where nothing was added."""
    spec, calm = charts()["bars"], specs.bars_small(Growth("Deals", GROWTH.bars, 0.0, ""))
    assert spec
    assert calm
    fills = [[m["encode"]["enter"]["fill"]["value"] for m in s["marks"] if m["type"] == "rect"] for s in (spec, calm)]

    assert len(set(fills[0])) == 2
    assert len(set(fills[1])) == 1
    assert "$11 bn (+$2 bn)" in [text["text"] for text in texts(spec)]
    assert spec["description"] == GROWTH.words


@pytest.mark.parametrize(
    ("first", "last", "most", "names"),
    [
        (date(2026, 3, 1), date(2026, 3, 4), 6, ["1 Mar", "2 Mar", "3 Mar", "4 Mar"]),
        (date(2026, 3, 2), date(2026, 3, 30), 5, ["2 Mar", "9 Mar", "16 Mar", "23 Mar", "30 Mar"]),
        (date(2025, 11, 20), date(2026, 3, 2), 5, ["Dec", "2026", "Feb", "Mar"]),
        (date(2020, 6, 1), date(2026, 3, 2), 7, ["2021", "2022", "2023", "2024", "2025", "2026"]),
        (date(1990, 6, 1), date(2026, 3, 2), 3, ["2000", "2010", "2020"]),
    ],
)
def test_days_of_an_axis(first: date, last: date, most: int, names: list[str]) -> None:
    """In steps that people know, no more of them than there is room for."""
    assert [name for _, name in days(first, last, most)] == names


def test_steps_of_an_axis() -> None:
    """Round ones, the last at or above the top."""
    assert round_steps(517 * BN, 4) == [0, 200 * BN, 400 * BN, 600 * BN]
    assert round_steps(0, 4) == [0, 1]
    assert powers(2e8, 4e11) == [1e8, 1e9, 1e10, 1e11, 1e12]
    assert powers(1e9, 1e9) == [1e9, 1e10]


def test_figures_are_short() -> None:
    """Three digits and the scale; a text that is too wide is cut."""
    assert [money(value) for value in (1.4e12, 999.6e9, 38e9, 2.5e8, 12.0)] == [
        "$1.4 tn",
        "$1 tn",
        "$38 bn",
        "$250 m",
        "$12",
    ]
    assert [power(value) for value in (10, 1.234, 0.6, 0)] == ["10 GW", "1.23 GW", "600 MW", "0 GW"]
    assert text_width(fitted("A company of a long name", 80)) <= 80
    assert fitted("A company of a long name", 80).endswith("…")
    assert fitted("Short", 80) == "Short"


def test_a_legend_breaks_into_rows() -> None:
    """Where it is wider than the picture."""
    signs: list[tuple[str, specs.Spec]] = [(f"status {n}", {"shape": "circle"}) for n in range(8)]

    assert legend(signs, 2000, "#000000")[1] == 22
    assert legend(signs, 300, "#000000")[1] > 40
