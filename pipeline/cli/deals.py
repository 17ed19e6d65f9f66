"""deals, deals show: the ledger as a table, and one deal with all that is known of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import books, one_deal, rulings, shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.config.schema import Settings
    from pipeline.domain import Fact
    from pipeline.models import Deal
    from pipeline.store import Session

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="The ledger: deals, their facts, and what you decide.",
)
rulings.register(app)
books.register(app)


@app.callback()
def list_(
    context: typer.Context,
    party: Annotated[str, typer.Option(help="With this company: its name, ticker or slug.")] = "",
    kind: Annotated[str, typer.Option(help="Of this kind: chips, compute, power ...")] = "",
    status: Annotated[str, typer.Option(help="With this status: rumoured, announced, signed ...")] = "",
    since: Annotated[str, typer.Option(help="Only those spoken of since: 12h, 30d, 2026-01-31.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="Also those that were dismissed.")] = False,
    watch: Annotated[str, typer.Option(help="Only those of this watch.")] = "",
    as_json: shared.Json = False,
) -> None:
    """Deals, the one spoken of last first; `show ID` tells all of one."""
    if context.invoked_subcommand:
        return
    from pipeline.domain import Kind, Status
    from pipeline.store import ledger

    settings = shared.settings()
    wanted = ledger.Filter(
        watch=shared.watch(settings, watch) if watch else "",
        kind=Kind(_one_of(kind, Kind, "kind")) if kind else None,
        status=Status(_one_of(status, Status, "status")) if status else None,
        since=shared.parse_since(since) if since else None,
        dismissed=all_,
    )
    with shared.store(settings) as store, store.read() as session:
        slugs = _party(settings, session, party) if party else set()
        deals = [d for d in ledger.find(session, wanted) if not party or slugs & {p["slug"] for p in d.data["parties"]}]
        numbers = {name: ledger.numbers(session, name) for name in {deal.watch for deal in deals}}
        superseded = {(d.watch, d.data["supersedes"]) for d in ledger.find(session, ledger.Filter(wanted.watch))}
    if as_json:
        shared.print_json([_data(deal, numbers[deal.watch]) for deal in deals])
        return
    _table(settings, deals, superseded)


def _table(settings: Settings, deals: list[Deal], superseded: set[tuple[str, str]]) -> None:
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


def brief(fact: Fact | None) -> str:
    """A figure as a narrow column shows it: $300B, ≤€1.5B/yr, 4.5 GW."""
    from pipeline.deals.wording import shown
    from pipeline.domain import Bound

    if fact is None:
        return ""
    sign = {Bound.EXACT: "", Bound.UP_TO: "≤", Bound.MORE_THAN: "≥", Bound.ABOUT: "~"}[fact.bound]
    text = shown(fact).removeprefix(f"{fact.bound} ").removesuffix(" a year")
    for name, letter in ((" trillion", "T"), (" billion", "B"), (" million", "M")):
        text = text.replace(name, letter)
    return f"{sign}{text}{'/yr' if fact.per_year else ''}"


@app.command()
def show(
    deal: Annotated[int, typer.Argument(metavar="ID", min=1, max=shared.LARGEST, help="The deal's number.")],
    as_json: shared.Json = False,
) -> None:
    """All that is known of a deal. The facts with their sentences, how sure, its history and its articles."""
    from pipeline.flow.rulings import gone
    from pipeline.store import ledger

    settings = shared.settings()
    with shared.store(settings) as store, store.read() as session:
        found = ledger.get(session, deal)
        if found is None:
            raise UsageError(f"There is no deal {deal}. `dealwire deals` lists them.")
        view = one_deal.gather(session, found, "" if found.live else gone(session, found))
        numbers = ledger.numbers(session, found.watch)
    if as_json:
        shared.print_json({**_data(found, numbers), **one_deal.data(view)})
        return
    one_deal.tell(shared.console(), view, settings.zone)


def _data(deal: Deal, numbers: dict[str, int]) -> dict[str, Any]:
    from pipeline.deals.books import Booked, doubtful
    from pipeline.deals.rows import row
    from pipeline.store import ledger

    state = ledger.state(deal)
    return {**row(Booked(deal.id or 0, deal.title, state), deal.watch, numbers), "doubtful": doubtful(state)}


def _one_of(value: str, options: Iterable[str], what: str) -> str:
    from pipeline.config.checks import suggest

    known = [str(option) for option in options]
    if value.lower() not in known:
        raise UsageError(f"{value!r} is no {what}. {suggest(value.lower(), known)}")
    return value.lower()


def _party(settings: Settings, session: Session, wanted: str) -> set[str]:
    """The slugs of the companies that somebody means: of companies.yaml, or of the ledger alone. Raises UsageError."""
    from difflib import get_close_matches

    from pipeline.store import ledger

    names: dict[str, set[str]] = {}
    titles: dict[str, str] = {}
    for slug, company in settings.companies.items():
        titles[slug] = company.name
        for name in (slug, company.name, *company.aliases, *company.tickers):
            names.setdefault(_plain(name), set()).add(slug)
    for deal in ledger.find(session, ledger.Filter(dismissed=True)):
        for party in deal.data["parties"]:
            titles.setdefault(party["slug"], party["name"])
            for name in (party["slug"], party["name"]):
                names.setdefault(_plain(name), set()).add(party["slug"])
    if found := names.get(_plain(wanted)):
        return found
    near = get_close_matches(_plain(wanted), list(names), n=3, cutoff=0.6)
    meant = dict.fromkeys(titles[slug] for name in near for slug in sorted(names[name]))
    hint = f"Did you mean {' or '.join(meant)}?" if meant else "`dealwire deals` lists the deals."
    raise UsageError(shared.safe(f"No company {wanted!r} is known, or party to a deal. {hint}"))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
