"""What is told of the changes of deals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pipeline.config.schema import Settings
from pipeline.deals.roles import roles
from pipeline.deals.wording import shown
from pipeline.domain import (
    FIGURES,
    Change,
    DealAlert,
    DealState,
    Fact,
    FactLine,
    OtherFigure,
    Party,
    PartyLine,
    Proof,
    RelatedDeal,
    host_of,
)
from pipeline.models import Article, Deal, Feed
from pipeline.notify import render
from pipeline.store import Session, articles, ledger, outbox
from pipeline.store import changes as deal_changes

_MOST_OTHERS = 3


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
    new = 0
    for deal, changes in changed:
        if not merged(changes):
            continue  # it is what it was
        # An article that comes late may change what an earlier one is found to have said.
        bringer = articles.get(session, lead(changes).source.article) or article
        listed = articles.sources(session, [bringer.id or 0]).get(bringer.id or 0, [])
        related = [RelatedDeal(how, other.id or 0, other.title) for how, other in deal_changes.related(session, deal)]
        topic = deal_changes.topic(session, deal.id or 0)
        alert = alert_of(deal, changes, bringer, listed, rule.title, related, topic)
        new += outbox.add(
            session,
            key=f"deal:{deal.id}:{changes[0].key}",
            channels=settings.channels_for(rule.notify),
            kind="deal",
            subject=render.deal_subject(alert),
            payload=render.pack(alert),
            now=now,
            article_id=bringer.id,
            watch=watch,
            deal_id=deal.id,
        )
    return new


def alert_of(
    deal: Deal,
    changes: Sequence[Change],
    article: Article,
    listed: Sequence[Feed],
    watch_title: str,
    related: Sequence[RelatedDeal],
    topic: str,
) -> DealAlert:
    """What is told of a deal's changes. `article` brought them, `listed` are the feeds that carry it.

    `topic` is the subject under which the deal was told of before; empty where it was not.
    """
    state = ledger.state(deal)
    return DealAlert(
        deal=deal.id or 0,
        watch=deal.watch,
        watch_title=watch_title,
        title=deal.title,
        happened=headline(deal, changes, state),
        status=deal.status,
        origins=deal.origins,
        official=_official(state),
        parties=tuple(_party(party, state) for party in state.parties),
        facts=tuple(_facts(state, merged(changes))),
        related=tuple(related),
        article=article.id or 0,
        headline=article.title,
        url=article.url,
        sources=tuple(feed.name for feed in listed),
        published=article.published,
        quote=lead(changes).quote,
        thread=thread(deal),
        topic=f"Re: {topic.removeprefix('Re: ')}" if topic else deal.title,
    )


def thread(deal: Deal) -> str:
    """The same for whatever is told of the deal, on whatever machine."""
    return f"deal-{hashlib.sha256(f'{deal.watch} {deal.key}'.encode()).hexdigest()[:20]}"


def lead(changes: Sequence[Change]) -> Change:
    """The change whose words stand first: what is said of figures stands beside them anyway."""
    return next((change for change in changes if change.field not in FIGURES), changes[0])


def merged(changes: Iterable[Change]) -> list[Change]:
    """The changes with those of one field joined, from what it was at first to what it is at last.

    Of a deal that is new nobody knows yet what it was before, so that it is new is all that there is to tell.
    """
    joined: dict[str, Change] = {}
    for change in changes:
        if change.field == "new":
            return [change]
        first = joined.get(change.field)
        if first and change.field not in ("contradicted", "party"):
            change = Change(change.field, first.before, change.after, change.quote, change.source)
        joined[change.field if change.field not in ("contradicted", "party") else change.key] = change
    return [change for change in joined.values() if change.before != change.after]


def headline(deal: Deal, changes: Iterable[Change], state: DealState) -> str:
    """What happened, in one line that names the deal."""
    together = merged(changes)
    if together and together[0].field == "new":
        return f"New deal: {', '.join([deal.title, *figures(state), deal.status])}"
    return f"{deal.title}: {'; '.join(map(happened, together))}"


def figures(state: DealState) -> list[str]:
    """The figures of a deal, as people write them."""
    return [shown(fact) for name in FIGURES if (fact := state.facts.get(name))]


def proof_of_figures(state: DealState) -> Proof | None:
    """What says so of the first of them; None where there is none."""
    return next((_proof(fact, state) for name in FIGURES if (fact := state.facts.get(name))), None)


def happened(change: Change) -> str:
    """A change in a few words."""
    before, after = change.before, change.after
    match change.field:
        case "status":
            return f"{after} (was: {before})"
        case "confirmed":
            return f"first confirmed by an official source ({host_of(change.source.url) or after})"
        case "contradicted":
            return f"sources now disagree{f' on the {change.of}' if change.of else ''}, {before} against {after}"
        case "part":
            return f"a part of it was {after}"
        case "party":
            gone = f"{before} no longer a party"
            return f"now also with {after}" if not before else f"{after} in place of {before}" if after else gone
    return f"{change.field} changed, {before} to {after}" if before else f"{change.field} now known, {after}"


def _facts(state: DealState, changes: Sequence[Change]) -> Iterator[FactLine]:
    before = {change.field: change.before for change in changes}
    for name in FIGURES:
        if fact := state.facts.get(name):
            yield FactLine(name, shown(fact), before.get(name, ""), _proof(fact, state), others_of(fact, state))
    moved = [change for change in state.changes if change.field == "status" and change.after == state.status]
    said = moved[-1:] or [change for change in state.changes if change.field == "new"]
    proof = proof_of(said[0]) if said else Proof("", "", None)
    yield FactLine("status", state.status, before.get("status", ""), proof)


def others_of(fact: Fact, state: DealState) -> tuple[OtherFigure, ...]:
    """What was said in place of the fact since; what it replaced is no disagreement."""
    order = {source.article: number for number, source in enumerate(state.sources)}
    replaced = {change.before for change in state.changes if change.field == fact.field}
    found: dict[str, OtherFigure] = {}
    for other, _ in state.disagreements:
        if (
            other.field == fact.field
            and shown(other) not in replaced
            and order.get(other.article, -1) > order.get(fact.article, -1)
        ):
            found.setdefault(shown(other), OtherFigure(shown(other), _proof(other, state)))
    return tuple(found.values())[:_MOST_OTHERS]


def _party(party: Party, state: DealState) -> PartyLine:
    """A party with the first words that name it."""
    words = [proof_of(change) for change in state.changes]
    words += [_proof(fact, state) for fact in state.facts.values()]
    named = (proof for proof in words if party.name.casefold() in proof.quote.casefold())
    return PartyLine(party.name, roles(party, state), party.known, next(named, None))


def _proof(fact: Fact, state: DealState) -> Proof:
    """Facts know their article, and a deal its sources."""
    source = next((source for source in state.sources if source.article == fact.article), None)
    return Proof(fact.quote, source.url if source else "", source.published if source else None)


def proof_of(change: Change) -> Proof:
    """What says so of a change."""
    return Proof(change.quote, change.source.url, change.source.published)


def _official(state: DealState) -> str:
    return next((host_of(source.url) or source.origin for source in state.sources if source.official), "")
