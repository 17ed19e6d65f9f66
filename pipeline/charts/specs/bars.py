"""The digest's small chart: what a ledger came to over twelve periods, with what the day added. Pure."""

from __future__ import annotations

from pipeline.charts.specs.theme import COLOURS, Spec, Theme, frame, money, shape, text_width, words
from pipeline.charts.specs.ticks import round_steps
from pipeline.domain import Growth, Status

_LEFT, _TOP, _HIGH = 52, 22, 120


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
    marks: list[Spec] = []

    def y(value: float) -> float:
        return round(floor - _HIGH * value / steps[-1], 1)

    for step in steps:
        marks.append(shape("rule", x=_LEFT, x2=width - 4, y=y(step), stroke=colours.line))
        marks.append(words(money(step) if step else "0", _LEFT - 8, y(step), colours.quiet, align="right", fontSize=11))
    for n, bar in enumerate(growth.bars):
        last = n == len(growth.bars) - 1
        x, wide = round(_LEFT + slot * (n + 0.18), 1), round(slot * 0.64, 1)
        old = max(0.0, bar.usd - growth.added) if last and growth.added > 0 else bar.usd
        calm, fresh = colours.status[Status.ANNOUNCED], colours.status[Status.OPERATING]
        marks.append(shape("rect", x=x, width=wide, y=y(old), y2=floor, fill=calm))
        if old < bar.usd:
            marks.append(shape("rect", x=x, width=wide, y=min(y(bar.usd), y(old) - 2), y2=y(old) - 1, fill=fresh))
        if last or n % 2 == (len(growth.bars) - 1) % 2 or slot > 40:
            marks.append(words(bar.name, x + wide / 2, floor + 13, colours.quiet, align="center", fontSize=11))
    end = growth.bars[-1].usd
    label = money(end) + (f" (+{money(growth.added)})" if growth.added >= 0.5 else "")
    right = min(width - 4, _LEFT + slot * (len(growth.bars) - 0.5) + text_width(label) / 2)
    marks.append(words(label, right, y(end) - 10, colours.ink, align="right", fontWeight="bold"))
    marks.append(shape("rule", x=_LEFT, x2=width - 4, y=floor, stroke=colours.quiet))
    return frame(width, floor + 24, growth.words, marks, background=colours.paper)
