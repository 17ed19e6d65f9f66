"""Commands that have nothing to do, with the shipped configuration; nothing is fetched."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.domain import Message
from tests.bench.commands import DEALWIRE, Command, in_turn
from tests.bench.figures import Figure
from tests.bench.polling import database

_ROUNDS = 15
_MOST = {"--help": 0.25, "once": 1.0}
"""Seconds."""

_NOWHERE = "http://127.0.0.1:9"
"""The port of those who discard: should something be due all the same, nothing leaves the machine."""


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as temporary:
        config = _with_nothing_due(Path(temporary))
        once = Command((DEALWIRE, "--config", str(config), "once"))
        if "Nothing was due" not in (said := once.output()):
            raise RuntimeError(f"there was something to do: {said}")
        found = in_turn({"--help": Command((DEALWIRE, "--help")).taken, "once": once.taken}, _ROUNDS)
    for what, runs in found.items():
        wall = [run.wall for run in runs]
        yield Figure(
            "start",
            f"dealwire {what}" + (" with nothing due" if what == "once" else ""),
            "s",
            wall,
            bar=f"under {_MOST[what]:g} s",
            holds=median(wall) < _MOST[what],
            note=f"{median(run.cpu for run in runs):.3g} s of CPU",
        )


def _with_nothing_due(folder: Path) -> Path:
    """The shipped configuration, and a store beside it that knows its feeds; none is due for hours."""
    config = folder / "config"
    shutil.copytree(shipped_folder(), config)
    general = (config / "dealwire.yaml").read_text(encoding="utf-8")
    (config / "dealwire.yaml").write_text(
        general.replace("\nhttp:\n", f"\nhttp:\n  proxy: {_NOWHERE}\n"), encoding="utf-8"
    )
    settings = flow.load_settings(config)
    with flow.open_store(settings) as store, flow.open_tools(settings, store, _say_nothing):
        pass
    with closing(sqlite3.connect(database(folder), isolation_level=None)) as feeds:
        feeds.execute("UPDATE feed SET interval = 86400, next_poll = datetime('now', '+12 hours') || '.000000'")
    return config


def _say_nothing(message: Message) -> None:
    """Nobody looks on."""
