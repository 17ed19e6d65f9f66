"""worker, publish: many processes on many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.store import Store


def register(app: typer.Typer) -> None:
    for command in (worker, publish):
        app.command()(command)


def worker(
    queues: Annotated[
        str,
        typer.Option(help="What it works on, separated by commas.  [default: poll,ingest,deliver]", show_default=False),
    ] = "poll,ingest,deliver",
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="How many batches of each it works on at a time.")
    ] = 4,
) -> None:
    """Work with others, on any number of machines.

    All share one store on PostgreSQL: `store` in dealwire.yaml.
    """
    from pipeline.cli.logs import configure
    from pipeline.cli.run import stop_on_signal
    from pipeline.engine import arenas

    stop = stop_on_signal()
    arenas.keep_few()
    redactor = configure()
    settings = shared.settings()
    redactor.learn(settings.secrets)
    with _shared_store(settings) as store:
        from pipeline.engine.cluster.calls import QUEUES, queues_of
        from pipeline.engine.cluster.worker import Worker

        wanted = [name.strip() for name in queues.split(",") if name.strip()]
        for name in wanted or [""]:
            if name not in QUEUES:
                raise UsageError(f"{name!r} is no queue. Name some of {', '.join(QUEUES)}.")
        Worker(
            settings,
            store,
            stop,
            queues_of(wanted),
            concurrency,
            taken_up=lambda new: redactor.learn(new.secrets),
            hide=redactor.hide,
        ).run()


def publish() -> None:
    """Put this folder's configuration in force for all workers."""
    settings = shared.settings()
    with _shared_store(settings) as store:
        from pipeline.flow import distribution

        version = distribution.publish(settings.folder, store)
    if version is None:
        typer.echo("It is in force already.")
    else:
        typer.echo(f"Version {version} is in force: the workers take it up within seconds.")


@contextmanager
def _shared_store(settings: Settings) -> Iterator[Store]:
    """The open store. Raises UsageError where it is none that workers can share."""
    if settings.general.store is None:
        raise UsageError(
            "Workers share a store on PostgreSQL. Set `store` in dealwire.yaml, such as"
            " postgresql://dealwire:${PGPASSWORD}@db.example.org/dealwire; "
            "`dealwire migrate-store` copies what there is."
        )
    try:
        import procrastinate  # noqa: F401
    except ImportError as error:
        raise UsageError("Workers need the extra `cluster`: pip install 'dealwire[cluster]'") from error
    with shared.store(settings) as store:
        yield store
