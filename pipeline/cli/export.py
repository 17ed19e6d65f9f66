"""export: the ledger handed on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import deal_filter, shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.flow.export import Format


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to.  [default: standard output]")] = None,
    format_: Annotated[
        str, typer.Option("--format", help="csv, jsonl or parquet.  [default: by the file's ending, else csv]")
    ] = "",
    watch: deal_filter.Watch = "",
    party: deal_filter.Party = "",
    kind: deal_filter.OfKind = "",
    status: deal_filter.WithStatus = "",
    since: deal_filter.Since = "",
    all_: deal_filter.All = False,
) -> None:
    """Deals as CSV, JSON Lines or Parquet. Each figure has its quote and its source beside it."""
    from pipeline.flow import deal_search
    from pipeline.flow.export import export as made

    form = _format(format_, file)
    settings = shared.settings()
    wanted = deal_filter.wanted(settings, watch, kind, status, since, all_)
    with shared.store(settings) as store, store.read() as session:
        deals = deal_search.find(settings, session, wanted, party)
        data = made(session, deals, form)
    if file is None:
        sys.stdout.write(data.decode())
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}).") from error
    typer.echo(f"{len(deals)} deals written to {file}.", err=True)


def _format(wanted: str, file: Path | None) -> Format:
    from pipeline.config.checks import suggest
    from pipeline.flow.export import Format

    known = [str(form) for form in Format]
    if not wanted and file is not None:
        wanted = {"ndjson": "jsonl"}.get(ending := file.suffix.lower().lstrip("."), ending)
        if wanted not in known:
            raise UsageError(f"The ending of {file} names no format. Say --format csv, jsonl or parquet.")
    wanted = wanted.lower() or Format.CSV
    if wanted not in known:
        raise UsageError(f"{wanted!r} is no format. {suggest(wanted, known)}")
    if wanted == Format.PARQUET and file is None:
        raise UsageError("Parquet is for machines and goes to a file: `dealwire export deals.parquet`.")
    return Format(wanted)
