"""What the commands share: finding the configuration, and showing things to people and programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.config.names import ledger_watch as ledger_watch
from pipeline.config.names import watch as watch
from pipeline.config.spans import ago as ago
from pipeline.config.spans import parse_span as parse_span
from pipeline.config.spans import since

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.config.schema import Settings
    from pipeline.engine.stages import Show
    from pipeline.store import Store

LARGEST = 2**63 - 1
"""The largest number that the database knows."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

_folder: list[Path] = []


def use_folder(folder: Path | None) -> None:
    """Remember the configuration folder named on the command line."""
    _folder[:] = [folder] if folder else []


def config_folder() -> Path:
    """--config, else DEALWIRE_CONFIG, else ./config, else ~/.config/dealwire."""
    if _folder:
        return _folder[0]
    if named := os.environ.get("DEALWIRE_CONFIG"):
        return Path(named)
    home = Path.home() / ".config" / "dealwire"
    return home if home.is_dir() and not Path("config").is_dir() else Path("config")


def settings(watches: Path | None = None) -> Settings:
    """The configuration, checked; with this file in place of watches.yaml. Raises ConfigError."""
    from pipeline.flow.tools import load_settings

    return load_settings(config_folder(), watches)


@contextmanager
def store(of: Settings) -> Iterator[Store]:
    from pipeline.store import Store

    with Store(of.place) as opened:
        yield opened


@contextmanager
def sole_store(of: Settings) -> Iterator[Store]:
    """The store, which nobody else works on meanwhile, on this machine or another. Raises StoreBusy where one does."""
    from pipeline.store.holder import sole_writer

    with sole_writer(of.state), store(of) as opened, opened.alone():
        yield opened


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; where nobody watches, wide enough to wrap nothing."""
    from rich.console import Console

    watched = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, highlight=False, width=None if watched else 160, soft_wrap=not watched)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def safe(text: str) -> str:
    """Text from outside without what could move the cursor, colour the terminal or turn the reading direction."""
    return "".join(" " if char in "\n\t" else char for char in text if char in "\n\t" or char.isprintable())


Column = tuple[str, Callable[[Any], str]]


def show(
    rows: Sequence[Any], columns: Mapping[str, Callable[[Any], str]], empty: str, numbers: Iterable[str] = ()
) -> None:
    """Rows as a table that fits the terminal; `numbers` are the columns set to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        console().print(empty)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold", no_wrap=name in numbers)
    for row in rows:
        table.add_row(*(Text(safe(cell(row))) for cell in columns.values()))
    console().print(table)


def when(value: datetime | None, zone: tzinfo) -> str:
    return f"{value.astimezone(zone):%d %b %H:%M}" if value else "-"


def parse_since(value: str) -> datetime:
    """A point in time from `2d`, `12h` or `2026-01-31`. Raises UsageError."""
    return since(value, datetime.now(UTC))


@contextmanager
def progress(quiet: bool = False) -> Iterator[Show]:
    """A bar for each stage where a person watches, nothing else."""
    if quiet or not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
