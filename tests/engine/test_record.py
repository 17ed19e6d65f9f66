"""What a daemon says of itself in its state folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.engine import record
from pipeline.engine.vitals import Vitals
from pipeline.errors import StoreError
from pipeline.flow import Report, daemon

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Stages, events and times come back as they were, and nothing is left beside the file."""
    vitals = Vitals(["poll"], [], 0.0)
    vitals.worked("poll", Report({"polled": 1}), 1.5, NOW)
    vitals.failed("poll", "the disk is full", 1.0)
    vitals.count("missed")
    record.write(tmp_path, record.content(vitals.snapshot(), NOW, NOW, "127.0.0.1:1", stopped=False))
    said = daemon.read(tmp_path) or {}

    assert said["stages"]["poll"] == {
        "last_run": NOW.isoformat(),
        "seconds": 1.5,
        "failures": 1,
        "failing": True,
        "last_error": "the disk is full",
    }
    assert (said["pid"], said["started"], said["last_cycle"]) == (os.getpid(), NOW.isoformat(), None)
    assert (said["scheduler"], said["listen"], said["stopped"]) == ({"missed": 1}, "127.0.0.1:1", False)
    assert [path.name for path in tmp_path.iterdir()] == ["daemon.json"]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With the place."""
    with pytest.raises(StoreError, match=r"daemon\.json cannot be written"):
        record.write(tmp_path / "nowhere", {})
