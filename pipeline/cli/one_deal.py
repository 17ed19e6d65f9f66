"""One deal with all that is known of it, shown to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.cli import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from rich.console import Console

    from pipeline.domain import DealState, Fact, Source
    from pipeline.flow.deal_view import View
    from pipeline.models import Deal


def row(deal: Deal, numbers: Mapping[str, int]) -> dict[str, Any]:
    """A deal as a row of the ledger, with whether its figures are doubtful, as plain data.

    `numbers` gives those of other deals by key.
    """
    from pipeline.deals import rows
    from pipeline.deals.books import doubtful
    from pipeline.flow.deal_search import booked

    one = booked(deal)
    return {**rows.row(one, deal.watch, numbers), "doubtful": doubtful(one.state)}


def data(view: View) -> dict[str, Any]:
    """All that is known of a deal, as plain data."""
    return {
        **row(view.deal, view.numbers),
        "live": view.deal.live,
        "gone": view.gone,
        "facts": [_fact(fact, source) for fact, source in view.figures],
        "disagreements": [_fact(fact, source) for fact, source in view.state.disagreements],
        "reports": [
            {"origin": o.name, "first": o.published, "official": o.official, "articles": o.articles}
            for o in view.reports
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
        "related": [{"how": how, "id": other.id, "title": other.title} for how, other in view.related],
        "rulings": [ruling.model_dump(mode="json") for ruling in view.rulings],
    }


def _fact(fact: Fact, source: Source | None) -> dict[str, Any]:
    from pipeline.deals.wording import shown

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


def _where(source: Source | None) -> dict[str, Any]:
    if source is None:
        return {"article": None, "url": "", "origin": "", "published": None}
    return {"article": source.article, "url": source.url, "origin": source.origin, "published": source.published}


def tell(console: Console, view: View, zone: tzinfo) -> None:
    """Print the deal for people."""
    from pipeline.deals.roles import roles
    from pipeline.flow.rulings import in_words

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
        ("How sure", _sure(view, zone)),
        ("Facts", _facts(view, zone)),
        ("History", _history(view, zone)),
        ("Related", (f"{word} {other.id}  {other.title} ({other.status})" for word, other in view.related)),
        ("Rulings", (in_words(ruling, view.numbers) for ruling in view.rulings)),
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


def _sure(view: View, zone: tzinfo) -> Iterator[str]:
    known = view.reports
    official = any(origin.official for origin in known)
    count = f"{len(known)} independent report{'s' if len(known) != 1 else ''}"
    yield f"{view.state.status}, {count}, {'confirmed officially' if official else 'not confirmed officially'}"
    for number, origin in enumerate(known):
        when = _lag(origin.lag) if number else f"{origin.published.astimezone(zone):%d %b %Y %H:%M}"
        more = f", {origin.articles} articles" if origin.articles > 1 else ""
        yield f"  {origin.name}: {when}{more}{', official' if origin.official else ''}"


def _lag(seconds: float) -> str:
    hours = seconds / 3600
    if hours >= 48:
        return f"{hours / 24:.0f} days later"
    return f"{hours:.0f} hours later" if hours >= 2 else f"{hours * 60:.0f} minutes later" if hours else "at once"


def _facts(view: View, zone: tzinfo) -> Iterator[str]:
    from pipeline.deals.rows import status_stated
    from pipeline.deals.wording import shown
    from pipeline.domain import FIGURES

    state, figures = view.state, {fact.field: (fact, source) for fact, source in view.figures}
    if stated := status_stated(state):
        yield from _stated(f"status: {state.status}", *stated, zone)
    else:
        yield f"status: {state.status} (set by hand)"
    for name in FIGURES:
        if name in figures:
            fact, source = figures[name]
            yield from _stated(f"{name}: {shown(fact)}{_by(fact)}", fact.quote, source, zone)
        for rival, rivals_source in state.disagreements:
            if rival.field == name:
                yield from _stated(f"{name}, others say: {shown(rival)}{_by(rival)}", rival.quote, rivals_source, zone)


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
        yield f"{when}  {event.happened}{note}, article {change.source.article}"


def _articles(view: View, zone: tzinfo) -> Iterator[str]:
    by_article = {source.article: source.origin for source in view.state.sources}
    for article in view.articles:
        when = f"{(article.published or article.found_at).astimezone(zone):%d %b %Y}"
        yield f"{article.id}  {when}  {article.title or '(no title)'}, by {by_article.get(article.id or 0, '')}"
        if article.url:
            yield f"  {article.url}"
