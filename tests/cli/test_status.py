"""status."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine import record
from pipeline.engine.vitals import Vitals
from pipeline.models import Delivery, Disabled, Mute
from pipeline.store import Store
from pipeline.store.holder import sole_writer
from tests.cli.conftest import Run, World
from tests.support.world import write_config


def lines(text: str) -> dict[str, str]:
    """The last text of each label, with its folded lines joined."""
    found: dict[str, str] = {}
    label = ""
    for line in text.splitlines():
        label = line[:12].strip() or label
        found[label] = line[12:] if line[:12].strip() else f"{found[label]} {line[12:]}"
    return found


def reported(state: Path, *, stopped: bool = False, **changes: Any) -> None:
    """Leave what a daemon would, a minute ago."""
    vitals = Vitals(["poll"], [], 0.0)
    vitals.failed("poll", "the disk is full", 1.0)
    for _ in range(3):
        vitals.count("max_instances")
    now = datetime.now(UTC) - timedelta(seconds=61)
    said = record.content(vitals.snapshot(), now, now, "127.0.0.1:9464", stopped=stopped)
    record.write(state, {**said, **changes})


def test_status_sums_up(world: World) -> None:
    """What the store holds, what waits and what fails, for people and for programs."""
    text, data = world.dealwire("status").out, world.dealwire("status", "--json").json

    assert "feeds       2 active, 1 failing" in text
    assert "flagged     1\n" in text
    assert "failing     feed 2: HTTP 404 Not Found (1 in a row)" in text
    assert lines(text)["deliveries"] == "1 dead, 1 delivered"
    assert lines(text)["due"] == "nothing"
    assert lines(text)["database"].endswith(" MiB")
    assert lines(text)["daemon"].startswith("none runs, and none ever did here")
    assert data["feeds"]["failing"] == 1
    assert data["articles"] == {"total": 2, "pending": 0, "retrying": 0, "flagged": 1, "bodies": {"page": 2}}
    assert data["deliveries"] == {"delivered": 1, "dead": 1}
    assert data["daemon"] == {"state": "never", "pid": ""}
    assert data["queues"]["deliver"] == {"size": 0, "due": 0, "due_since": None, "oldest": None}
    assert data["bytes"] > 10_000


def test_status_of_nothing(dealwire: Run, tmp_path: Path) -> None:
    """A store that was never filled is no error."""
    write_config(tmp_path / "config")
    result = dealwire("status")

    assert result.code == 0
    assert "last poll never" in result.out
    assert "none yet" in result.out


def test_a_state_folder_that_cannot_be_is_told(dealwire: Run, tmp_path: Path) -> None:
    """A file where the state folder should be is a fault of the place, told in words."""
    (tmp_path / "file").write_text("")
    write_config(tmp_path / "config", state="../file")

    result = dealwire("status")

    assert result.code == 1
    assert str(tmp_path / "file") in result.err
    assert "fault of the program" not in result.err


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("pid", "stopped", "held", "state", "told"),
    [
        (None, False, True, "running", "running (process {own}), started 1 min ago"),
        (1, False, True, "busy", "none; another command of Dealwire is at work (process {own})"),
        (None, True, False, "stopped", "none runs; the last one stopped 1 min ago"),
        (4711, False, False, "killed", "none runs; the last one (process 4711) was killed or crashed, last heard of 1"),
    ],
)
def test_whether_a_daemon_runs(
    dealwire: Run, tmp_path: Path, pid: int | None, stopped: bool, held: bool, state: str, told: str
) -> None:
    """The holder of the state folder counts, not what a daemon that is gone left behind."""
    place = tmp_path / "state"
    reported(place, stopped=stopped, **({} if pid is None else {"pid": pid}))
    if held:
        with sole_writer(place):
            text, data = dealwire("status").out, dealwire("status", "--json").json
    else:
        text, data = dealwire("status").out, dealwire("status", "--json").json

    assert lines(text)["daemon"].startswith(told.format(own=os.getpid()))
    assert data["daemon"]["state"] == state
    shown = [label for label in ("listens", "last cycle", "scheduler", "fails") if label in lines(text)]
    assert shown == (["listens", "last cycle", "scheduler", "fails"] if state == "running" else [])
    if shown:
        assert lines(text)["listens"] == "http://127.0.0.1:9464/metrics and /healthz"
        assert lines(text)["scheduler"] == "3 max instances"
        assert lines(text)["fails"] == "poll: the disk is full (failures: 1)"


def test_what_is_held_disabled_and_muted(world: World, tmp_path: Path) -> None:
    """All that keeps something from being told is listed, and no line is wider than 80 columns but by one word."""
    shutil.copytree(world.folder.parent, tmp_path / "own")
    own = replace(world, folder=tmp_path / "own" / "config")
    now = datetime.now(UTC)
    later = datetime(now.year + 1, 1, 2, 3, 4, tzinfo=UTC)
    with Store(tmp_path / "own" / "state") as store, store.write() as session:
        reason = "HTTP 410 Gone\x1b[2J " + "and a long explanation of it " * 5
        session.add(Disabled(channel="hook", since=now - timedelta(hours=2), reason=reason, address=""))
        session.add(Mute(watch="test-deals", created_at=now, until=later))
        for key, next_try in (("a", later), ("b", now - timedelta(minutes=90))):
            session.add(
                Delivery(
                    key=key, uid=key, channel="files", kind="alert", subject=key, created_at=now, next_try=next_try
                )
            )
    text, data = own.dealwire("status").out, own.dealwire("status", "--json").json

    assert lines(text)["deliveries"] == "1 dead, 1 delivered, 2 pending; 1 held back"
    assert lines(text)["due"] == "deliver: 1, the longest since 1 h ago"
    assert lines(text)["disabled"].startswith("hook, 2 h ago: HTTP 410 Gone[2J and a long")
    assert lines(text)["muted"] == f"test-deals until {later.year}-01-02 03:04 UTC"
    assert [line for line in text.splitlines() if len(line) > 80 and " " in line[12:]] == []
    assert (data["held"], data["disabled"][0]["channel"], data["mutes"][0]["watch"]) == (1, "hook", "test-deals")
