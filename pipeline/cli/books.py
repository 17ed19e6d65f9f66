"""deals totals, circles, export: the ledger summed up, and handed on."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.deals.books import Booked, Sum

FORMATS = ("csv", "jsonl", "parquet")
WatchName = Annotated[str, typer.Option("--watch", help="Of this watch.  [default: the first that keeps a ledger]")]


def register(app: typer.Typer) -> None:
    for command in (totals, circles, export):
        app.command()(command)


def totals(watch: WatchName = "", as_json: shared.Json = False) -> None:
    """Dollars and gigawatts by status, and what was counted for them. Each deal counts once."""
    from dataclasses import asdict

    from pipeline.deals.books import dollars
    from pipeline.deals.books import totals as add_up

    found = add_up(_booked(watch)[1])
    if as_json:
        shared.print_json(asdict(found))
        return
    rows: list[tuple[str, Sum]] = [(str(status), each) for status, each in found.by_status.items()]
    shared.show(
        [*rows, ("all but cancelled", found.live)] if rows else [],
        {
            "Status": lambda row: row[0],
            "Deals": lambda row: str(row[1].deals),
            "US dollars": lambda row: dollars(row[1].usd) if row[1].usd else "-",
            "Gigawatts": lambda row: f"{row[1].gw:,.4g}" if row[1].gw else "-",
        },
        "No deals to count.",
        numbers=["Deals", "US dollars", "Gigawatts"],
    )
    for note in found.notes if rows else ():
        shared.console().print(shared.safe(f"* {note}"), markup=False)


def circles(watch: WatchName = "", as_json: shared.Json = False) -> None:
    """Who puts money into the subject and is paid by it. The deals both ways are shown."""
    from pipeline.deals import books

    name, deals = _booked(watch)
    found = books.circles(deals)
    if as_json:
        shared.print_json(
            [
                {
                    "company": circle.party.name,
                    "slug": circle.party.slug,
                    **{
                        way: {
                            "usd": total.usd,
                            "gw": total.gw,
                            "deals": [{"id": d.id, "title": d.title} for d in those],
                        }
                        for way, those, total in (
                            ("puts_in", circle.funds, circle.put_in),
                            ("is_paid", circle.paid, circle.got_out),
                        )
                    },
                }
                for circle in found
            ]
        )
        return
    console = shared.console()
    if not found:
        console.print(f"No company both funds and is paid, by the deals of {name}.", markup=False)
    for circle in found:
        console.print(shared.safe(circle.party.name), style="bold", markup=False)
        for way, those in (("puts in", circle.funds), ("is paid", circle.paid)):
            for booked in those:
                console.print(shared.safe(f"  {way}: {_figures(booked)}"), markup=False)
        if both := {d.id for d in circle.funds} & {d.id for d in circle.paid}:
            console.print(f"  both ways in one deal: {', '.join(map(str, sorted(both)))}", style="dim", markup=False)


def _figures(booked: Booked) -> str:
    from pipeline.deals.wording import shown

    facts = [
        shown(fact) for name in ("amount", "yearly", "capacity", "chips") if (fact := booked.state.facts.get(name))
    ]
    return f"{', '.join(facts) or 'no figure'} ({booked.state.status})  {booked.title} [{booked.id}]"


def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to.  [default: standard output]")] = None,
    format_: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.  [default: by FILE's ending]")] = "",
    watch: WatchName = "",
    all_: Annotated[bool, typer.Option("--all", help="Also those that were dismissed.")] = False,
) -> None:
    """Every deal as a row, each figure with its sentence and address."""
    from pipeline.deals.rows import row

    kind = _format(format_, file)
    name, deals = _booked(watch)
    numbers = {booked.state.key: booked.id for booked in deals}
    rows = [row(booked, name, numbers) for booked in deals if all_ or not booked.state.dismissed]
    data = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[kind](rows)
    if file is None:
        sys.stdout.write(data.decode())
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}).") from error
    typer.echo(f"{len(rows)} deals written to {file}.", err=True)


def _format(wanted: str, file: Path | None) -> str:
    from pipeline.config.checks import suggest

    if not wanted and file is not None:
        wanted = {"ndjson": "jsonl"}.get(ending := file.suffix.lower().lstrip("."), ending)
        if wanted not in FORMATS:
            raise UsageError(f"The ending of {file} names no format. Say --format csv, jsonl or parquet.")
    wanted = wanted.lower() or "csv"
    if wanted not in FORMATS:
        raise UsageError(f"{wanted!r} is no format. {suggest(wanted, FORMATS)}")
    if wanted == "parquet" and file is None:
        raise UsageError("Parquet is for machines and goes to a file: `dealwire deals export deals.parquet`.")
    return wanted


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    from pipeline.deals.rows import COLUMNS, cell

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(row[name]) for name in COLUMNS] for row in rows)
    return out.getvalue().encode()


def _jsonl(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, default=lambda v: v.isoformat()) + "\n" for row in rows).encode()


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    from pipeline.deals.rows import COLUMNS

    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'dealwire[export]'.") from error
    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "time": pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[sort]) for name, sort in COLUMNS.items()])
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema), out)
    return out.getvalue()


def _booked(watch: str) -> tuple[str, list[Booked]]:
    """The deals of a watch that keeps a ledger, dismissed ones too, by number; with the watch's name."""
    from pipeline.deals.books import Booked
    from pipeline.store import ledger

    settings = shared.settings()
    name = shared.ledger_watch(settings, watch)
    with shared.store(settings) as store, store.read() as session:
        found = ledger.find(session, ledger.Filter(name, dismissed=True))
    return name, [Booked(d.id or 0, d.title, ledger.state(d)) for d in sorted(found, key=lambda d: d.id or 0)]
