"""One deal with all that is known of it, gathered and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.cli import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from rich.console import Console

    from pipeline.domain import Change, DealState, Fact, Source
    from pipeline.models import Article, Deal, DealChange, Decision
    from pipeline.store import Session


@dataclass(frozen=True)
class View:
    """A deal with what belongs to it. `gone` says what became of it where it is in the ledger no more."""

    deal: Deal
    state: DealState
    gone: str
    history: Sequence[tuple[DealChange, Change]]
    articles: Sequence[Article]
    related: Sequence[tuple[str, Deal]]
    rulings: Sequence[Decision]


@dataclass(frozen=True)
class Origin:
    """A report that tells of a deal: who told it first, when, and in how many articles it was passed on."""

    name: str
    first: datetime
    official: bool
    articles: int


def numbers(session: Session, watch: str) -> dict[str, int]:
    """The numbers of a watch's deals, by key."""
    from pipeline.store import ledger

    return {deal.key: deal.id or 0 for deal in ledger.find(session, ledger.Filter(watch, dismissed=True))}


def gather(session: Session, deal: Deal, gone: str) -> View:
    from pipeline.store import ledger

    state = ledger.state(deal)
    named = ledger.by_key(session, deal.watch, [key for key in (state.part_of, state.supersedes) if key])
    related = [
        (word, named[key])
        for word, key in (("part of", state.part_of), ("supersedes", state.supersedes))
        if key in named and named[key].live
    ]
    for other in ledger.pointing_at(session, deal.watch, deal.key):
        related.append(("has the part" if other.part_of == deal.key else "is superseded by", other))
    rulings = [row for row in ledger.decisions(session, deal.watch) if deal.key in (row.deal, row.into)]
    return View(
        deal,
        state,
        gone,
        ledger.history(session, deal.id or 0),
        ledger.attached(session, deal),
        related,
        rulings,
    )


def origins(state: DealState) -> list[Origin]:
    """The independent reports, the first one first."""
    found: dict[str, list[Source]] = {}
    for source in state.sources:
        found.setdefault(source.origin, []).append(source)
    made = [
        Origin(name, min(s.published for s in those), any(s.official for s in those), len({s.article for s in those}))
        for name, those in found.items()
    ]
    return sorted(made, key=lambda origin: (origin.first, origin.name))


def data(view: View) -> dict[str, Any]:
    """What `deals show` has beyond a row of the ledger, as plain data."""
    from pipeline.deals.rows import FIGURES, source_of
    from pipeline.deals.wording import shown

    def stated(fact: Fact, source: Source | None) -> dict[str, Any]:
        return {
            "field": fact.field,
            "shown": shown(fact),
            "value": fact.value,
            "unit": fact.unit,
            "quote": fact.quote,
            **_where(source),
        }

    state = view.state
    figures = [(state.facts[name], source_of(state.facts[name], state)) for name in FIGURES if name in state.facts]
    return {
        "live": view.deal.live,
        "gone": view.gone,
        "facts": [stated(fact, source) for fact, source in figures],
        "disagreements": [stated(fact, source) for fact, source in state.disagreements],
        "reports": [
            {"origin": o.name, "first": o.first, "official": o.official, "articles": o.articles} for o in origins(state)
        ],
        "history": [
            {
                "field": change.field,
                "before": change.before,
                "after": change.after,
                "holds": _holds(change, state),
                "quote": change.quote,
                "found": row.found_at,
                **_where(change.source),
            }
            for row, change in view.history
        ],
        "attached": [{"id": a.id, "title": a.title, "url": a.url, "published": a.published} for a in view.articles],
        "related": [{"how": word, "id": other.id, "title": other.title} for word, other in view.related],
        "rulings": [row.model_dump(mode="json") for row in view.rulings],
    }


def _where(source: Source | None) -> dict[str, Any]:
    if source is None:
        return {"article": None, "url": "", "origin": "", "published": None}
    return {"article": source.article, "url": source.url, "origin": source.origin, "published": source.published}


def _holds(change: Change, state: DealState) -> bool:
    """Whether the change is one still, now that more is known; one that somebody set by hand is."""
    return change.key in {other.key for other in state.changes} or change.after == state.status


def tell(console: Console, view: View, zone: tzinfo) -> None:
    """Print the deal for people."""
    deal, state = view.deal, view.state

    def line(text: str = "", style: str = "") -> None:
        console.print(shared.safe(text), style=style or None, markup=False)

    line(deal.title, "bold")
    line(f"deal {deal.id} | {deal.kind} | {deal.status}{' | dismissed' if deal.dismissed else ''}", "dim")
    if view.gone:
        line(f"It {view.gone}. What stands below is how it was.", "yellow")
    parties = ", ".join(
        f"{p.name}{f' ({p.role})' if p.role else ''}{'' if p.known else ' [not in companies.yaml]'}"
        for p in state.parties
    )
    line(f"Parties: {parties or 'none named'}")
    for text in _doubts(state):
        line(text, "yellow")
    for heading, lines in (
        ("How sure", _sure(state, zone)),
        ("Facts", _facts(state, zone)),
        ("History", _history(view, zone)),
        ("Related", (f"{word} {other.id}  {other.title} ({other.status})" for word, other in view.related)),
        ("Rulings", map(ruling, view.rulings)),
        ("Articles", _articles(view, zone)),
    ):
        rows = list(lines)
        if rows:
            line(f"\n{heading}", "bold")
        for text in rows:
            line(f"  {text}", "dim" if text.startswith("  ") else "")


def _doubts(state: DealState) -> Iterator[str]:
    from pipeline.deals.books import doubtful

    if words := doubtful(state):
        yield words


def _sure(state: DealState, zone: tzinfo) -> Iterator[str]:
    known = origins(state)
    official = any(origin.official for origin in known)
    count = f"{len(known)} independent report{'s' if len(known) != 1 else ''}"
    yield f"{state.status}, {count}, {'confirmed officially' if official else 'not confirmed officially'}"
    for number, origin in enumerate(known):
        when = f"{origin.first.astimezone(zone):%d %b %Y %H:%M}" if number == 0 else _lag(origin.first, known[0].first)
        more = f", {origin.articles} articles" if origin.articles > 1 else ""
        yield f"  {origin.name}: {when}{more}{', official' if origin.official else ''}"


def _lag(later: datetime, first: datetime) -> str:
    hours = (later - first).total_seconds() / 3600
    return f"{hours / 24:.0f} days later" if hours >= 48 else f"{hours:.0f} hours later" if hours >= 1.5 else "at once"


def _facts(state: DealState, zone: tzinfo) -> Iterator[str]:
    from pipeline.deals.rows import FIGURES, source_of, status_stated
    from pipeline.deals.wording import shown

    if stated := status_stated(state):
        yield from _stated(f"status: {state.status}", *stated, zone)
    else:
        yield f"status: {state.status} (set by hand)"
    rivals = list(state.disagreements)
    for name in FIGURES:
        if fact := state.facts.get(name):
            yield from _stated(f"{name}: {shown(fact)}", fact.quote, source_of(fact, state), zone)
        for rival, source in rivals:
            if rival.field == name:
                yield from _stated(f"{name}, others say: {shown(rival)}", rival.quote, source, zone)


def _stated(what: str, quote: str, source: Source | None, zone: tzinfo) -> Iterator[str]:
    if source is None:
        yield f"{what} (set by hand)"
        return
    yield what
    yield f'  "{quote}"'
    yield f"  article {source.article}, {source.origin}, {source.published.astimezone(zone):%d %b %Y %H:%M}"
    if source.url:
        yield f"  {source.url}"


def _history(view: View, zone: tzinfo) -> Iterator[str]:
    for _, change in view.history:
        note = "" if _holds(change, view.state) else " (no longer so, now that more is known)"
        when = f"{change.source.published.astimezone(zone):%d %b %Y}"
        yield f"{when}  {_happened(change)}{note}, article {change.source.article}"


def _happened(change: Change) -> str:
    if change.field == "new":
        return "new deal"
    if change.field == "confirmed":
        return f"confirmed officially by {change.after}"
    if change.field == "contradicted":
        return f"contradicted: {change.after}, not {change.before}"
    return f"{change.field}: {change.before or 'unknown'} to {change.after}"


def _articles(view: View, zone: tzinfo) -> Iterator[str]:
    by_article = {source.article: source.origin for source in view.state.sources}
    for article in view.articles:
        when = f"{(article.published or article.found_at).astimezone(zone):%d %b %Y}"
        yield f"{article.id}  {when}  {article.title or '(no title)'}, by {by_article.get(article.id or 0, '')}"
        if article.url:
            yield f"  {article.url}"


def ruling(row: Decision) -> str:
    """A ruling in one line, with its number."""
    what = {
        "merge": f"{row.deal} merged into {row.into}",
        "split": f"article {', '.join(map(str, row.articles))} split off {row.deal}",
        "set": f"{row.field} of {row.deal} set to {row.value or 'none'}",
        "dismiss": f"{row.deal} dismissed",
    }[row.verb]
    undone = f", undone {row.undone_at:%d %b %Y %H:%M} UTC" if row.undone_at else ""
    return f"{row.id}  {row.decided_at:%d %b %Y %H:%M} UTC  {what}{undone}"
