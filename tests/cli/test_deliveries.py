"""deliveries list, retry."""

from __future__ import annotations

import email
from pathlib import Path

import pytest

from tests.cli.conftest import Run, World, sample_site
from tests.notify.smtp import Grumpy, mail_channel, smtp
from tests.support.web import Web
from tests.support.world import write_config


@pytest.mark.parametrize(("state", "channels"), [("", ["files", "inbox"]), ("dead", ["inbox"]), ("pending", [])])
def test_deliveries_can_be_chosen(world: World, state: str, channels: list[str]) -> None:
    """The outbox can be narrowed to a state; the table and the JSON show the same, and no payload."""
    data = world.dealwire("deliveries", "list", "--state", state, "--json").json
    text = world.dealwire("deliveries", "list", "--state", state).out

    assert sorted(row["channel"] for row in data) == channels
    assert all("payload" not in row for row in data)
    assert [name for name in ("files", "inbox") if name in text] == channels
    assert channels or "No deliveries." in text
    assert ("550 no such desk" in text) == ("inbox" in channels)


def test_an_unknown_state_is_told(world: World) -> None:
    """The states there are are named."""
    result = world.dealwire("deliveries", "list", "--state", "lost")

    assert result.code == 2
    assert "Use one of: pending, delivered, dead, gathered, muted." in result.err


@pytest.mark.parametrize("by", ["--dead", "number"])
def test_the_dead_go_out_again(dealwire: Run, web: Web, tmp_path: Path, by: str) -> None:
    """A dead delivery is sent again on demand, under the same id, so that a receiver can tell."""
    good, _ = sample_site(web)
    desk = Grumpy("550 no such desk")
    with smtp(desk) as port:
        write_config(tmp_path / "config", [good], channels={"inbox": mail_channel(port)})
        dealwire("once")
        desk.answer = "250 kept"
        dead = dealwire("deliveries", "list", "--state", "dead", "--json").json
        result = dealwire("deliveries", "retry", "--dead" if by == "--dead" else str(dead[0]["id"]))
        dealwire("once")
    rows = dealwire("deliveries", "list", "--json").json

    ids = [email.message_from_bytes(mail)["Message-ID"] for mail in desk.mails]
    assert (result.code, result.out[:2]) == (0, "1 ")
    assert [row["state"] for row in rows] == ["delivered"]
    assert (len(ids), len(set(ids))) == (2, 1)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "Name the deliveries"),
        (("1", "--dead"), "Name the deliveries"),
        (("998", "999"), "There is no delivery 998, 999."),
    ],
)
def test_a_bad_choice_is_told(world: World, args: tuple[str, ...], says: str) -> None:
    """Which deliveries to send again must be said once, and they must be there."""
    result = world.dealwire("deliveries", "retry", *args)

    assert result.code == 2
    assert says in result.err


def test_where_none_is_dead(dealwire: Run, tmp_path: Path) -> None:
    """There is nothing to send again, which is no error."""
    write_config(tmp_path / "config")

    assert dealwire("deliveries", "retry", "--dead").out == "No delivery is dead.\n"
