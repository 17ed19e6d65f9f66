"""channels schema."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Where alerts and digests go.")


@app.callback()
def _group() -> None:
    """Keeps `schema` a command of its own while it is the only one."""


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="deal, alert or digest.  [default: all in one]")] = "",
) -> None:
    """The JSON Schema of what webhooks are sent."""
    from pipeline.notify import schemas
    from pipeline.notify.render import KINDS

    if kind and kind not in KINDS:
        raise UsageError(f"{kind!r} is no type of payload. Use one of: {', '.join(sorted(KINDS))}.")
    shared.print_json(schemas.schema(kind))
