"""init, run, once, check, demo."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import DeliveryError, PipelineError, UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.domain import Message
    from pipeline.flow import Tools


class Stage(StrEnum):
    """What `once` does, in this order."""

    POLL = "poll"
    INGEST = "ingest"
    DELIVER = "deliver"


def register(app: typer.Typer) -> None:
    for command in (init, run, once, check, demo):
        app.command()(command)


def init(
    folder: Annotated[Path | None, typer.Argument(help="Where to write it.  [default: ./config]")] = None,
) -> None:
    """Write the shipped configuration to a folder, to adjust it."""
    from pipeline.config.shipped import shipped_folder

    place = folder or shared.config_folder()
    there = [path.name for path in place.glob("*.yaml")] if place.is_dir() else []
    if there:
        raise UsageError(f"{place} already holds {', '.join(sorted(there))}. Name another folder, or move them away.")
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path in sorted(shipped_folder().glob("*.yaml")):
            shutil.copyfile(path, place / path.name)
    except OSError as error:
        raise UsageError(f"{place} cannot be written ({error.strerror}).") from error
    option = "" if place == Path("config") else f" --config {place}"
    typer.echo(
        f"Wrote {place}. Next: `dealwire{option} check`, then `dealwire{option} once` or `dealwire{option} run`."
    )


def run() -> None:
    """Run until told to stop; a digest every day. SIGHUP makes it look at its configuration at once."""
    stop = stop_on_signal()
    reload = _reload_on_hangup(stop)
    from pipeline.cli.logs import configure
    from pipeline.cli.web import beside
    from pipeline.engine import arenas
    from pipeline.engine.local import Daemon

    arenas.keep_few()
    redactor = configure()
    settings = shared.settings()

    def learn(new: Settings) -> None:
        redactor.learn(new.secrets)

    with shared.sole_store(settings) as store, beside(settings, store, learn):
        Daemon(settings, store, stop, reload=reload, taken_up=learn, hide=redactor.hide).run()


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set, in place of ending the process where it stands."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _reload_on_hangup(stop: threading.Event) -> threading.Event:
    """An event that SIGHUP sets; where it comes because the terminal was closed, it sets `stop`."""
    reload, watched = threading.Event(), _has_terminal()
    signal.signal(signal.SIGHUP, lambda *_: (stop if watched and not _has_terminal() else reload).set())
    return reload


def _has_terminal() -> bool:
    try:
        os.close(os.open(os.ctermid(), os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def once(
    all_feeds: Annotated[bool, typer.Option("--all", help="Poll every feed now, due or not.")] = False,
    only: Annotated[
        Stage | None, typer.Option(help="Only this: poll the feeds, ingest (read the articles) or deliver.")
    ] = None,
    as_json: shared.Json = False,
) -> None:
    """Do all that is due now, then stop."""
    from datetime import UTC, datetime

    from pipeline import flow
    from pipeline.engine.stages import NAMES, report_lines
    from pipeline.engine.stages import once as run_once
    from pipeline.store import feeds

    settings = shared.settings()
    stop = stop_on_signal()
    with shared.sole_store(settings) as store:
        flow.recover(store, datetime.now(UTC))
        say = _quiet if as_json else _say
        with flow.open_tools(settings, store, say, stop=stop) as tools:
            if all_feeds:
                with store.write() as session:
                    feeds.make_due(session, datetime.now(UTC))
            with shared.progress(quiet=as_json) as show:
                reports = run_once(tools, show, [only] if only else NAMES)
    if stop.is_set():
        typer.echo("Stopped; what was under way is handed back and due again.", err=True)
        raise typer.Exit(1)
    if as_json:
        shared.print_json({stage: {**r.counts, "failures": r.failures} for stage, r in reports.items()})
        return
    lines = report_lines(reports)
    for line in lines or ["Nothing was due. `dealwire status` says when the next feed is; --all polls now."]:
        typer.echo(line)
    failures = [failure for report in reports.values() for failure in report.failures]
    for what, why in failures[:10]:
        typer.echo(f"warning: {what}: {why}", err=True)
    if len(failures) > 10:
        typer.echo(f"warning: and {len(failures) - 10} more; `dealwire status` lists them.", err=True)
    if Stage.DELIVER in reports and reports[Stage.DELIVER].failures:
        raise typer.Exit(1)


def _say(message: Message) -> None:
    typer.echo(f"\n{'-' * 72}\n{message.text.rstrip()}\n")


def _quiet(message: Message) -> None:
    """Say nothing: the output belongs to a program."""


def check(
    live: Annotated[
        bool, typer.Option("--live", help="Also try every feed and channel, and the server of the store.")
    ] = False,
    as_json: shared.Json = False,
) -> None:
    """Check the configuration; with --live also what it names."""
    settings = shared.settings()
    results = [*_try_store(settings), *_try_all(settings)] if live else []
    if as_json:
        shared.print_json(
            {
                "folder": str(settings.folder),
                "feeds": len(settings.feeds),
                "watches": len(settings.watches),
                "channels": list(settings.channels),
                "live": [{"kind": kind, "name": name, "ok": not why, "error": why} for kind, name, why in results],
            }
        )
    else:
        typer.echo(
            f"{settings.folder} is in order: {len(settings.feeds)} feeds, {len(settings.watches)} watches, "
            f"{len(settings.companies)} companies, channels: {', '.join(settings.channels)}."
        )
        for kind, name, why in results:
            typer.echo(f"{'ok  ' if not why else 'FAIL'} {kind} {name}{': ' + why if why else ''}")
    if any(why for kind, _, why in results if kind != "feed"):
        raise typer.Exit(1)


def _try_store(settings: Settings) -> list[tuple[str, str, str]]:
    """The same of the server that the store is on, where it is on one."""
    if not isinstance(settings.place, str):
        return []
    from pipeline.store import server

    try:
        server.look(settings.place)
    except PipelineError as error:
        return [("store", "postgresql", str(error))]
    return [("store", "postgresql", "")]


def _try_all(settings: Settings) -> list[tuple[str, str, str]]:
    """(feed or channel, name, what is wrong) for each; a dead feed is only a warning."""
    from functools import partial

    from pipeline.domain import host_of
    from pipeline.flow import probe

    with probe.scratch(settings) as tools:
        probes = {
            ("feed", feed.name): tools.pollers.submit(host_of(feed.url), partial(probe.why_not, tools, feed.url))
            for feed in settings.feeds
            if feed.enabled
        }
        probes |= {
            ("channel", name): tools.senders.submit(name, partial(_try_channel, tools, name)) for name in tools.channels
        }
        return [(kind, name, found.result()) for (kind, name), found in probes.items()]


def _try_channel(tools: Tools, name: str) -> str:
    try:
        tools.channels[name].probe()
    except DeliveryError as error:
        return str(error)
    return ""


def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep configuration and state there.")
    ] = None,
    months: Annotated[
        bool, typer.Option("--months", help="Tell six months of sample stories, and list each alert with its reason.")
    ] = False,
) -> None:
    """Try it all on a sample news site on this machine.

    Needs no configuration and no internet.
    """
    if months:
        if keep:
            raise UsageError("--months keeps nothing. Leave --keep out, or --months.")
        _demo_of_months()
        return
    from pipeline.demo.show import show

    with shared.progress() as progress:
        result = show(keep, progress)
    for line in result.lines():
        typer.echo(line)


def _demo_of_months() -> None:
    from pipeline import flow
    from pipeline.config.shipped import shipped_folder
    from pipeline.demo.listing import lines
    from pipeline.demo.months import run as tell
    from pipeline.demo.months import stories

    with shared.progress() as progress:
        months = tell(flow.load_settings(shipped_folder()), stories(), progress)
    for line in lines(months):
        typer.echo(line)
