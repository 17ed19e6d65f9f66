"""deals merge, split, set, dismiss, undo, rulings: what a person decides of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.flow.rulings import Wish

DealId = Annotated[int, typer.Argument(metavar="ID", min=1, max=shared.LARGEST, help="The deal's number.")]


def register(app: typer.Typer) -> None:
    for command in (merge, split, dismiss, undo):
        app.command()(command)
    app.command("set")(set_)
    app.command("rulings")(list_)


def merge(
    deal: DealId,
    into: Annotated[int, typer.Argument(metavar="INTO", min=1, max=shared.LARGEST, help="The one it is the same as.")],
) -> None:
    """Say that a deal is the same as another. That takes over all that was said of it."""
    from pipeline.domain import Verb
    from pipeline.flow.rulings import Wish

    _decide([Wish(Verb.MERGE, deal, into=into)])


def split(
    deal: DealId,
    articles: Annotated[list[int], typer.Argument(metavar="ARTICLE...", max=shared.LARGEST, help="Their numbers.")],
) -> None:
    """Say that some of a deal's articles speak of another deal. That gets a number of its own."""
    from pipeline.domain import Verb
    from pipeline.flow.rulings import Wish

    _decide([Wish(Verb.SPLIT, deal, articles=tuple(articles))])


def set_(
    deal: DealId,
    fields: Annotated[
        list[str],
        typer.Argument(
            metavar="FIELD=VALUE...", help="title, kind, status, part_of (a deal's number), amount, capacity."
        ),
    ],
) -> None:
    """Set fields of a deal, whatever articles say.

    For instance: status=signed amount='$300bn' capacity='4.5 GW' part_of=none.
    """
    from pipeline.domain import Verb
    from pipeline.flow.rulings import Wish

    wishes = []
    for each in fields:
        field, equals, value = each.partition("=")
        if not equals:
            raise UsageError(f"{each!r} sets nothing. Write FIELD=VALUE, such as status=signed.")
        wishes.append(Wish(Verb.SET, deal, field=field.strip(), value=value))
    _decide(wishes)


def dismiss(deal: DealId) -> None:
    """Say that a deal is none: it is shown, counted and told no more."""
    from pipeline.domain import Verb
    from pipeline.flow.rulings import Wish

    _decide([Wish(Verb.DISMISS, deal)])


def undo(
    number: Annotated[
        int | None,
        typer.Argument(metavar="[RULING]", min=1, max=shared.LARGEST, help="Its number.  [default: the latest]"),
    ] = None,
) -> None:
    """Take a ruling back; the ledger is as if it had never been."""
    from pipeline.flow import rulings
    from pipeline.store import ledger

    settings = shared.settings()
    with shared.store(settings) as store:
        row = rulings.undo(settings, store, number, datetime.now(UTC))
        with store.read() as session:
            numbers = ledger.numbers(session, row.watch)
    typer.echo(shared.safe(f"Undone: ruling {rulings.in_words(row, numbers)}"))


def list_(as_json: shared.Json = False) -> None:
    """All rulings, the latest first; undone ones too."""
    from pipeline.flow import rulings
    from pipeline.store import ledger

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        rows = ledger.decisions(session)
        numbers = {watch: ledger.numbers(session, watch) for watch in {row.watch for row in rows}}
    if as_json:
        shared.print_json([row.model_dump(mode="json") for row in rows])
        return
    for row in rows:
        typer.echo(shared.safe(rulings.in_words(row, numbers[row.watch])))
    if not rows:
        typer.echo("No rulings. `dealwire deals merge`, `split`, `set` and `dismiss` make them.")


def _decide(wishes: Sequence[Wish]) -> None:
    from pipeline.flow import rulings
    from pipeline.store import ledger

    settings = shared.settings()
    with shared.store(settings) as store:
        made = rulings.decide(settings, store, wishes, datetime.now(UTC))
        with store.read() as session:
            keys = [rulings.kept_under(row) for row in made]
            found = ledger.by_key(session, made[0].watch, keys)
            numbers = ledger.numbers(session, made[0].watch)
    for row, key in zip(made, keys, strict=True):
        typer.echo(shared.safe(f"Ruling {rulings.in_words(row, numbers)}"))
        if key in found:
            typer.echo(shared.safe(f"  deal {found[key].id}: {found[key].title} ({found[key].status})"))
    typer.echo(
        "`dealwire deals undo` takes it back." if len(made) == 1 else "`dealwire deals undo` takes the last back."
    )
