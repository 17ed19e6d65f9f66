"""deals totals, circles: the ledger summed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import shared

if TYPE_CHECKING:
    from pipeline.deals.books import Booked
    from pipeline.deals.sums import Sum

WatchName = Annotated[str, typer.Option("--watch", help="Of this watch.  [default: the first that keeps a ledger]")]


def register(app: typer.Typer) -> None:
    for command in (totals, circles):
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


def _booked(watch: str) -> tuple[str, list[Booked]]:
    """The deals of a watch that keeps a ledger, dismissed ones too, by number; with the watch's name."""
    from pipeline.flow.deal_search import books

    settings = shared.settings()
    name = shared.ledger_watch(settings, watch)
    with shared.store(settings) as store, store.read() as session:
        return name, books(session, name)
