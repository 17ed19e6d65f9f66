"""One deal with all that is known of it, gathered and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.cli import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
    history: Sequence[Event]
    articles: Sequence[Article]
    related: Sequence[tuple[str, Deal]]
    rulings: Sequence[Decision]
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Event:
    """A change of a deal, and when it was found. `holds` is False where it is none any more, now that more is known."""

    change: Change
    found: datetime | None
    holds: bool


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
        _events(state, ledger.history(session, deal.id or 0)),
        ledger.attached(session, deal),
        related,
        rulings,
        ledger.numbers(session, deal.watch),
    )


def _events(state: DealState, found: Sequence[tuple[DealChange, Change]]) -> list[Event]:
    """The deal's changes by all that is known, and those that were found when less was, as their articles came."""
    from pipeline.deals.ledger import stands

    at = {change.key: row.found_at for row, change in found}
    now = [Event(change, at.get(change.key), True) for change in state.changes]
    keys = {change.key for change in state.changes}
    then = [Event(change, row.found_at, stands(change, state)) for row, change in found if change.key not in keys]
    return sorted([*now, *then], key=lambda event: event.change.source.published)


def data(view: View) -> dict[str, Any]:
    """What `deals show` has beyond a row of the ledger, as plain data."""
    from pipeline.deals.rows import source_of
    from pipeline.deals.stories import origins
    from pipeline.deals.wording import shown
    from pipeline.domain import FIGURES

    def stated(fact: Fact, source: Source | None) -> dict[str, Any]:
        return {
            "field": fact.field,
            "shown": shown(fact),
            "value": fact.value,
            "unit": fact.unit,
            "quote": fact.quote,
            "attribution": fact.attribution,
            "confidence": fact.confidence,
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
            {"origin": o.name, "first": o.published, "official": o.official, "articles": o.articles}
            for o in origins(state.sources)
        ],
        "history": [
            {
                "field": event.change.field,
                "before": event.change.before,
                "after": event.change.after,
                "holds": event.holds,
                "quote": event.change.quote,
                "found": event.found,
                **_where(event.change.source),
            }
            for event in view.history
        ],
        "attached": [{"id": a.id, "title": a.title, "url": a.url, "published": a.published} for a in view.articles],
        "related": [{"how": word, "id": other.id, "title": other.title} for word, other in view.related],
        "rulings": [row.model_dump(mode="json") for row in view.rulings],
    }


def _where(source: Source | None) -> dict[str, Any]:
    if source is None:
        return {"article": None, "url": "", "origin": "", "published": None}
    return {"article": source.article, "url": source.url, "origin": source.origin, "published": source.published}


def tell(console: Console, view: View, zone: tzinfo) -> None:
    """Print the deal for people."""
    from pipeline.deals.roles import roles

    deal, state = view.deal, view.state

    def line(text: str = "", style: str = "") -> None:
        console.print(shared.safe(text), style=style or None, markup=False)

    line(deal.title, "bold")
    line(f"deal {deal.id} | {deal.kind} | {deal.status}{' | dismissed' if deal.dismissed else ''}", "dim")
    if view.gone:
        line(f"It {view.gone}. What stands below is how it was.", "yellow")
    parties = ", ".join(
        f"{p.name}{f' ({part})' if (part := roles(p, state)) else ''}{'' if p.known else ' [not in companies.yaml]'}"
        for p in state.parties
    )
    line(f"Parties: {parties or 'none named'}")
    if state.place:
        line(f"Place: {state.place}")
    for text in _doubts(state):
        line(text, "yellow")
    for heading, lines in (
        ("How sure", _sure(state, zone)),
        ("Facts", _facts(state, zone)),
        ("History", _history(view, zone)),
        ("Related", (f"{word} {other.id}  {other.title} ({other.status})" for word, other in view.related)),
        ("Rulings", (ruling(row, view.numbers) for row in view.rulings)),
        ("Articles", _articles(view, zone)),
    ):
        rows = list(lines)
        if rows:
            line()
            line(heading, "bold")
        for text in rows:
            line(f"  {text}", "dim" if text.startswith("  ") else "")


def _doubts(state: DealState) -> Iterator[str]:
    from pipeline.deals.books import doubtful

    if words := doubtful(state):
        yield words


def _sure(state: DealState, zone: tzinfo) -> Iterator[str]:
    from pipeline.deals.stories import origins

    known = origins(state.sources)
    official = any(origin.official for origin in known)
    count = f"{len(known)} independent report{'s' if len(known) != 1 else ''}"
    yield f"{state.status}, {count}, {'confirmed officially' if official else 'not confirmed officially'}"
    for number, origin in enumerate(known):
        when = _lag(origin.lag) if number else f"{origin.published.astimezone(zone):%d %b %Y %H:%M}"
        more = f", {origin.articles} articles" if origin.articles > 1 else ""
        yield f"  {origin.name}: {when}{more}{', official' if origin.official else ''}"


def _lag(seconds: float) -> str:
    hours = seconds / 3600
    if hours >= 48:
        return f"{hours / 24:.0f} days later"
    return f"{hours:.0f} hours later" if hours >= 2 else f"{hours * 60:.0f} minutes later" if hours else "at once"


def _facts(state: DealState, zone: tzinfo) -> Iterator[str]:
    from pipeline.deals.rows import source_of, status_stated
    from pipeline.deals.wording import shown
    from pipeline.domain import FIGURES

    if stated := status_stated(state):
        yield from _stated(f"status: {state.status}", *stated, zone)
    else:
        yield f"status: {state.status} (set by hand)"
    rivals = list(state.disagreements)
    for name in FIGURES:
        if fact := state.facts.get(name):
            yield from _stated(f"{name}: {shown(fact)}{_by(fact)}", fact.quote, source_of(fact, state), zone)
        for rival, source in rivals:
            if rival.field == name:
                yield from _stated(f"{name}, others say: {shown(rival)}{_by(rival)}", rival.quote, source, zone)


def _by(fact: Fact) -> str:
    return f" ({fact.attribution})" if fact.attribution else ""


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
    for event in view.history:
        change = event.change
        note = "" if event.holds else " (as it seemed then)"
        when = f"{change.source.published.astimezone(zone):%d %b %Y}"
        yield f"{when}  {_happened(change)}{note}, article {change.source.article}"


def _happened(change: Change) -> str:
    if change.field == "new":
        return "new deal"
    if change.field == "confirmed":
        return f"confirmed officially by {change.after}"
    if change.field == "contradicted":
        return f"{change.of or 'a figure'} contradicted: {change.after}, not {change.before}"
    if change.field == "part":
        return f"a part of it was {change.after}"
    return f"{change.field}: {change.before or 'unknown'} to {change.after}"


def _articles(view: View, zone: tzinfo) -> Iterator[str]:
    by_article = {source.article: source.origin for source in view.state.sources}
    for article in view.articles:
        when = f"{(article.published or article.found_at).astimezone(zone):%d %b %Y}"
        yield f"{article.id}  {when}  {article.title or '(no title)'}, by {by_article.get(article.id or 0, '')}"
        if article.url:
            yield f"  {article.url}"


def ruling(row: Decision, numbers: Mapping[str, int]) -> str:
    """A ruling in one line, with its number and those of the deals it names."""

    def deal(key: str) -> str:
        return f"deal {numbers.get(key, key)}"

    what = {
        "merge": lambda: f"{deal(row.deal)} merged into {deal(row.into)}",
        "split": lambda: f"article {', '.join(map(str, row.articles))} split off {deal(row.deal)}",
        "set": lambda: f"{row.field} of {deal(row.deal)} set to {_value(row, numbers)}",
        "dismiss": lambda: f"{deal(row.deal)} dismissed",
    }[row.verb]()
    undone = f", undone {row.undone_at:%d %b %Y %H:%M} UTC" if row.undone_at else ""
    return f"{row.id}  {row.decided_at:%d %b %Y %H:%M} UTC  {what}{undone}"


def _value(row: Decision, numbers: Mapping[str, int]) -> str:
    from pipeline.deals.rulings import FIGURES, kept
    from pipeline.deals.wording import shown

    if row.value and row.field in FIGURES:
        return shown(kept(row.field, row.value))
    return f"deal {numbers.get(row.value, row.value)}" if row.value and row.field == "part_of" else row.value or "none"
