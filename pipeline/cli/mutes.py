"""mute, unmute, mutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.models import Deal
    from pipeline.store import Session

What = Annotated[str, typer.Argument(metavar="DEAL|WATCH", help="A deal's number, or a watch's name.")]


def register(app: typer.Typer) -> None:
    for command in (mute, unmute, mutes):
        app.command()(command)


def mute(
    what: What,
    span: Annotated[str, typer.Option("--for", help="How long: 12h, 7d or 2w.")] = "7d",
) -> None:
    """Tell nothing of a deal, or of a watch, for a while. It stays in the ledger and the digest."""
    from pipeline.store import mutes as quiet

    settings, now = shared.settings(), datetime.now(UTC)
    until = now + shared.parse_span(span)
    with shared.store(settings) as store, store.write() as session:
        watch, deal, title = _meant(settings, session, what)
        kept = quiet.mute(session, watch, deal, until, now)
    also = f" {kept} that waited are kept back with it." if kept else ""
    typer.echo(f"Muted until {shared.when(until, settings.zone)}: {title}.{also}")


def unmute(what: What) -> None:
    """Tell of a deal, or of a watch, again. What was kept back: `deliveries list --state muted`."""
    from pipeline.store import mutes as quiet

    settings = shared.settings()
    with shared.store(settings) as store, store.write() as session:
        watch, deal, title = _meant(settings, session, what)
        if not quiet.unmute(session, watch, deal):
            raise UsageError(f"{what} is not muted. `dealwire mutes` shows what is.")
    typer.echo(f"Told of again: {title}.")


def mutes(as_json: shared.Json = False) -> None:
    """What is muted, and until when."""
    from pipeline.store import ledger
    from pipeline.store import mutes as quiet

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        rows = quiet.in_force(session, datetime.now(UTC))
        titles = {row.id: _title(ledger.get(session, row.deal_id or 0), row.watch) for row in rows}
    if as_json:
        shared.print_json([row.model_dump(mode="json") | {"title": titles[row.id]} for row in rows])
        return
    columns = {
        "Muted": lambda m: titles[m.id],
        "Since": lambda m: shared.when(m.created_at, settings.zone),
        "Until": lambda m: shared.when(m.until, settings.zone),
    }
    shared.show(rows, columns, "Nothing is muted.")


def _meant(settings: Settings, session: Session, what: str) -> tuple[str, int | None, str]:
    """The watch, the deal where one is meant, and what it is called. Raises UsageError where there is none."""
    from pipeline.store import ledger

    if not what.isdecimal():
        name = shared.watch(settings, what)
        return name, None, _title(None, name)
    deal = ledger.get(session, min(int(what), shared.LARGEST))
    if deal is None:
        raise UsageError(f"There is no deal {what}. `dealwire deals` shows them.")
    return deal.watch, deal.id, _title(deal, deal.watch)


def _title(deal: Deal | None, watch: str) -> str:
    return f"deal {deal.id}, {deal.title}" if deal else f"all of {watch}"
