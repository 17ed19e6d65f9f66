"""deals totals, circles: the ledger summed up."""

from __future__ import annotations

from tests.cli.conftest import World
from tests.cli.ledger import change, number


def test_totals(own: World) -> None:
    """Dollars and gigawatts by status, and beneath what was counted and what was not."""
    change(own, "dismiss", number(own, "nvidia"))
    text, data = own.dealwire("deals", "totals").out, own.dealwire("deals", "totals", "--json").json

    assert data["by_status"]["signed"] == {"usd": 30e9, "gw": 2.0, "deals": 1}
    assert data["live"] == {"usd": 30e9, "gw": 3.0, "deals": 2}
    assert "all but cancelled" in text
    assert "* Counted: 2 deals that are not cancelled" in text
    assert "* Left out, dismissed by hand: OpenAI and Nvidia (chips) [" in text


def test_circles(own: World) -> None:
    """Who puts money in and is paid, with the deals of both ways; nobody where there is none."""
    nobody = own.dealwire("deals", "circles").out
    change(own, "set", number(own, "nvidia"), "kind=equity", "capacity=5 GW")
    text, data = own.dealwire("deals", "circles").out, own.dealwire("deals", "circles", "--json").json

    assert nobody == "No company both funds and is paid, by the deals of test-deals.\n"
    assert text.splitlines()[0] == "Nvidia"
    assert "puts in: $20 billion, 5 GW (signed)" in text
    assert "both ways in one deal" in text
    assert (data[0]["slug"], data[0]["puts_in"]["usd"]) == ("nvidia", 20e9)
