"""articles, show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config.schema import Settings


def register(app: typer.Typer) -> None:
    app.command()(articles)
    app.command()(show)


def articles(
    words: Annotated[
        list[str] | None, typer.Argument(help='Words that title or text must hold; begin*, a OR b, and "a phrase" too.')
    ] = None,
    flagged: Annotated[bool, typer.Option("--flagged", help="Only flagged ones.")] = False,
    watch: Annotated[str, typer.Option(help="Only those that this watch flags.")] = "",
    since: Annotated[str, typer.Option(help="Only those found since: 12h, 30d, 2026-01-31.")] = "",
    most: Annotated[int, typer.Option("--most", "-n", min=1, max=shared.LARGEST, help="How many rows.")] = 30,
    as_json: shared.Json = False,
) -> None:
    """Stored articles, newest first."""
    from pipeline.store import articles as stored

    settings = shared.settings()
    if watch and watch not in settings.watches:
        raise UsageError(f"There is no watch {watch!r}. `dealwire watches list` shows them.")
    wanted = stored.Filter(watch, flagged, " ".join(words or []), shared.parse_since(since) if since else None, most)
    with shared.store(settings) as store, store.read() as session:
        rows = stored.find(session, wanted)
        ids = [row.id or 0 for row in rows]
        sources, matches = stored.sources(session, ids), stored.matches(session, ids)
    if as_json:
        shared.print_json(
            [
                {
                    "id": row.id,
                    "title": row.title,
                    "url": row.url,
                    "sources": [feed.name for feed in sources.get(row.id or 0, [])],
                    "published": row.published,
                    "found": row.found_at,
                    "body_source": str(row.body_source),
                    "body_note": row.body_note,
                    "watches": [match.watch for match in matches.get(row.id or 0, [])],
                }
                for row in rows
            ]
        )
        return
    shared.show(
        rows,
        {
            "ID": lambda a: str(a.id),
            "Published": lambda a: shared.when(a.published, settings.zone),
            "Source": lambda a: ", ".join(feed.name for feed in sources.get(a.id, [])),
            "Title": lambda a: a.title or "(no title)",
            "": lambda a: "flagged" if a.id in matches else "",
        },
        "No articles. `dealwire once` polls the feeds.",
        numbers=["ID"],
    )


def show(
    article: Annotated[int, typer.Argument(metavar="ID", max=shared.LARGEST, help="The article's number.")],
    earlier: Annotated[bool, typer.Option("--earlier", help="Also what it said before it was edited.")] = False,
    as_json: shared.Json = False,
) -> None:
    """An article's text, and why it matched."""
    from pipeline.cli import explain
    from pipeline.flow.replay import rejudge, verdict_of
    from pipeline.models import BodySource
    from pipeline.store import articles as stored

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        found = stored.get(session, article)
        if found is None:
            raise UsageError(f"There is no article {article}. `dealwire articles` lists them.")
        sources = stored.sources(session, [article]).get(article, [])
        matches = stored.matches(session, [article]).get(article, [])
        before = stored.earlier(session, article)
    flagging = {match.watch for match in matches}
    readable = found.body_source is not BodySource.PRUNED
    others = [name for name in settings.watches if readable and name not in flagging]
    misses = rejudge(settings, found, others)
    if as_json:
        data = found.model_dump(mode="json", exclude={"identity", "lease_until"})
        data["sources"] = [{"name": feed.name, "url": feed.url, "tier": feed.tier} for feed in sources]
        data["matches"] = [{"matched_at": m.matched_at, **explain.data(verdict_of(m))} for m in matches]
        data["nearest"] = [explain.data(verdict) for verdict in misses]
        data["earlier"] = [{"title": e.title, "body": e.body, "until": e.until} for e in before]
        shared.print_json(data)
        return
    console = shared.console()
    console.print(found.title or "(no title)", style="bold", markup=False)
    console.print(
        f"{', '.join(feed.name for feed in sources)} | {shared.when(found.published, settings.zone)}",
        style="dim",
        markup=False,
    )
    console.print(found.url or "(no link)", style="dim", markup=False)
    for match in matches:
        explain.verdict(console, _title(settings, match.watch), verdict_of(match))
    for verdict in misses:
        explain.verdict(console, _title(settings, verdict.watch), verdict)
    texts = {
        "page": "Text from the page",
        "feed": "Text from the feed",
        "none": "No text",
        "pruned": "No text any more",
    }
    body = texts[found.body_source]
    note = f" ({found.body_note})" if found.body_note else ""
    console.print(f"\n{body}{note}:\n" if found.body else f"\n{body}{note}.", markup=False)
    console.print(found.body, markup=False)
    if before and not earlier:
        console.print(f"\nEdited; `dealwire show {article} --earlier` also shows what it said before.", style="dim")
    for one in before if earlier else ():
        console.print(f"\nUntil {shared.when(one.until, settings.zone)}: {one.title}\n", style="bold", markup=False)
        console.print(one.body, markup=False)


def _title(settings: Settings, watch: str) -> str:
    return settings.watches[watch].title if watch in settings.watches else watch
