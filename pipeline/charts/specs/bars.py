"""The digest's small chart: what a ledger came to over twelve periods, with what the day added. Pure."""

from __future__ import annotations

import math

from pipeline.charts.specs.theme import COLOURS, Spec, Theme, frame, money, shape, text_width, words
from pipeline.charts.specs.ticks import round_steps
from pipeline.domain import Growth, Status

_LEFT, _TOP, _HIGH, _SIZE = 66, 26, 140, 15
"""In pixels; the letters are large, for phones make the picture smaller."""


def bars_small(growth: Growth | None, theme: Theme = "light", width: int = 560) -> Spec | None:
    """A bar for each period, the last one with what is new standing out; None where there are no dollars.

    It lies on the theme's paper, for mails that know no other.
    """
    if growth is None or not any(bar.usd for bar in growth.bars):
        return None
    colours = COLOURS[theme]
    steps = round_steps(max(bar.usd for bar in growth.bars), 3)
    slot = (width - _LEFT - 4) / len(growth.bars)
    floor = _TOP + _HIGH
    every = math.ceil((max(text_width(bar.name, _SIZE) for bar in growth.bars) + 12) / slot)
    marks: list[Spec] = []

    def y(value: float) -> float:
        return round(floor - _HIGH * value / steps[-1], 1)

    for step in steps:
        marks.append(shape("rule", x=_LEFT, x2=width - 4, y=y(step), stroke=colours.line))
        marks.append(
            words(money(step) if step else "0", _LEFT - 8, y(step), colours.quiet, align="right", fontSize=_SIZE)
        )
    for n, bar in enumerate(growth.bars):
        last = n == len(growth.bars) - 1
        x, wide = round(_LEFT + slot * (n + 0.18), 1), round(slot * 0.64, 1)
        old = max(0.0, bar.usd - growth.added) if last and growth.added > 0 else bar.usd
        calm, fresh = colours.status[Status.ANNOUNCED], colours.status[Status.OPERATING]
        marks.append(shape("rect", x=x, width=wide, y=y(old), y2=floor, fill=calm))
        if old < bar.usd:
            marks.append(shape("rect", x=x, width=wide, y=min(y(bar.usd), y(old) - 2), y2=y(old) - 1, fill=fresh))
        if (len(growth.bars) - 1 - n) % every == 0:
            at = min(x + wide / 2, width - 4 - text_width(bar.name, _SIZE) / 2)
            marks.append(words(bar.name, at, floor + 15, colours.quiet, align="center", fontSize=_SIZE))
    end = growth.bars[-1].usd
    label = money(end) + (f" (+{money(growth.added)})" if 0.5 <= growth.added < 0.999 * end else "")
    right = min(width - 4, _LEFT + slot * (len(growth.bars) - 0.5) + text_width(label, _SIZE) / 2)
    marks.append(words(label, right, y(end) - 12, colours.ink, align="right", fontWeight="bold", fontSize=_SIZE))
    marks.append(shape("rule", x=_LEFT, x2=width - 4, y=floor, stroke=colours.quiet))
    return frame(width, floor + 28, growth.words, marks, background=colours.paper)
