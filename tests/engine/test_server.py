"""The small HTTP server for monitoring."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from structlog.testing import capture_logs

from pipeline.engine.server import Answer, Server

Where = tuple[str, int]


def free(host: str) -> Where:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as some:
        some.bind((host, 0))
        return host, some.getsockname()[1]


def broken() -> Answer:
    raise RuntimeError("no page")


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[Where]:
    where = free(request.param)
    serving = Server(where, {"/page": lambda: (200, "text/plain", b"hello"), "/broken": broken})
    yield where
    serving.close()


def get(where: Where, path: str, host: str | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(*where, timeout=60)) as client:
        client.request("GET", path, headers={} if host is None else {"Host": host})
        answer = client.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/page", None, 200),
        ("/page?x=1", "localhost:80", 200),
        ("/page", "LOCALHOST", 200),
        ("/page", "[::1]:9464", 200),
        ("/else", None, 404),
        ("/page", "evil.example", 403),
        ("/page", "127.0.0.1.evil.example:9464", 403),
        ("/page", "", 403),
    ],
)
def test_pages_and_hosts(server: Where, path: str, host: str | None, status: int) -> None:
    """Pages are given to who names this machine as the host, and to nobody else."""
    got, body = get(server, path, host)

    assert got == status
    assert (body == b"hello") is (status == 200)


def test_clients_that_say_nothing_hold_nobody_up(server: Where) -> None:
    """Beside silent clients others are served; where there are too many, one is sent away until some were cut off."""
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(closing(socket.create_connection(server)))
        beside = get(server, "/page")
        for _ in range(30):
            stack.enter_context(closing(socket.create_connection(server)))
        last = stack.enter_context(closing(socket.create_connection(server, timeout=60)))
        end = last.recv(10)

    assert beside == (200, b"hello")
    assert end == b""


def test_a_page_that_fails_is_logged(server: Where) -> None:
    """Its client gets 500, the log what went wrong, and the server goes on."""
    with capture_logs() as logs:
        status, _ = get(server, "/broken")
        after = get(server, "/page")

    assert (status, after[0]) == (500, 200)
    assert [line["event"] for line in logs] == ["a page of the monitoring address failed"]


def test_closing_frees_the_address() -> None:
    """The next one can listen there at once."""
    where = free("127.0.0.1")
    for _ in range(2):
        Server(where, {}).close()

    with pytest.raises(ConnectionRefusedError):
        get(where, "/")
