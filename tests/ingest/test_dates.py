"""Dates as feeds write them, to aware UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.dates import DateReader
from pipeline.ingest.parse import parse
from tests.support.world import rss

DAY = datetime(2026, 3, 10, tzinfo=UTC)
NOON = DAY.replace(hour=12)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-10T12:00:00Z", NOON),
        ("2026-03-10T13:00:00.5+01:00", NOON.replace(microsecond=500_000)),
        ("Tue, 10 Mar 2026 08:00:00 EDT", NOON),
        ("20260310", DAY),
        ("1773144000", NOON),
        ("1773144000000", NOON),
        ("March 10, 2026 12:00 pm", NOON),
        ("Tuesday, March 10, 2026 - 12:00", NOON),
        ("10-Mar-2026", DAY),
        ("2026/03/10 12:00", NOON),
        ("10. März 2026 12:00", NOON),
        ("10 mars 2026", DAY),
        ("14 Tháng 3, 2026", DAY.replace(day=14)),
        ("Thu, 01 Jan 2099 00:00:00 GMT", datetime(2099, 1, 1, tzinfo=UTC)),
        ("10/03/2026", None),
        ("yesterday", None),
        ("2 hours ago", None),
        ("12:00", None),
        ("Mar", None),
        ("March 2026", None),
        ("31 February 2026", None),
        ("10 of x 2026", None),
        ("1" * 500, None),
        ("", None),
    ],
)
def test_read(text: str, date: datetime | None) -> None:
    """Whatever names day, month and year is a date; what needs a clock or a guess is none."""
    assert DateReader().read(text) == date


@given(st.text(max_size=70) | st.text(alphabet="0123456789:/-+TZ .,MarJun"))
def test_read_anything(text: str) -> None:
    """Any text is a date in UTC, or none."""
    found = DateReader().read(text)

    assert found is None or found.tzinfo is UTC


def test_few_odd_dates_are_puzzled_over() -> None:
    """After 50 dates of odd form, further ones of a document are left alone; usual forms are read ever after."""
    reader = DateReader()
    found = [reader.read(f"{n % 28 + 1}. März 2026") for n in range(60)]

    assert all(found[:50])
    assert found[50:] == [None] * 10
    assert reader.read("2026-03-10") == DAY


@pytest.mark.parametrize(
    ("stated", "updated", "published"),
    [
        ("<published>2026-03-10T12:00:00Z</published>", None, NOON),
        ("<updated>2026-03-10T12:00:00Z</updated>", NOON, NOON),
        ("<published>2026-03-10T00:00:00Z</published><updated>2026-03-10T12:00:00Z</updated>", NOON, DAY),
        ("<updated>0001-01-01T00:00:00Z</updated>", None, None),
        ("", None, None),
    ],
)
@pytest.mark.parametrize("title", ["<title>t</title>", '<title type="xhtml"><b>t</b></title>'])
def test_last_change(title: str, stated: str, updated: datetime | None, published: datetime | None) -> None:
    """What an entry states as its last change is kept beside when it was published, whichever parser reads it."""
    document = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{title}{stated}</entry></feed>'
    entry = parse(document.encode(), "https://news.example/").entries[0]

    assert (entry.title, entry.updated, entry.published) == ("t", updated, published)


@pytest.mark.parametrize("guid", ["2015", "20260310", "March 10", "n-12:30"])
def test_a_guid_is_no_date(guid: str) -> None:
    """An item without a date has none, even where its GUID could be read as one."""
    document = rss([{"title": "t", "guid": guid, "link": "https://a.example/1"}])

    assert parse(document.encode(), "https://news.example/").entries[0].published is None
