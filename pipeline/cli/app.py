"""`dealwire`: all commands, and what a person sees when one fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import (
    articles,
    care,
    channels,
    cluster,
    deals,
    deliveries,
    digest,
    export,
    feeds,
    migrate,
    mutes,
    quality,
    run,
    shared,
    status,
    watches,
    web,
)
from pipeline.errors import ConfigError, PipelineError, UsageError

app = typer.Typer(
    name="dealwire",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # Rich costs the help a tenth of a second
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Watches news feeds for deals and tells you once, with the sentences that state them.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dealwire {version('dealwire')}")
        raise typer.Exit


Config = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", metavar="DIR", help="Configuration folder.  [default: $DEALWIRE_CONFIG or ./config]"
    ),
]
Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")]


@app.callback()
def _main(config: Config = None, version: Version = False) -> None:  # noqa: ARG001  (the callback shows it)
    shared.use_folder(config)


run.register(app)
status.register(app)
app.add_typer(feeds.app, name="feeds")
articles.register(app)
app.add_typer(watches.app, name="watches")
app.add_typer(deals.app, name="deals")
export.register(app)
quality.register(app)
app.add_typer(deliveries.app, name="deliveries")
mutes.register(app)
app.add_typer(channels.app, name="channels")
digest.register(app)
care.register(app)
cluster.register(app)
migrate.register(app)
web.register(app)


def run_command() -> int:
    """Run a command. Gives its exit code: 0 done, 1 something failed, 2 the command or the configuration is wrong."""
    try:
        app()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except ConfigError as error:
        count = len(error.problems)
        _complain(f"The configuration has {count} problem{'s' if count > 1 else ''}:\n\n{error}")
        code = 2
    except UsageError as error:
        _complain(str(error))
        code = 2
    except PipelineError as error:
        _complain(str(error))
        code = 1
    except KeyboardInterrupt:
        _complain("Stopped.")
        code = 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:
        if os.environ.get("DEALWIRE_DEBUG"):
            raise
        _complain(
            f"Dealwire failed: {type(error).__name__}: {error}\n"
            "This is a fault of the program. DEALWIRE_DEBUG=1 shows where it happened."
        )
        code = 1
    sys.stdout.flush()
    return code


def _complain(text: str) -> None:
    sys.stderr.write(text.rstrip() + "\n")
