"""Writing down what a daemon says of itself to other commands; `flow/daemon.py` reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.engine.vitals import Snapshot
from pipeline.errors import StoreError
from pipeline.flow.daemon import FILE


def write(state: Path, said: Mapping[str, Any]) -> None:
    """Put it in place of what stood there, at once or not at all. Raises StoreError."""
    draft = state / f"{FILE}.part"
    try:
        draft.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(draft, state / FILE)
    except OSError as error:
        raise StoreError(f"{state / FILE} cannot be written ({error.strerror}). Check the disk.") from error


def content(at: Snapshot, started: datetime, now: datetime, listen: str, *, stopped: bool) -> dict[str, Any]:
    """What a daemon says. Times are in ISO 8601, durations in seconds."""
    return {
        "pid": os.getpid(),
        "version": version("dealwire"),
        "started": _iso(started),
        "written": _iso(now),
        "stopped": stopped,
        "listen": listen,
        "last_cycle": _iso(at.last_cycle),
        "stages": {
            name: {
                "last_run": _iso(stage.last_run),
                "seconds": round(stage.seconds, 3),
                "failures": stage.failures,
                "failing": stage.failing_since is not None,
                "last_error": stage.last_error,
            }
            for name, stage in at.stages.items()
        },
        "scheduler": dict(at.events),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
