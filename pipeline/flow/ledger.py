"""The ledger of a watch: what an article says of deals, the deals that come of it, and what of that is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pipeline.config.schema import Settings
from pipeline.deals.anchors import UNNAMED
from pipeline.domain import Change, DealState, Mention, Source
from pipeline.models import OFFICIAL, Article, Deal, Feed
from pipeline.store import Session, ledger, mentioned
from pipeline.watch.piece import Piece

if TYPE_CHECKING:
    from pipeline.flow.mentions import Reader


class Ledger:
    """The ledger of one watch. Reads in any thread; enters within a transaction."""

    def __init__(self, settings: Settings, watch: str) -> None:
        self._settings = settings
        self._watch = watch
        self._least = settings.watches[watch].alert
        self._official = frozenset(domain for company in settings.companies.values() for domain in company.domains)

    @cached_property
    def _reader(self) -> Reader:
        from pipeline.flow.mentions import Reader  # here, so that a pass that ingests nothing need not load it

        return Reader(self._settings, self._watch)

    def read(self, piece: Piece) -> list[Mention]:
        """What a flagged piece says of deals."""
        return self._reader.read(piece)

    def enter(
        self, session: Session, article: Article, listed: Sequence[Feed], mentions: Iterable[Mention], now: datetime
    ) -> list[tuple[Deal, list[Change]]]:
        """Store what an article says of deals; the deals that changed by it, each with its changes."""
        anchors = self.note(session, article, listed, mentions)
        if not article.edits:
            return self.derive(session, anchors, now)
        before = [(deal, ledger.state(deal)) for deal in ledger.at(session, self._watch, anchors)]
        changed = self.derive(session, anchors, now)
        self._revise(session, self._source(article, listed), before, changed, now)
        return changed

    def _revise(
        self,
        session: Session,
        source: Source,
        before: Iterable[tuple[Deal, DealState]],
        changed: list[tuple[Deal, list[Change]]],
        now: datetime,
    ) -> None:
        """Add to what changed the figures that an edited article took back after they had been told."""
        from pipeline.deals.life import revised

        known = {deal.id: changes for deal, changes in changed}
        for deal, state in before:
            found = ledger.add_changes(session, deal, revised(state, ledger.state(deal), source), now)
            if deal.id in known:
                known[deal.id].extend(found)
            elif found and not deal.dismissed:
                changed.append((deal, found))

    def note(self, session: Session, article: Article, listed: Sequence[Feed], mentions: Iterable[Mention]) -> set[str]:
        """Store what an article says of deals, and leave it at that; the anchors whose deals are to be made anew."""
        source = self._source(article, listed)
        named = [mention for mention in mentions if mention.anchor != UNNAMED]
        own = [replace(mention, cites="") if mention.cites == source.origin else mention for mention in named]
        return mentioned.replace(session, self._watch, source, own)

    def derive(self, session: Session, anchors: Iterable[str], now: datetime) -> list[tuple[Deal, list[Change]]]:
        """Make the deals of these anchors anew; those that changed, each with its changes."""
        from pipeline.deals.ledger import deals_of, grouped, kept_keys, linked, stands

        rulings = ledger.rulings(session, self._watch)
        reached = linked(anchors, rulings)
        told, known = mentioned.told_and_keys(session, self._watch, reached)
        groups = grouped(told, known)
        deals = deals_of(groups, rulings, self._reader.programme, self._least)
        kept = kept_keys(groups, deals, rulings)
        mentioned.keep_keys(session, self._watch, {said: key for said, key in kept.items() if known.get(said) != key})
        titled = [(state, state.title or self._title(state)) for state in deals]
        changed = ledger.save(session, self._watch, reached, titled, now)
        states = {state.key: state for state in deals}
        news = [
            (deal, [change for change in changes if stands(change, states[deal.key])])
            for deal, changes in changed
            if not deal.dismissed
        ]
        return [(deal, changes) for deal, changes in news if changes]

    def _source(self, article: Article, listed: Sequence[Feed]) -> Source:
        host = article.host
        official = any(host == domain or host.endswith(f".{domain}") for domain in self._official)
        official = official or any(feed.tier == OFFICIAL for feed in listed)
        outlet = self._settings.ledger.outlet_of(host) or ("" if _is_address(host) else host)
        origin = outlet or next((feed.name for feed in listed), "") or host or str(article.id)
        published = min(article.published or article.found_at, article.found_at)  # feeds date some pieces ahead
        return Source(article.id or 0, article.url, published, origin, official, article.fingerprint)

    def _title(self, state: DealState) -> str:
        subject = self._reader.subject
        who = state.key.partition("#")[0]
        sort, _, name = who.partition(":")
        if who == "total":
            title = f"{subject}: all commitments"
        elif sort == "programme":
            company = self._settings.companies.get(name)  # it may be of mentions from before an edit
            title = company.name if company else name.replace("-", " ").title()
        elif sort == "in":
            title = f"{subject}: {name.replace('-', ' ').title() if len(name) > 3 else name.upper()}"
        else:
            title = " and ".join([subject, *[party.name for party in state.parties[:2]]])
        return title if who == "total" or sort == "programme" else f"{title} ({state.kind})"


def _is_address(host: str) -> bool:
    """Whether a host is a bare IP address, behind which several outlets may be."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
