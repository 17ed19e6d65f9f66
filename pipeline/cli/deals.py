"""deals, deals show: the ledger as a table, and one deal with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import books, deal_filter, export, one_deal, rulings, shared

if TYPE_CHECKING:
    from pipeline.config.schema import Settings
    from pipeline.models import Deal

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The ledger: deals, their facts, and what you decide.",
)
rulings.register(app)
books.register(app)
export.register(app)


@app.callback()
def list_(
    context: typer.Context,
    party: deal_filter.Party = "",
    kind: deal_filter.OfKind = "",
    status: deal_filter.WithStatus = "",
    since: deal_filter.Since = "",
    all_: deal_filter.All = False,
    watch: deal_filter.Watch = "",
    as_json: shared.Json = False,
) -> None:
    """Deals, the one spoken of last first; `show ID` tells all of one."""
    if context.invoked_subcommand:
        return
    from pipeline.flow import deal_search
    from pipeline.store import ledger

    settings = shared.settings()
    wanted = deal_filter.wanted(settings, watch, kind, status, since, all_)
    with shared.store(settings) as store, store.read() as session:
        deals = deal_search.find(settings, session, wanted, party)
        numbers = {name: ledger.numbers(session, name) for name in {deal.watch for deal in deals}}
        superseded = {(d.watch, d.supersedes) for d in ledger.find(session, ledger.Filter(wanted.watch))}
    if as_json:
        shared.print_json([one_deal.row(deal, numbers[deal.watch]) for deal in deals])
        return
    _table(settings, deals, superseded)


def _table(settings: Settings, deals: list[Deal], superseded: set[tuple[str, str]]) -> None:
    from pipeline.deals.wording import brief
    from pipeline.store import ledger

    facts = {deal.id: ledger.state(deal).facts for deal in deals}
    several = len({deal.watch for deal in deals}) > 1

    def title(deal: Deal) -> str:
        notes = ("dismissed", deal.dismissed), ("superseded", (deal.watch, deal.key) in superseded)
        marks = [f" ({note})" for note, holds in notes if holds]
        return "".join([deal.title, f" [{deal.watch}]" if several else "", *marks])

    shared.show(
        deals,
        {
            "ID": lambda d: str(d.id),
            "Deal": title,
            "Status": lambda d: str(d.status),
            "Amount": lambda d: brief(facts[d.id].get("amount") or facts[d.id].get("yearly")),
            "Capacity": lambda d: brief(facts[d.id].get("capacity")),
            "Origins": lambda d: str(d.origins),
            "Last": lambda d: f"{d.last.astimezone(settings.zone):%d %b %y}",
        },
        "No deals. A watch with `ledger: true` builds them from what it flags; `dealwire watches replay --apply` "
        "from what is stored.",
        numbers=["ID", "Amount", "Capacity", "Origins"],
    )


@app.command()
def show(
    deal: Annotated[int, typer.Argument(metavar="ID", min=1, max=shared.LARGEST, help="The deal's number.")],
    as_json: shared.Json = False,
) -> None:
    """All that is known of a deal. The facts with their sentences, how sure, its history and its articles."""
    from pipeline.flow.deal_view import deal_view

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        view = deal_view(session, deal)
    if as_json:
        shared.print_json(one_deal.data(view))
        return
    one_deal.tell(shared.console(), view, settings.zone)
