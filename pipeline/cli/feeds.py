"""feeds list, add, check, remove, import, export."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from pipeline.cli import shared
from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:
    from pipeline.config.edit import NewFeed
    from pipeline.config.schema import FeedSettings
    from pipeline.flow.probe import Source
    from pipeline.models import Feed
    from pipeline.store.feeds import Listed

app = typer.Typer(rich_markup_mode=None, help="The feeds: how they fare, and to add, check or remove some.")


@app.callback(invoke_without_command=True)
def feeds_(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_(as_json: shared.Json = False) -> None:
    """All feeds and how they fare."""
    from pipeline.store import feeds

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        stored = {feed.url: feed for feed in feeds.all_active(session)}
        listed = feeds.listed_counts(session)
    now = datetime.now(UTC)
    rows = [
        (feed, found := stored.get(feed.url), listed.get(found.id or 0) if found else None) for feed in settings.feeds
    ]
    if as_json:
        shared.print_json([_data(*row) for row in rows])
        return
    shared.show(
        rows,
        {
            "Feed": lambda row: row[0].name,
            "Answered": lambda row: shared.ago(row[1].last_success if row[1] else None, now),
            "New": lambda row: shared.ago(row[1].last_new if row[1] else None, now),
            "Every": lambda row: _interval(row[1].interval) if row[1] and row[1].last_poll else "-",
            "Entries": lambda row: f"{row[2].entries if row[2] else 0:,}",
            "Again": lambda row: f"{row[2].repeats / row[2].entries:.0%}" if row[2] else "-",
            "Health": lambda row: _health(row[0].enabled, row[1]),
        },
        "There are no feeds. `dealwire feeds add URL` adds one.",
        numbers=["Every", "Entries", "Again"],
    )
    if rows:
        shared.console().print("Again: what another feed had listed before.", style="dim")


def _data(feed: FeedSettings, found: Feed | None, listed: Listed | None) -> dict[str, object]:
    return {
        "name": feed.name,
        "url": feed.url,
        "tier": feed.tier,
        "tags": feed.tags,
        "enabled": feed.enabled,
        "entries": listed.entries if listed else 0,
        "repeats": listed.repeats if listed else 0,
        "health": str(found.health) if found else None,
        "last_poll": found.last_poll if found else None,
        "last_success": found.last_success if found else None,
        "last_new": found.last_new if found else None,
        "new_a_day": round(found.rate, 3) if found else None,
        "interval": found.interval if found else None,
        "next_poll": found.next_poll if found else None,
        "failures": found.failures if found else 0,
        "failing_since": found.failing_since if found else None,
        "error": found.last_error if found else "",
        "moved_to": found.moved_to if found else "",
    }


def _health(enabled: bool, found: Feed | None) -> str:
    from pipeline.ingest.health import told

    if not enabled:
        return "off"
    if found is None or found.last_poll is None:
        return "not polled yet"
    if found.failures:
        return f"{found.failures} failed: {found.last_error}"
    if note := told(found, found.health)[0]:
        return note
    return f"moved to {found.moved_to}" if found.moved_to else "ok"


def _interval(seconds: float) -> str:
    return next(
        (f"{seconds / size:.0f} {unit}" for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")) if seconds >= size),
        f"{seconds:.0f} s",
    )


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a site that has some.")] = "",
    name: Annotated[str, typer.Option(help="What to call it.  [default: its own title]")] = "",
    tier: Annotated[str, typer.Option(help="official, press or aggregator.")] = "press",
    search: Annotated[str, typer.Option(metavar="WORDS", help="Google News' feed of a search, in place of URL.")] = "",
    as_is: Annotated[bool, typer.Option("--as-is", help="Add this very address without a look at it.")] = False,
) -> None:
    """Add a feed to feeds.yaml; its comments and order stay. A site's own address offers the feeds that it has."""
    from pipeline.config.edit import NewFeed
    from pipeline.config.schema import Tier
    from pipeline.config.values import is_web_url
    from pipeline.ingest.search import search_url

    if bool(url) == bool(search):
        raise UsageError("Give the address of a feed or site, or --search WORDS.")
    if search:
        url, name, tier, as_is = search_url(search), name or f"Google News: {search}", Tier.AGGREGATOR, True
    if not is_web_url(url):
        raise UsageError(f"{url!r} is no web address. Write it as https://example.org/feed.xml.")
    if tier not in list(Tier):
        raise UsageError(f"{tier!r} is no tier. Use one of: {', '.join(Tier)}.")
    title = ""
    if not as_is:
        url, title = _chosen(_offers(url), url)
    named = " ".join((name or title).split())[:80] or urlsplit(url).hostname or url
    written = _write([NewFeed(named, url, tier)])
    typer.echo(f"Added {written[0].name} ({url})." if written else "That feed is there already.")


def _offers(url: str) -> list[Source]:
    """The feeds that the address leads to. Raises UsageError where it cannot be looked at."""
    from pipeline.errors import FetchError
    from pipeline.flow import probe

    console = shared.console(stderr=True)
    with probe.scratch(shared.settings()) as tools:
        try:
            return probe.find(tools, url, lambda tried: console.print(f"Looking at {tried}", style="dim", markup=False))
        except FetchError as error:
            raise UsageError(f"{url} cannot be looked at: {error}. With --as-is it is added all the same.") from error


def _chosen(offers: Sequence[Source], url: str) -> tuple[str, str]:
    """The feed to add, and its title: the only one, or that which a person picks. Raises UsageError where none is."""
    if not offers:
        raise UsageError(
            f"{url} is no feed, names none and has none in the usual places. "
            'A search may do: dealwire feeds add --search "site:its.address words"'
        )
    if len(offers) == 1:
        return offers[0].url, offers[0].title
    now, numbers = datetime.now(UTC), {offer.url: number for number, offer in enumerate(offers, 1)}
    shared.show(
        offers,
        {
            "": lambda offer: str(numbers[offer.url]),
            "Feed": lambda offer: offer.title or "(no title)",
            "Address": lambda offer: offer.url,
            "Entries": lambda offer: f"{offer.entries:,}",
            "Newest": lambda offer: shared.ago(offer.newest, now) if offer.newest else "-",
        },
        "",
        numbers=["", "Entries"],
    )
    if not sys.stdin.isatty():
        raise UsageError("Several feeds were found. Add the one you want: dealwire feeds add URL")
    number = typer.prompt("Which one", type=int, default=1)
    if number not in numbers.values():
        raise UsageError(f"There is no number {number}. Nothing was added.")
    return offers[number - 1].url, offers[number - 1].title


@app.command()
def check(
    url: Annotated[str, typer.Argument(help="A feed's address, or the name of one in feeds.yaml.")],
    as_json: shared.Json = False,
) -> None:
    """What a source gives, step by step, without storing anything."""
    from pipeline.config.values import is_web_url
    from pipeline.flow import probe

    settings = shared.settings()
    url = next((feed.url for feed in settings.feeds if feed.name == url), url)
    if not is_web_url(url):
        raise UsageError(f"{url!r} is neither a web address nor the name of a feed in feeds.yaml.")
    with probe.scratch(settings) as tools:
        steps = []
        for step in probe.steps(tools, url):
            steps.append(step)
            if not as_json:
                mark = "FAIL" if step.fault else "ok  "
                typer.echo(shared.safe(f"{mark}  {step.what:<11} {step.fault or step.said}"))
    if as_json:
        shared.print_json([asdict(step) for step in steps])
    if any(step.fault for step in steps if step.what in ("answer", "format")):
        raise typer.Exit(1)


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
