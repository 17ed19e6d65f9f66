"""A daemon on a machine whose clock is set."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline import flow
from pipeline.engine.local import Daemon
from tests.engine.daemon import config, eventually
from tests.support.web import Web
from tests.support.world import rss

pytestmark = pytest.mark.usefixtures("empty_state")


class SetClock:
    """The machine's clock, which a test may set."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """One that the scheduler goes by too, which reads the machine's itself."""
    set_clock = SetClock()

    class Read(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return set_clock.now().astimezone(tz)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Read)
    return set_clock


@contextmanager
def running(folder: Path, clock: SetClock) -> Iterator[None]:
    """A daemon in this process."""
    settings, stop = flow.load_settings(folder), threading.Event()
    with flow.open_store(settings) as store:
        thread = threading.Thread(target=Daemon(settings, store, stop, clock=clock).run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize(
    ("hours", "told"),
    [(-1, "the clock was set back by 3,600 s"), (1, "the clock was set forward, or the machine slept, by 3,600 s")],
)
def test_work_goes_on_when_the_clock_is_set(tmp_path: Path, web: Web, clock: SetClock, hours: float, told: str) -> None:
    """Feeds are polled as before, though by the clock the next tick and poll were an hour away; it is told once."""
    folder = config(tmp_path, web.set("/feed", rss([]), "application/rss+xml"))
    with capture_logs() as logs, running(folder, clock):
        eventually(lambda: len(web.requests) > 1, "the first polls")
        clock.ahead = timedelta(hours=hours)
        eventually(lambda: any("the clock" in line["event"] for line in logs), "that it is noticed")
        polled = len(web.requests)
        eventually(lambda: len(web.requests) > polled + 2, "the next polls")

    assert [line["event"] for line in logs if "the clock" in line["event"]] == [told]
