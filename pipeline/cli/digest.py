"""digest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError


def register(app: typer.Typer) -> None:
    app.command()(digest)


def digest(
    day: Annotated[
        str, typer.Argument(help="The edition's day, as 2026-01-31.  [default: the one being gathered]")
    ] = "",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as HTML.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Put it in the outbox; it goes out with the next tick.")] = False,
    as_json: shared.Json = False,
) -> None:
    """The digest of a day: what was flagged, what failed."""
    from pipeline import flow
    from pipeline.notify import render

    settings, now = shared.settings(), datetime.now(UTC)
    try:
        chosen = date.fromisoformat(day) if day else flow.current_day(settings, now)
        with shared.store(settings) as store, store.read() as session:
            edition = flow.gather(settings, session, now, chosen)
    except (ValueError, OverflowError):
        raise UsageError(f"{day!r} is no day. Write it as 2026-01-31.") from None
    text, page = render.render(edition, settings.zone)
    if html is not None:
        try:
            html.write_text(page, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{html} cannot be written ({error.strerror}).") from error
        typer.echo(f"Wrote {html}.")
    if send:
        with shared.store(settings) as store:
            count = flow.digest(settings, store, now, chosen)
        typer.echo(
            f"{count} put in the outbox; they go out with the next tick, or with `dealwire once`."
            if count
            else "That edition was sent before. `dealwire deliveries list` shows it."
        )
    if as_json:
        shared.print_json(render.pack(edition))
    elif html is None and not send:
        typer.echo(text)
