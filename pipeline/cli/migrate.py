"""migrate-store: from a file to a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError


def register(app: typer.Typer) -> None:
    app.command("migrate-store")(migrate_store)


def migrate_store(
    sqlite: Annotated[Path, typer.Argument(help="The database file, or the state folder it is in.")],
    postgres: Annotated[
        str,
        typer.Argument(
            metavar="[POSTGRES]",
            help="An empty database, as postgresql://user@host/db; its password goes in PGPASSWORD or ~/.pgpass."
            "  [default: `store` of the configuration]",
        ),
    ] = "",
    as_json: shared.Json = False,
) -> None:
    """Copy a store to PostgreSQL, and compare the two. Stop the daemon first.

    A run that was stopped is gone on with by the next one.
    """
    from pipeline.store import Store
    from pipeline.store.copying import copy, require_current
    from pipeline.store.sqlite import FILE

    url = _address(postgres) if postgres else _configured()
    source = sqlite / FILE if sqlite.is_dir() else sqlite
    require_current(source)
    with _held(source), Store(url) as target, target.alone(), shared.progress(quiet=as_json) as show:
        copied = copy(source, target, show)
        name = target.name
    if as_json:
        shared.print_json([{"table": each.table, "rows": each.rows, "sha256": each.checksum} for each in copied])
        return
    for each in copied:
        typer.echo(f"{each.table:<12}{each.rows:>12,} rows  {each.checksum[:16]}  the same")
    typer.echo(f"Copied {source} to {name}: {sum(each.rows for each in copied):,} rows, compared by count and SHA-256.")
    if postgres:
        typer.echo("Next: set `store` in dealwire.yaml to it. The file is as it was.")


def _address(given: str) -> str:
    """That of the command line, which other users of the machine can read."""
    try:
        parts = urlsplit(given)
        secret = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError as error:
        raise UsageError("POSTGRES cannot be read. It is to be as postgresql://user@host/database.") from error
    if parts.scheme != "postgresql":
        raise UsageError("POSTGRES is to be an address such as postgresql://user@host/database.")
    if secret:
        raise UsageError(
            "The password would be seen by whoever lists this machine's processes. Leave it out of POSTGRES and set "
            "PGPASSWORD; or write `store` in dealwire.yaml with ${PGPASSWORD}, and leave POSTGRES out."
        )
    return given


def _configured() -> str:
    place = shared.settings().place
    if isinstance(place, str):
        return place
    raise UsageError("The configuration has no `store`. Set it in dealwire.yaml, or say where to copy to: POSTGRES.")


@contextmanager
def _held(source: Path) -> Iterator[None]:
    """A store in use is held meanwhile; of a backup nobody works on it. Raises StoreBusy where a daemon has it."""
    from pipeline.store.holder import sole_writer
    from pipeline.store.sqlite import FILE

    if source.name != FILE:
        yield
        return
    with sole_writer(source.parent):
        yield
