"""The dead man's switch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline.engine.in_force import InForce
from pipeline.engine.ping import Ping
from pipeline.flow import Tools
from tests.conftest import MakeTools
from tests.support.web import Answer, Web


@pytest.fixture
def ping(web: Web, make_tools: MakeTools, monkeypatch: pytest.MonkeyPatch) -> Ping:
    monkeypatch.setenv("PING_URL", f"{web.base}/ping/0a1b2c")
    tools = make_tools(operation={"ping": "${PING_URL}"})

    @contextmanager
    def opened(_: object) -> Iterator[Tools]:
        yield tools

    return Ping(InForce(tools.settings, opened, lambda _: None))


def asked(web: Web) -> list[str]:
    return [request.method + " " + request.path for request in web.requests]


def test_one_request_for_new_cycles_at_most_each_minute(web: Web, ping: Ping) -> None:
    """Nothing before a cycle is full, nothing where none came since, and nothing within the minute."""
    web.set("/ping/0a1b2c", "ok")
    for cycle, now in [(0, 0), (1, 1), (1, 500), (2, 501), (3, 502), (4, 560.9)]:
        ping.after(cycle, now)
        ping.idle(60)

    assert asked(web) == ["GET /ping/0a1b2c"] * 2


def test_a_failing_ping_is_told_once_without_its_address(web: Web, ping: Ping) -> None:
    """So is that it gets through again."""
    with capture_logs() as logs:
        for cycle, status in enumerate([500, 500, 200, 200], 1):
            web.answers["/ping/0a1b2c"] = Answer(b"", status)
            ping.after(cycle, cycle * 100)
            ping.idle(60)

    told: list[Any] = [(line["event"], line.get("why")) for line in logs]
    assert told == [
        ("the ping fails", "HTTP 500 Internal Server Error"),
        ("the ping gets through again", None),
    ]
    assert "0a1b2c" not in str(logs)
