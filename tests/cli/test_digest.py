"""digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, World


def test_the_digest_being_gathered_is_shown(world: World) -> None:
    """Without a day, the edition that is being gathered is shown, with its matches and what was not delivered."""
    result = world.dealwire("digest")
    data = world.dealwire("digest", "--json").json

    assert result.code == 0
    assert result.out.startswith("DEALWIRE DIGEST")
    assert "* Big news" in result.out
    assert "NOT DELIVERED (1)" in result.out
    assert "Small news" not in result.out
    assert data


def test_a_day_can_be_named(world: World) -> None:
    """The edition of a day long past holds nothing of today."""
    result = world.dealwire("digest", "2020-01-31")

    assert "Friday 31 January 2020" in result.out
    assert "0 flagged of 0 articles" in result.out


def test_html_goes_to_a_file(world: World, tmp_path: Path) -> None:
    """The page is written where asked, and the terminal stays quiet."""
    result = world.dealwire("digest", "--html", "digest.html")

    assert result.out == "Wrote digest.html.\n"
    assert "Big news" in (tmp_path / "digest.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("config")
def test_an_edition_is_sent_once(dealwire: Run) -> None:
    """Sending puts it in the outbox; sending it again does not."""
    first = dealwire("digest", "2026-01-31", "--send")
    second = dealwire("digest", "2026-01-31", "--send")
    out = dealwire("once").out
    rows = dealwire("deliveries", "list", "--json").json

    assert first.out.startswith("1 put in the outbox")
    assert second.out.startswith("That edition was sent before.")
    assert "Saturday 31 January 2026" in out
    assert [(row["kind"], row["state"]) for row in rows] == [("digest", "delivered")]


@pytest.mark.parametrize("day", ["soon", "2026-02-30", "0001-01-01", "31.01.2026"])
def test_a_bad_day_is_told(world: World, day: str) -> None:
    """What is no day, or none that has a day before it, is told."""
    result = world.dealwire("digest", day)

    assert result.code == 2
    assert f"{day!r} is no day. Write it as 2026-01-31." in result.err


def test_a_page_that_cannot_be_written_is_told(world: World) -> None:
    """A folder that is not there is no traceback."""
    result = world.dealwire("digest", "--html", "nowhere/digest.html")

    assert result.code == 2
    assert "nowhere/digest.html cannot be written" in result.err
