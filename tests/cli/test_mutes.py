"""mute, unmute, mutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import World

WATCH = "test-deals"


def test_muting_a_deal(own: World) -> None:
    """A muted deal is listed with its end, in the table and as JSON, until it is told of again."""
    said = own.dealwire("mute", "1", "--for", "2w").out
    table, [row] = own.dealwire("mutes").out, own.dealwire("mutes", "--json").json
    back = own.dealwire("unmute", "1").out

    assert said.startswith("Muted until ")
    assert "deal 1, " in said
    assert "deal 1, " in table
    assert abs(datetime.fromisoformat(row["until"]) - datetime.now(UTC) - timedelta(days=14)) < timedelta(hours=1)
    assert (row["watch"], row["deal_id"]) == (WATCH, 1)
    assert back.startswith("Told of again: deal 1, ")
    assert own.dealwire("mutes").out.strip() == "Nothing is muted."


def test_muting_a_watch(own: World) -> None:
    """A watch is muted by its name, for a week where nothing else is said."""
    own.dealwire("mute", WATCH)
    [row] = own.dealwire("mutes", "--json").json

    assert (row["watch"], row["deal_id"], row["title"]) == (WATCH, None, f"all of {WATCH}")
    assert abs(datetime.fromisoformat(row["until"]) - datetime.now(UTC) - timedelta(days=7)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("mute", "999"), "There is no deal 999."),
        (("mute", "9" * 40), "There is no deal 999"),
        (("mute", "bogus"), "There is no watch 'bogus'."),
        (("mute", "1", "--for", "soon"), "'soon' is no span of time. Write 12h, 7d or 2w."),
        (("mute", "1", "--for", "0d"), "'0d' is no span of time."),
        (("unmute", "1"), "1 is not muted."),
    ],
)
def test_what_cannot_be_muted(told: World, args: tuple[str, ...], says: str) -> None:
    """What is not there, or is no span, is told with the way out."""
    result = told.dealwire(*args)

    assert result.code == 2
    assert says in result.err
