"""channels list, test, enable, secret, schema."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import shared
from pipeline.errors import DeliveryError, UsageError

if TYPE_CHECKING:
    from pipeline.config.channels import Channel
    from pipeline.config.schema import Settings
    from pipeline.domain import Message

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Where alerts and digests go.")


@app.command("list")
def list_(as_json: shared.Json = False) -> None:
    """The channels of dealwire.yaml, and how often each may send."""
    settings = shared.settings()
    rows = [
        {"name": name, "type": channel.type, "where": _where(channel), "pacing": _pacing(channel)}
        for name, channel in settings.channels.items()
    ]
    if as_json:
        shared.print_json(rows)
        return
    shared.show(rows, {title.capitalize(): _get(title) for title in ("name", "type", "where", "pacing")}, "")


@app.command("test")
def send_sample(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Channels of dealwire.yaml.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every channel.")] = False,
) -> None:
    """Send a sample alert, and show each step on its way.

    Exit code 1 where one did not arrive.
    """
    settings = shared.settings()
    if bool(names) == all_:
        raise UsageError(f"Name channels, or say --all. There are: {', '.join(settings.channels)}.")
    for name in names or ():
        if name not in settings.channels:
            raise UsageError(f"There is no channel {name!r}. Use one of: {', '.join(settings.channels)}.")
    if failed := [name for name in names or settings.channels if not _goes_out(settings, name)]:
        typer.echo(f"Not sent over: {', '.join(failed)}.")
        raise typer.Exit(1)


@app.command()
def enable(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Channels that are disabled.")],
) -> None:
    """Send again to channels that are disabled.

    A channel is, once its receiver says that it is gone (HTTP 410).
    """
    from pipeline.store import channels

    settings = shared.settings()
    with shared.store(settings) as store, store.write() as session:
        waiting = {row.channel: count for row, count in channels.disabled(session)}
        if unknown := [name for name in names if name not in waiting]:
            are = ", ".join(waiting) or "none"
            raise UsageError(f"Not disabled: {', '.join(unknown)}. Disabled channels: {are}.")
        for name in names:
            channels.enable(session, name)
    count = sum(waiting[name] for name in set(names))
    typer.echo(
        f"Enabled: {', '.join(names)}. What waited ({count}) goes out with the next tick, or with `dealwire once`."
    )


@app.command()
def secret() -> None:
    """Make a secret that webhooks can be signed with.

    Put it in the environment of Dealwire and of the receiver, and `secret: ${WEBHOOK_SECRET}` in the channel.
    """
    import base64
    import secrets

    typer.echo("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="deal, alert, bundle or digest.  [default: all in one]")] = "",
) -> None:
    """The JSON Schema of what webhooks are sent."""
    from pipeline.notify import schemas
    from pipeline.notify.render import KINDS

    if kind and kind not in KINDS:
        raise UsageError(f"{kind!r} is no type of payload. Use one of: {', '.join(sorted(KINDS))}.")
    shared.print_json(schemas.schema(kind))


def _goes_out(settings: Settings, name: str) -> bool:
    """Whether a sample went out over the channel. Each step is shown as it is done."""
    import uuid

    from pipeline.clock import SystemClock
    from pipeline.flow.channels import build_channel
    from pipeline.flow.tools import build_fetcher
    from pipeline.notify.sample import sample

    clock, fetcher = SystemClock(), build_fetcher(settings)
    message = sample(name, f"test_{uuid.uuid4().hex}", settings.zone, clock.now())
    typer.echo(f"{name} ({settings.channels[name].type})")
    try:
        build_channel(name, settings, fetcher, clock, _show).send(message, _step)
    except DeliveryError as error:
        typer.echo(f"  FAIL  {shared.safe(str(error))}")
        return False
    finally:
        fetcher.close()
    typer.echo("  ok    sent; look whether it arrived")
    return True


def _step(words: str) -> None:
    typer.echo(f"  ok    {shared.safe(words)}")


def _show(message: Message) -> None:
    sys.stdout.write(message.text)


def _where(channel: Channel) -> str:
    """Where the channel leads, without what may be secret: of an address of the web the host alone."""
    from urllib.parse import urlsplit

    match channel.type:
        case "email":
            return f"{', '.join(channel.to)} by {channel.host}:{channel.effective_port}"
        case "webhook":
            parts = urlsplit(channel.url.get_secret_value())
            return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        case "apprise":
            return channel.url.get_secret_value().partition("://")[0] + "://..."
        case "file":
            return "standard output" if channel.path == "-" else channel.path
        case "feed" | "local":
            return channel.folder


def _pacing(channel: Channel) -> str:
    """How often the channel may send, in words."""
    from pipeline.config.channels import Paced

    if not isinstance(channel, Paced):
        return "at once"
    words = "at once"
    if channel.group_wait:
        words = f"gathered for {_span(channel.group_wait)} by {channel.group_by}"
    if channel.quiet:
        start, end = channel.quiet
        words += f", quiet {start:%H:%M}-{end:%H:%M}"
    return words + (f", at most {channel.most_per_hour} an hour" if channel.most_per_hour else "")


def _span(value: Any) -> str:
    """A duration as it is written in the configuration."""
    seconds = value.total_seconds()
    size, unit = next((pair for pair in ((86400, "d"), (3600, "h"), (60, "m")) if seconds % pair[0] == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"


def _get(name: str) -> Any:
    return lambda row: row[name]
