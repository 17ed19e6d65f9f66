"""backup, restore, prune, doctor."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.store.size import Size


def register(app: typer.Typer) -> None:
    for command in (backup, restore, prune, doctor):
        app.command()(command)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
) -> None:
    """Copy the database to a file, also while the daemon runs. The copy is checked."""
    from pipeline.store.backup import back_up
    from pipeline.store.sqlite import FILE

    settings = shared.settings()
    if isinstance(settings.place, str):
        raise _left_to_the_server(f"pg_dump --format=custom --file={quote(str(file))}", settings.place)
    if file.is_dir():
        raise UsageError(f"{file} is a folder. Name a file in it.")
    if file.exists() and not force:
        raise UsageError(f"{file} is there already. Name another file, or say --force.")
    made = back_up(settings.state / FILE, file)
    typer.echo(f"Wrote {file}: {_mib(made.size)}, {made.articles:,} articles, in {made.seconds:.1f} s; checked.")


def restore(file: Annotated[Path, typer.Argument(help="A file that `dealwire backup` wrote.")]) -> None:
    """Put a backup in the place of the database. That is kept beside it; stop the daemon first."""
    from pipeline.store.restore import restore as put_back

    settings = shared.settings()
    if isinstance(settings.place, str):
        program = "pg_restore --clean --if-exists --single-transaction"
        raise _left_to_the_server(program, settings.place, f" {quote(str(file))}")
    restored = put_back(file, settings.state, datetime.now(UTC))
    typer.echo(f"Restored {restored.database}: {restored.articles:,} articles, schema {restored.schema}.")
    if restored.aside:
        typer.echo(f"What was there before is now {restored.aside}.")


def _left_to_the_server(program: str, url: str, end: str = "") -> UsageError:
    """What a person is to use for a database that is no file."""
    from pipeline.store.postgresql import without_password

    command = f"{program} --dbname={quote(without_password(url))}{end}"
    return UsageError(
        f"The store is on PostgreSQL, whose own programs do that:\n\n    {command}\n\n"
        "They take the password from PGPASSWORD or ~/.pgpass. Before restoring, stop every Dealwire that uses it."
    )


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    vacuum: Annotated[bool, typer.Option("--vacuum", help="Give the room back to the disk; stop the daemon.")] = False,
    as_json: shared.Json = False,
) -> None:
    """Drop the texts of old articles that no watch flags. The daemon does so every day, by `retention.bodies`."""
    from pipeline import flow

    if dry_run and vacuum:
        raise UsageError("--dry-run changes nothing. Leave --vacuum out, or --dry-run.")
    settings = shared.settings()
    with (shared.sole_store if vacuum else shared.store)(settings) as store:
        report = flow.prune(settings, store, datetime.now(UTC), dry_run=dry_run)
        if vacuum:
            store.compact()
        size = store.size()
    pruned, earlier, dropped = (report.counts.get(name, 0) for name in ("pruned", "earlier", "bytes"))
    if as_json:
        database = {"file": size.file, "wal": size.wal, "free": size.free}
        counts = {"pruned": pruned, "earlier": earlier, "bytes": dropped}
        shared.print_json({**counts, "dry_run": dry_run, "database": database})
        return
    if not settings.general.retention.bodies:
        typer.echo("retention.bodies is 0: all texts are kept.")
    else:
        done = "Would prune" if dry_run else "Pruned"
        typer.echo(f"{done} {pruned:,} articles and {earlier:,} earlier versions: {_mib(dropped)} of text.")
    typer.echo(_size_line(size))


def _size_line(size: Size) -> str:
    free = f", of it {_mib(size.free)} free (--vacuum gives them back)" if size.free else ""
    log = f", its log {_mib(size.wal)}" if size.wal else ""
    return f"The database takes {_mib(size.file)}{free}{log}."


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def doctor(
    full: Annotated[bool, typer.Option("--full", help="Check every page and reference of the database.")] = False,
    as_json: shared.Json = False,
) -> None:
    """Look for what is wrong, and say how to mend it. Changes nothing."""
    from pipeline.flow.doctor import Grade, examine

    checks = []
    for check in examine(shared.config_folder(), datetime.now(UTC), full=full):
        checks.append(check)
        if not as_json:
            remedy = f" {check.remedy}" if check.remedy else ""
            end = "." if remedy and not check.said.endswith(".") else ""
            typer.echo(f"{check.grade:<4} {check.name}: {shared.safe(check.said)}{end}{remedy}")
    if as_json:
        shared.print_json(
            [{"name": c.name, "grade": c.grade.lower(), "said": c.said, "remedy": c.remedy} for c in checks]
        )
    if any(check.grade is Grade.FAIL for check in checks):
        raise typer.Exit(1)
