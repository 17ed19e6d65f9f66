"""What the service manager is told, by a real socket."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pipeline.engine.systemd import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket, and the address that the environment would name."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        address = str(tmp_path / "n") if request.param == "path" else f"@dealwire-test-{os.getpid()}"
        listening.bind(address.replace("@", "\0"))
        listening.settimeout(60)
        yield listening, address


def test_states_arrive(manager: tuple[socket.socket, str]) -> None:
    """Each state is one datagram in the protocol's words."""
    listening, address = manager
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready()
    notifier.status("3 feeds, né")
    notifier.reloading()
    notifier.stopping()
    got = [listening.recv(1000).decode() for _ in range(4)]

    assert (got[0], got[1], got[3]) == ("READY=1", "STATUS=3 feeds, né", "STOPPING=1")
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", got[2])


@pytest.mark.parametrize(
    ("environ", "kept"),
    [
        ({}, 0),
        ({"WATCHDOG_USEC": "60000000"}, 2),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 2),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, 0),
        ({"WATCHDOG_USEC": "soon"}, 0),
    ],
    ids=["none", "for all", "for us", "for another", "nonsense"],
)
def test_the_watchdog_is_kept_quiet(manager: tuple[socket.socket, str], environ: dict[str, str], kept: int) -> None:
    """Twice in the time it grants, and only where it is meant for this process."""
    listening, address = manager
    notifier = Notifier({"NOTIFY_SOCKET": address, **environ})
    for now in (0, 1, 29, 30, 31):
        notifier.alive(now)
    notifier.ready()
    got = [listening.recv(1000) for _ in range(kept + 1)]

    assert got == [b"WATCHDOG=1"] * kept + [b"READY=1"]


def test_nobody_listens(tmp_path: Path) -> None:
    """Without a manager nothing is sent; one that is gone is told of once."""
    with capture_logs() as logs:
        Notifier({}).ready()
        gone = Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})
        gone.ready()
        gone.stopping()

    assert [line["event"] for line in logs] == ["the service manager does not hear us"]
