"""watches list, test."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The watches: list them, and try them on a text.")


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
    as_json: shared.Json = False,
) -> None:
    """Judge a text by every watch, and say why. The first line counts as the title."""
    from pipeline.cli.articles import explain
    from pipeline.flow.tools import build_matcher
    from pipeline.watch.text import tidy

    settings = shared.settings()
    title, body = _read(settings, source)
    verdicts = build_matcher(settings).judge(title, tidy(body))
    if as_json:
        shared.print_json([{"matched": v.matched, "title": title, **asdict(v)} for v in verdicts])
        return
    console = shared.console()
    console.print(title or "(no title)", style="bold", markup=False)
    for verdict in verdicts:
        name = settings.watches[verdict.watch].title
        if verdict.matched:
            console.print(f"\n{name}: flagged, because:", markup=False)
            for passage in verdict.passages:
                explain(console, passage)
        elif verdict.nearest is None:
            console.print(f"\n{name}: not flagged; none of its terms occurs.", markup=False)
        else:
            lack = f"lacks {', '.join(verdict.lacking)}" if verdict.lacking else "holds a term of `none`"
            console.print(f"\n{name}: not flagged; what came nearest {lack}:", markup=False)
            explain(console, verdict.nearest)


def _read(settings: Settings, source: str) -> tuple[str, str]:
    """(title, body) of a file, a page or standard input."""
    if source.startswith(("http://", "https://")):
        from pipeline.flow.tools import build_fetcher

        with closing(build_fetcher(settings)) as fetcher:
            data = fetcher.get(source).body
    elif source == "-":
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise UsageError(f"{source} cannot be read ({error.strerror}).") from error
    text = data.decode("utf-8", errors="replace").lstrip("\ufeff")
    if "<html" in text[:5000].lower() or "<!doctype html" in text[:500].lower():
        from pipeline.ingest.extract import extract, page_title

        return page_title(data), extract(data)
    title, _, body = text.strip().partition("\n")
    return title.strip(), body.strip()
