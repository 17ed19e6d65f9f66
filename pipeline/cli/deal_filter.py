"""Which deals a command is about: the options that narrow the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.store.ledger import Filter

Party = Annotated[str, typer.Option("--party", help="With this company: its name, ticker or slug.")]
OfKind = Annotated[str, typer.Option("--kind", help="Of this kind: chips, compute, power ...")]
WithStatus = Annotated[str, typer.Option("--status", help="With this status: rumoured, announced, signed ...")]
Since = Annotated[str, typer.Option("--since", help="Only those spoken of since: 12h, 30d, 2026-01-31.")]
All = Annotated[bool, typer.Option("--all", help="Also those that were dismissed.")]
Watch = Annotated[str, typer.Option("--watch", help="Only those of this watch.")]


def wanted(settings: Settings, watch: str, kind: str, status: str, since: str, dismissed: bool) -> Filter:
    """The deals that these options mean. Raises UsageError."""
    from pipeline.domain import Kind, Status
    from pipeline.store.ledger import Filter

    return Filter(
        watch=shared.watch(settings, watch) if watch else "",
        kind=Kind(_one_of(kind, Kind, "kind")) if kind else None,
        status=Status(_one_of(status, Status, "status")) if status else None,
        since=shared.parse_since(since) if since else None,
        dismissed=dismissed,
    )


def _one_of(value: str, options: Iterable[str], what: str) -> str:
    from pipeline.config.checks import suggest

    known = [str(option) for option in options]
    if value.lower() not in known:
        raise UsageError(f"{value!r} is no {what}. {suggest(value.lower(), known)}")
    return value.lower()
