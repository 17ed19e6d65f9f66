"""One digest for each local day, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipeline import flow
from pipeline.flow import Tools
from pipeline.store import outbox
from tests.conftest import MakeTools
from tests.support.world import FixedClock


def editions(tools: Tools) -> list[str]:
    """The days of the digests in the outbox, in the order in which they were written."""
    with tools.store.read() as session:
        return [row.payload["day"] for row in outbox.listing(session, most=1000)[::-1] if row.kind == "digest"]


def live(tools: Tools, moments: Iterator[datetime], clock: FixedClock) -> None:
    """What the daemon does at each of these moments."""
    for moment in moments:
        clock.at = moment
        if day := flow.digest_due(tools):
            flow.digest(tools.settings, tools.store, clock.now(), day)


def minutes(start: datetime, end: datetime, step: int = 20) -> Iterator[datetime]:
    while start < end:
        yield start
        start += timedelta(minutes=step)


def days(start: date, count: int) -> list[str]:
    return [str(start + timedelta(days=n)) for n in range(count)]


@pytest.mark.parametrize("at", ["00:00", "01:30", "02:00", "02:30", "03:00", "07:00", "23:59"])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 0, 2, tzinfo=UTC)),  # 02:00 to 03:00 does not exist on the 29th
        ("Europe/Berlin", datetime(2026, 10, 24, 0, 2, tzinfo=UTC)),  # and comes twice on the 25th
        ("America/New_York", datetime(2026, 3, 7, 6, 2, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 6, 2, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 6, 2, tzinfo=UTC)),  # half an hour
    ],
)
def test_days_on_which_the_clocks_change(
    make_tools: MakeTools, clock: FixedClock, zone: str, start: datetime, at: str
) -> None:
    """Each local day around the change brings one digest, also where its hour is skipped or comes twice."""
    clock.at = start - timedelta(days=5)
    tools = make_tools("https://a.example/feed", digest={"timezone": zone, "at": at})
    live(tools, minutes(start - timedelta(days=1), start + timedelta(hours=8), 240), clock)
    live(tools, minutes(start + timedelta(hours=8), start + timedelta(hours=32)), clock)  # the change lies here
    live(tools, minutes(start + timedelta(hours=32), start + timedelta(days=3), 240), clock)
    end = clock.now().astimezone(ZoneInfo(zone))
    last = end.date() - timedelta(days=0 if f"{end:%H:%M}" >= at else 1)

    assert editions(tools) == days(last - timedelta(days=len(editions(tools)) - 1), len(editions(tools)))
    assert len(editions(tools)) >= 4


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=7), timedelta(days=2)])
@pytest.mark.parametrize("moment", [timedelta(0), timedelta(minutes=1), timedelta(minutes=59), timedelta(hours=12)])
def test_a_clock_that_is_set_back(make_tools: MakeTools, clock: FixedClock, back: timedelta, moment: timedelta) -> None:
    """Time that comes twice brings no digest twice, and the next one comes on its day."""
    out = datetime(2026, 3, 13, 7, 0, tzinfo=UTC)
    clock.at = out - timedelta(days=5)
    tools = make_tools("https://a.example/feed")
    live(tools, minutes(out - timedelta(days=4), out - timedelta(hours=1), 240), clock)
    live(tools, minutes(out - timedelta(hours=1), out + moment + timedelta(minutes=1)), clock)
    live(tools, minutes(out + moment - back, out + timedelta(days=1, hours=1), 30), clock)

    assert editions(tools) == days(date(2026, 3, 9), 6)


def test_a_clock_that_is_set_ahead(make_tools: MakeTools, clock: FixedClock) -> None:
    """Of the days that were jumped over one digest comes, which covers them all; back in time none comes twice."""
    out = datetime(2026, 3, 13, 7, 0, tzinfo=UTC)
    clock.at = out - timedelta(days=2)
    tools = make_tools("https://a.example/feed")
    live(tools, minutes(out - timedelta(days=1), out + timedelta(hours=1)), clock)
    live(tools, minutes(out + timedelta(days=5, hours=1), out + timedelta(days=5, hours=2)), clock)
    live(tools, minutes(out + timedelta(hours=3), out + timedelta(days=7), 240), clock)

    found = editions(tools)
    assert len(found) == len(set(found))
    assert sorted(found) == days(date(2026, 3, 12), 8)
