"""What is known of a daemon."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.flow import daemon
from pipeline.store.holder import sole_writer


def report(state: Path, **said: object) -> None:
    (state / daemon.FILE).write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"\xff"])
def test_nothing_that_can_be_read(tmp_path: Path, content: bytes | None) -> None:
    """A missing or spoilt file says nothing."""
    if content is not None:
        (tmp_path / daemon.FILE).write_bytes(content)

    assert daemon.read(tmp_path) is None
    assert daemon.find(tmp_path).state == "never"


def test_the_holder_of_the_folder_decides(tmp_path: Path) -> None:
    """A daemon runs where the one that reported holds the folder; another holder is some other command."""
    report(tmp_path, pid=os.getpid(), stopped=False)
    killed = daemon.find(tmp_path)
    with sole_writer(tmp_path):
        running = daemon.find(tmp_path)
        report(tmp_path, pid=1, stopped=False)
        busy = daemon.find(tmp_path)
    report(tmp_path, pid=1, stopped=True)

    assert [found.state for found in (killed, running, busy)] == ["killed", "running", "busy"]
    assert daemon.find(tmp_path).state == "stopped"
    assert busy.said == {}
