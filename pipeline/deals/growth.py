"""The growth of a ledger in a dozen bars, for the digest. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from pipeline.deals.books import dollars
from pipeline.deals.progress import Progress
from pipeline.domain import Bar, Growth

_BARS = 12


def growth(progress: Progress, title: str, end: datetime, fresh: Collection[int]) -> Growth | None:
    """What the deals of the watch of this title came to up to `end`, which is in the reader's zone.

    `fresh` are the articles of the edition: what they made of the deals is what was added. None without dollars.
    """
    moves = progress.dollars
    total = round(sum(usd for _, usd in moves), 2)
    if total <= 0:
        return None
    ends, named = _ends(datetime.fromtimestamp(min(moves)[0], UTC), end)
    bars = [Bar(name, max(0.0, level)) for name, level in zip(named, _levels(moves, ends), strict=True)]
    bars[-1] = Bar(bars[-1].name, total)
    added = round(progress.added(fresh), 2)
    return Growth(title, tuple(bars), added, _words(total, added, bars))


def _levels(moves: Iterable[tuple[float, float]], ends: Sequence[datetime]) -> Iterable[float]:
    """What the moves came to before each of the ends, which are in order."""
    times = [end.timestamp() for end in ends]
    added = [0.0] * (len(ends) + 1)
    for at, usd in moves:
        added[bisect_right(times, at)] += usd
    return accumulate(added[:-1])


def _ends(first: datetime, end: datetime) -> tuple[list[datetime], list[str]]:
    """The ends of the periods, and their names: months, or weeks or days where the ledger is young."""
    age = end - first
    if age > timedelta(weeks=_BARS):
        month = end.year * 12 + end.month - 1
        starts = [month - _BARS + 1 + n for n in range(_BARS)]
        ends = [end.replace(year=(m + 1) // 12, month=(m + 1) % 12 + 1, day=1, hour=0, minute=0) for m in starts[:-1]]
        return [*ends, end], [f"{datetime(m // 12, m % 12 + 1, 1, tzinfo=end.tzinfo):%b}" for m in starts]
    step = timedelta(weeks=1) if age > timedelta(days=_BARS) else timedelta(days=1)
    ends = [end - step * (_BARS - 1 - n) for n in range(_BARS)]
    return ends, [f"{at.day} {at:%b}" for at in ends]


def _words(total: float, added: float, bars: Sequence[Bar]) -> str:
    """The figures, for who does not see them."""
    said = f"The deals of the ledger come to {dollars(total)}"
    if added >= 0.5:
        said += f", {dollars(added)} of it new in this edition"
    elif added <= -0.5:
        said += f", {dollars(-added)} less than before this edition"
    then = next((bar for bar in bars if bar.usd > 0), None)
    if then and then is not bars[-1]:
        said += f"; at the end of {then.name} it was {dollars(then.usd)}"
    return f"{said}."
