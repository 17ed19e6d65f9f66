"""The daily edition."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest import DealsOfDay, bounds, compose, current_day, latest_day
from pipeline.domain import Level
from tests.notify.samples import ALERT, LEDGER, alert

BERLIN = ZoneInfo("Europe/Berlin")
SEVEN = time(7)
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")]
)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
MOMENTS = st.integers(1_577_836_800, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("day", "at", "hours"),
    [
        (date(2026, 3, 28), SEVEN, 24),
        (date(2026, 3, 29), SEVEN, 23),
        (date(2026, 3, 30), SEVEN, 24),
        (date(2026, 10, 24), SEVEN, 24),
        (date(2026, 10, 25), SEVEN, 25),
        (date(2026, 10, 26), SEVEN, 24),
        (date(2026, 3, 30), time(0, 30), 23),
        (date(2026, 10, 26), time(0, 30), 25),
    ],
)
def test_an_edition_covers_the_local_day(day: date, at: time, hours: int) -> None:
    """From edition time to edition time: 23 hours when the clocks go forward, 25 when they go back."""
    start, end = bounds(day, at, BERLIN)

    assert end - start == timedelta(hours=hours)
    assert end.astimezone(BERLIN).replace(tzinfo=None) == datetime.combine(day, at)
    assert start.tzinfo is UTC


def test_edition_time_that_does_not_exist() -> None:
    """Half past two on the day it is skipped is an hour later on the clock, and the day is not lost."""
    _, end = bounds(date(2026, 3, 29), time(2, 30), BERLIN)

    assert end.astimezone(BERLIN).isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    ("clock", "latest"),
    [
        ("2026-03-10T06:59:59+01:00", date(2026, 3, 9)),
        ("2026-03-10T07:00:00+01:00", date(2026, 3, 10)),
        ("2026-03-10T23:59:59+01:00", date(2026, 3, 10)),
        ("2026-03-11T00:00:00+01:00", date(2026, 3, 10)),
        ("2026-03-09T23:30:00+00:00", date(2026, 3, 9)),
        ("2026-03-29T05:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T04:59:59+00:00", date(2026, 3, 28)),
    ],
)
def test_latest_and_current_day(clock: str, latest: date) -> None:
    """The latest edition's time has come to the second; the current one is the next."""
    now = datetime.fromisoformat(clock).astimezone(UTC)

    assert latest_day(now, SEVEN, BERLIN) == latest
    assert current_day(now, SEVEN, BERLIN) == latest + timedelta(days=1)


@given(day=DAYS, at=TIMES, zone=ZONES)
def test_editions_touch(day: date, at: time, zone: ZoneInfo) -> None:
    """Each edition begins where the one before ended, so nothing falls between two or stands in both."""
    start, end = bounds(day, at, zone)

    assert bounds(day - timedelta(days=1), at, zone)[1] == start < end


@given(now=MOMENTS, at=TIMES, zone=ZONES)
def test_every_moment_belongs_to_the_current_edition(now: datetime, at: time, zone: ZoneInfo) -> None:
    """Whatever is found now stands in the edition that is being gathered now."""
    start, end = bounds(current_day(now, at, zone), at, zone)

    assert start <= now < end


def test_compose_orders_sections_as_configured() -> None:
    """Watches stand in their order, empty ones too; then those that left the configuration, if they have alerts."""
    gone = alert(watch="gone", article=8)
    second = alert(watch="b", article=9)
    span = bounds(date(2026, 3, 10), SEVEN, BERLIN)
    digest = compose(
        day=date(2026, 3, 10),
        span=span,
        zone="Europe/Berlin",
        now=span[1],
        watches={"b": "Second", "a": "First"},
        alerts=[gone, second, alert(watch="gone", article=9)],
        articles=5,
        feeds=2,
        feed_news=(),
        undelivered=iter(()),
    )

    assert [(section.watch, section.title) for section in digest.sections] == [
        ("b", "Second"),
        ("a", "First"),
        ("gone", "gone"),
    ]
    assert [[found.article for found in section.alerts] for section in digest.sections] == [[9], [], [8, 9]]
    assert digest.flagged == 2
    assert digest.complete


def test_an_edition_is_incomplete_before_its_end() -> None:
    """While its time has not come, an edition says so."""
    span = bounds(date(2026, 3, 10), SEVEN, BERLIN)
    digest = compose(
        day=date(2026, 3, 10),
        span=span,
        zone="Europe/Berlin",
        now=span[1] - timedelta(seconds=1),
        watches={},
        alerts=[ALERT],
        articles=1,
        feeds=1,
        feed_news=(),
        undelivered=(),
    )

    assert not digest.complete


def test_what_a_piece_is_about_stands_before_what_it_mentions() -> None:
    """Within a section, and otherwise in the order given."""
    asides = [alert(article=1, level=Level.MENTIONS), alert(article=3, level=Level.MENTIONS)]
    span = bounds(date(2026, 3, 10), SEVEN, BERLIN)
    digest = compose(
        day=date(2026, 3, 10),
        span=span,
        zone="Europe/Berlin",
        now=span[1],
        watches={ALERT.watch: "Deals"},
        alerts=[asides[0], alert(article=2), asides[1], alert(article=4)],
        articles=5,
        feeds=2,
        feed_news=(),
        undelivered=(),
    )

    assert [found.article for found in digest.sections[0].alerts] == [2, 4, 1, 3]


def test_an_article_of_a_deal_does_not_stand_by_itself() -> None:
    """A section of a ledger holds its deals and the other articles; what is flagged is counted all the same."""
    span = bounds(date(2026, 3, 10), SEVEN, BERLIN)
    deals = DealsOfDay(LEDGER.new, LEDGER.changed, LEDGER.corroborated, frozenset({1, 2, 3}), LEDGER.gone_quiet)
    digest = compose(
        day=date(2026, 3, 10),
        span=span,
        zone="Europe/Berlin",
        now=span[1],
        watches={ALERT.watch: "Deals", "plain": "Plain", "still": "Still"},
        alerts=[alert(article=n) for n in (1, 2, 4)] + [alert(article=3, watch="plain")],
        articles=5,
        feeds=2,
        feed_news=(),
        undelivered=(),
        deals={ALERT.watch: deals, "still": DealsOfDay()},
    )

    ledger, plain, _ = digest.sections
    assert [found.article for found in ledger.alerts] == [4]
    assert (ledger.new, ledger.changed, ledger.corroborated) == (LEDGER.new, LEDGER.changed, LEDGER.corroborated)
    assert ledger.gone_quiet == LEDGER.gone_quiet
    assert [found.article for found in plain.alerts] == [3]
    assert [section.ledger for section in digest.sections] == [True, False, True]
    assert [section.quiet for section in digest.sections] == [False, False, True]
    assert digest.flagged == 4


def test_who_joined_a_story_is_named_with_the_first() -> None:
    """The sources of the first and of those that joined it, each once; one told in an earlier edition is left out."""
    span = bounds(date(2026, 3, 10), time(7), ZoneInfo("Europe/Berlin"))
    sources = {1: ("A", "B"), 2: ("B", "C"), 3: ("D",)}
    digest = compose(
        day=date(2026, 3, 10),
        span=span,
        zone="Europe/Berlin",
        now=span[1],
        watches={"a": "First"},
        alerts=[alert(watch="a", article=id_, sources=names) for id_, names in sources.items()],
        articles=3,
        feeds=4,
        feed_news=(),
        undelivered=(),
        stories={("a", 2): 1, ("a", 3): 99},
    )

    assert [(one.article, one.sources) for one in digest.sections[0].alerts] == [(1, ("A", "B", "C"))]
    assert digest.flagged == 3
