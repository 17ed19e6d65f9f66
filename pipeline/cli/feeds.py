"""feeds list, add, remove, import, export."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from pipeline.cli import shared
from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:
    from pipeline.config.edit import NewFeed
    from pipeline.models import Feed

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The feeds: list, add, remove, import and export (OPML)."
)


@app.command("list")
def list_(as_json: shared.Json = False) -> None:
    """All feeds and how polling them goes."""
    from pipeline.store import feeds

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        stored = {feed.url: feed for feed in feeds.all_active(session)}
        listed = feeds.listed_counts(session)
    now = datetime.now(UTC)

    def state(url: str) -> Feed | None:
        return stored.get(url)

    if as_json:
        shared.print_json(
            [
                {
                    "name": feed.name,
                    "url": feed.url,
                    "tier": feed.tier,
                    "tags": feed.tags,
                    "enabled": feed.enabled,
                    "entries": listed.get((found.id or 0) if found else 0, 0),
                    "last_poll": found.last_poll if found else None,
                    "next_poll": found.next_poll if found else None,
                    "failures": found.failures if found else 0,
                    "error": found.last_error if found else "",
                    "moved_to": found.moved_to if found else "",
                }
                for feed in settings.feeds
                for found in [state(feed.url)]
            ]
        )
        return

    def health(url: str, enabled: bool) -> str:
        found = state(url)
        if not enabled:
            return "off"
        if found is None or found.last_poll is None:
            return "not polled yet"
        if found.failures:
            return f"{found.failures} failed: {found.last_error}"
        return f"moved to {found.moved_to}" if found.moved_to else "ok"

    shared.show(
        settings.feeds,
        {
            "Feed": lambda f: f.name,
            "Tier": lambda f: f.tier.value,
            "Entries": lambda f: f"{listed.get((found.id or 0) if (found := state(f.url)) else 0, 0):,}",
            "Polled": lambda f: shared.ago(found.last_poll if (found := state(f.url)) else None, now),
            "Health": lambda f: health(f.url, f.enabled),
        },
        "There are no feeds. `dealwire feeds add URL` adds one.",
        numbers=["Entries"],
    )


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The feed's address.")],
    name: Annotated[str, typer.Option(help="What to call it.  [default: its host]")] = "",
    tier: Annotated[str, typer.Option(help="official, press or aggregator.")] = "press",
) -> None:
    """Add a feed to feeds.yaml; its comments and order stay."""
    from pipeline.config.edit import NewFeed
    from pipeline.config.schema import Tier
    from pipeline.config.values import is_web_url

    if not is_web_url(url):
        raise UsageError(f"{url!r} is no web address. Write it as https://example.org/feed.xml.")
    if tier not in list(Tier):
        raise UsageError(f"{tier!r} is no tier. Use one of: {', '.join(Tier)}.")
    written = _write([NewFeed(" ".join(name.split()) or urlsplit(url).hostname or url, url, tier)])
    typer.echo(f"Added {written[0].name}." if written else "That feed is there already.")


@app.command()
def remove(feed: Annotated[str, typer.Argument(help="Its name or URL.")]) -> None:
    """Take a feed out of feeds.yaml. Its articles stay."""
    from pipeline.config.edit import remove_feed

    removed = remove_feed(shared.config_folder(), feed)
    typer.echo(f"Removed {removed.name} ({removed.url}).")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Add the feeds of an OPML file to feeds.yaml."""
    from pipeline.config.edit import NewFeed
    from pipeline.config.values import is_web_url
    from pipeline.ingest.opml import read

    try:
        outlines = [outline for outline in read(file.read_bytes()) if is_web_url(outline.url)]
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}).") from error
    if not outlines:
        raise UsageError(f"{file} lists no feeds (no outline with an xmlUrl).")
    written = _write([NewFeed(o.name, o.url, "", tuple(f.strip() for f in o.folders if f.strip())) for o in outlines])
    typer.echo(f"Added {len(written):,} of {len(outlines):,} feeds; the others were there already.")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to.  [default: the terminal]")] = None,
) -> None:
    """Write the feeds as OPML."""
    from pipeline.ingest.opml import Outline, write

    document = write("Dealwire feeds", [Outline(feed.name, feed.url) for feed in shared.settings().feeds])
    if file is None:
        sys.stdout.write(document.decode())
        return
    try:
        file.write_bytes(document)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}).") from error
    typer.echo(f"Wrote {file}.")


def _write(fresh: list[NewFeed]) -> list[NewFeed]:
    """Add the feeds, and take them back where the file would not be in order with them."""
    from pipeline.config.edit import FILE, add_feeds
    from pipeline.flow.tools import load_settings

    folder = shared.config_folder()
    load_settings(folder)
    before = (folder / FILE).read_bytes()
    written = add_feeds(folder, fresh)
    try:
        load_settings(folder)
    except PipelineError:
        (folder / FILE).write_bytes(before)
        raise
    return written
