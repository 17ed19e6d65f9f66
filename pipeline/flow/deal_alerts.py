"""What is told of the changes of deals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.config.schema import Settings
from pipeline.deals.wording import shown
from pipeline.domain import Change, DealAlert, DealState, Fact, FactLine, Status
from pipeline.models import Article, Deal, Feed
from pipeline.notify import render
from pipeline.store import Session, articles, ledger, outbox

_FIGURES = ("amount", "capacity", "chips", "term")


def tell(
    settings: Settings,
    session: Session,
    watch: str,
    article: Article,
    changed: Sequence[tuple[Deal, list[Change]]],
    now: datetime,
) -> int:
    """Write the deliveries of what changed, one for each deal; how many are new."""
    rule = settings.watches[watch]
    listed = articles.sources(session, [article.id or 0]).get(article.id or 0, [])
    new = 0
    for deal, changes in changed:
        related = ledger.by_key(session, watch, [deal.part_of]) if deal.part_of else {}
        alert = alert_of(
            deal, changes, article, listed, (watch, rule.title), [other.title for other in related.values()]
        )
        new += outbox.add(
            session,
            key=f"deal:{deal.id}:{changes[0].key}",
            channels=settings.channels_for(rule.notify),
            kind="deal",
            subject=render.deal_subject(alert),
            payload=render.pack(alert),
            now=now,
            article_id=article.id,
        )
    return new


def alert_of(
    deal: Deal,
    changes: Sequence[Change],
    article: Article,
    listed: Sequence[Feed],
    watch: tuple[str, str],
    related: Sequence[str],
) -> DealAlert:
    """What is told of a deal's changes that an article brought."""
    state = ledger.state(deal)
    before = {change.field: change.before for change in changes}
    lines = [_line(fact, before.get(name, ""), state) for name in _FIGURES if (fact := state.facts.get(name))]
    if state.parties:
        parties = ", ".join(f"{p.name}{f' ({p.role})' if p.role else ''}" for p in state.parties)
        lines.insert(0, FactLine("parties", parties, "", changes[0].quote, article.url))
    return DealAlert(
        deal=deal.id or 0,
        watch=watch[0],
        watch_title=watch[1],
        title=deal.title,
        happened="; ".join(happened(deal, change, state) for change in changes),
        status=deal.status,
        origins=deal.origins,
        official=any(source.official for source in state.sources),
        facts=tuple(lines),
        related=tuple(related),
        article=article.id or 0,
        headline=article.title,
        url=article.url,
        sources=tuple(feed.name for feed in listed),
        published=article.published,
        quote=changes[0].quote,
    )


def _line(fact: Fact, before: str, state: DealState) -> FactLine:
    return FactLine(fact.field, shown(fact), before, fact.quote, _address(fact, state))


def _address(fact: Fact, state: DealState) -> str:
    """Where the fact stands: facts know their words, and a deal's sources are in the order of publication."""
    return next((source.url for source in state.sources if source.article == fact.article), "")


def happened(deal: Deal, change: Change, state: DealState) -> str:
    """A change in one line."""
    if change.field == "new":
        figures = [shown(fact) for name in ("amount", "capacity") if (fact := state.facts.get(name))]
        return f"New deal: {', '.join([deal.title, *figures])} [{state.status}]"
    if change.field == "confirmed":
        return f"Confirmed officially ({change.after})"
    if change.field == "contradicted":
        return f"Contradicted: {change.before} against {change.after}"
    if change.field == "status":
        return f"{Status(change.after).capitalize()}, before {change.before}"
    if not change.before:
        return f"{change.field.capitalize()} now known: {change.after}"
    return f"{change.field.capitalize()} changed: {change.before} to {change.after}"
