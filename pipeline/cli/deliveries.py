"""deliveries list, retry."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.models import Delivery

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The outbox: what was told, what waits, what is dead."
)


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="pending, delivered, dead, gathered or muted.")] = "",
    most: Annotated[int, typer.Option("--most", "-n", min=1, max=shared.LARGEST, help="How many rows.")] = 30,
    as_json: shared.Json = False,
) -> None:
    """Deliveries, newest first."""
    from pipeline.models import DeliveryState
    from pipeline.store import outbox

    if state and state not in list(DeliveryState):
        raise UsageError(f"{state!r} is no state. Use one of: {', '.join(DeliveryState)}.")
    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        rows = outbox.listing(session, state, most)
    if as_json:
        shared.print_json([row.model_dump(mode="json", exclude={"payload", "lease_until", "key"}) for row in rows])
        return
    shared.show(
        rows,
        {
            "ID": lambda d: str(d.id),
            "Made": lambda d: shared.when(d.created_at, settings.zone),
            "Channel": lambda d: d.channel,
            "Subject": lambda d: d.subject,
            "State": lambda d: _state(d, settings.zone),
        },
        "No deliveries.",
        numbers=["ID"],
    )


def _state(row: Delivery, zone: tzinfo) -> str:
    """How far it has come, and why no further."""
    said = str(row.state) + (f" in {row.gathered_in}" if row.gathered_in else "")
    if row.last_error:
        said += f", tried {row.attempts} times: {row.last_error}"
    return said + (f"; next {shared.when(row.next_try, zone)}" if row.state == "pending" else "")


@app.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", max=shared.LARGEST, help="Their numbers.")
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that found no way out.")] = False,
) -> None:
    """Send deliveries again. The dead, the muted, or those that wait for their next try."""
    from pipeline.store import outbox

    if bool(ids) == dead:
        raise UsageError(
            "Name the deliveries (`dealwire deliveries list` shows them), or say --dead for all dead ones."
        )
    settings = shared.settings()
    with shared.store(settings) as store, store.write() as session:
        chosen = [row.id or 0 for row in outbox.dead(session)] if dead else list(ids or [])
        if not chosen:
            typer.echo("No delivery is dead.")
            return
        missing = [str(id_) for id_ in chosen if outbox.get(session, id_) is None]
        if missing:
            raise UsageError(f"There is no delivery {', '.join(missing)}. `dealwire deliveries list` shows them.")
        count = outbox.retry(session, chosen, datetime.now(UTC))
    typer.echo(f"{count} will go out with the next tick, or with `dealwire once`.")
