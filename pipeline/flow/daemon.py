"""Whether a daemon works in a state folder: the folder's holder, against what the last daemon said of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.store import Store, workers
from pipeline.store.holder import writer

FILE = "daemon.json"
"""What a daemon says of itself to other commands, in the state folder. `engine/record.py` writes it."""


@dataclass(frozen=True)
class Daemon:
    """What is known of the daemon.

    `state`: running; busy, where another command holds the folder; stopped; killed; or never, where none ever ran.
    """

    state: str
    pid: str
    said: dict[str, Any]


def find(state: Path) -> Daemon:
    """What is known of the daemon of this folder."""
    said = read(state) or {}
    holder, pid = writer(state), str(said.get("pid", ""))
    if holder is not None:
        return Daemon("running", holder, said) if holder == pid else Daemon("busy", holder, {})
    if not said:
        return Daemon("never", "", {})
    return Daemon("stopped" if said.get("stopped") else "killed", pid, said)


def works(store: Store, state: Path) -> bool:
    """Whether anybody does what is due: a daemon, or workers that share the store."""
    if find(state).state == "running":
        return True
    with store.read() as session:
        return bool(workers.living(session))


def read(state: Path) -> dict[str, Any] | None:
    """What the last daemon wrote; None where there was none, or nothing that can be read."""
    try:
        found = json.loads((state / FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
