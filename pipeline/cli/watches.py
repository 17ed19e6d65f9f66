"""watches list, test, replay."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.config.schema import Settings
    from pipeline.flow.replay import Change, Replay
    from pipeline.watch.piece import Piece

Watches = Annotated[
    Path | None, typer.Option("--watches", metavar="FILE", help="Judge by this file in place of watches.yaml.")
]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The watches: list them, try them on a text or the store.",
)


@app.command("list")
def list_(as_json: shared.Json = False) -> None:
    """All watches and how much they flagged."""
    from pipeline.store import articles

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        flagged = articles.flagged_counts(session)
    if as_json:
        shared.print_json(
            [
                {"name": name, **watch.model_dump(mode="json"), "flagged": flagged.get(name, 0)}
                for name, watch in settings.watches.items()
            ]
        )
        return
    shared.show(
        list(settings.watches.items()),
        {
            "Watch": lambda row: row[0],
            "Within": lambda row: row[1].within,
            "Groups (terms)": lambda row: ", ".join(f"{group} ({len(terms)})" for group, terms in row[1].all.items()),
            "None": lambda row: str(len(row[1].none)),
            "Tells": lambda row: ", ".join(settings.channels_for(row[1].notify)) or "digest only",
            "Flagged": lambda row: f"{flagged.get(row[0], 0):,}",
        },
        "There are no watches.",
        numbers=["None", "Flagged"],
    )


@app.command("test")
def try_out(
    source: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="A text or HTML file, a page, or - for stdin.")],
    watches: Watches = None,
    as_json: shared.Json = False,
) -> None:
    """Judge a text by every watch, and say why. The first line counts as the title."""
    from pipeline.cli import explain
    from pipeline.flow.matching import build_matcher

    settings = shared.settings(watches)
    piece = _read(settings, source)
    verdicts = build_matcher(settings).judge(piece)
    if as_json:
        shared.print_json([{"title": piece.title, **explain.data(verdict)} for verdict in verdicts])
        return
    console = shared.console()
    console.print(piece.title or "(no title)", style="bold", markup=False)
    for verdict in verdicts:
        explain.verdict(console, settings.watches[verdict.watch].title, verdict)


@app.command()
def replay(
    since: Annotated[str, typer.Option(help="Only articles found since: 12h, 30d, 2026-01-31.")] = "",
    watch: Annotated[str, typer.Option(help="Only this watch.")] = "",
    watches: Watches = None,
    apply: Annotated[bool, typer.Option("--apply", help="Make the store so; tells nobody.")] = False,
    alert: Annotated[
        bool,
        typer.Option("--alert", help="With --apply: tell of what is newly flagged, and of what is new in the ledger."),
    ] = False,
    most: Annotated[int, typer.Option("--most", "-n", min=0, help="How many examples to show of each kind.")] = 10,
    as_json: shared.Json = False,
) -> None:
    """Judge stored articles again, and show what would change. Changes nothing by itself."""
    from pipeline.flow.replay import replay as run

    if alert and not apply:
        raise UsageError("--alert goes with --apply: without it nothing is changed, and nothing told.")
    settings = shared.settings(watches)
    names = [shared.watch(settings, watch)] if watch else []
    start = shared.parse_since(since) if since else None
    with (
        (shared.sole_store if apply else shared.store)(settings) as store,
        shared.progress(quiet=as_json) as show,
    ):
        result = run(
            settings,
            store,
            datetime.now(UTC),
            since=start,
            watches=names,
            apply=apply,
            alert=alert,
            progress=lambda done, total: show("replay", done, total),
        )
    if as_json:
        shared.print_json(_replay_data(result, applied=apply))
        return
    _tell(settings, result, apply, most)


def _tell(settings: Settings, result: Replay, apply: bool, most: int) -> None:
    console = shared.console()
    console.print(f"{result.judged:,} articles judged{'' if apply else '; nothing was changed'}.")
    if result.pruned:
        console.print(f"{result.pruned:,} could not be: their texts were pruned.")
    for name, changes in result.changes.items():
        console.print(f"\n{settings.watches[name].title}: flags {result.flagged[name]:,}", style="bold", markup=False)
        for gained, sign, heading in ((True, "+", "newly flagged"), (False, "-", "no longer flagged")):
            rows = [change for change in changes if change.gained is gained]
            console.print(f"  {len(rows):,} {heading}")
            for change in sorted(rows, key=lambda change: -change.verdict.certainty)[:most]:
                _example(console, sign, change)
            if len(rows) > most:
                console.print(f"    ... and {len(rows) - most:,} more (--most shows them)")
    if apply:
        console.print(f"\nThe store was made so; {result.alerts:,} alerts written.")
    for name, count in result.deals.items():
        console.print(
            f"The ledger of {name} has {count:,} deals; {result.found[name]:,} changes were new.", markup=False
        )


def _example(console: Console, sign: str, change: Change) -> None:
    from pipeline.cli import explain

    console.print(f"  {sign} {change.article}  {change.title}", markup=False)
    shown = change.verdict.passages[0] if change.gained else change.verdict.nearest
    if shown is not None:
        explain.passage(console, shown)


def _replay_data(result: Replay, applied: bool) -> dict[str, Any]:
    from pipeline.cli import explain

    return {
        "judged": result.judged,
        "pruned": result.pruned,
        "applied": applied,
        "alerts": result.alerts,
        "deals": result.deals,
        "changes_of_deals": result.found,
        "watches": {
            name: {
                "flagged": result.flagged[name],
                **{
                    kind: [
                        {"article": c.article, "title": c.title, "published": c.published, **explain.data(c.verdict)}
                        for c in changes
                        if c.gained is gained
                    ]
                    for kind, gained in (("newly", True), ("no_longer", False))
                },
            }
            for name, changes in result.changes.items()
        },
    }


def _read(settings: Settings, source: str) -> Piece:
    """The piece of a file, a page or standard input."""
    from pipeline.flow.tryout import piece_at, piece_from

    if source.startswith(("http://", "https://")):
        return piece_at(settings, source)
    if source == "-":
        return piece_from(settings, sys.stdin.buffer.read())
    try:
        data = Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source} cannot be read ({error.strerror}).") from error
    return piece_from(settings, data)
