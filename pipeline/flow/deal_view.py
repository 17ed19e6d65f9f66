"""One deal with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.deals.ledger import stands
from pipeline.deals.rows import source_of
from pipeline.deals.stories import origins
from pipeline.domain import FIGURES, Change, DealState, Fact, Origin, Source
from pipeline.errors import UsageError
from pipeline.flow.rulings import gone
from pipeline.models import Article, Deal, DealChange, Decision
from pipeline.store import Session, ledger


@dataclass(frozen=True)
class Event:
    """A change of a deal, and when it was found. `holds` is False where it is none any more, now that more is known."""

    change: Change
    found: datetime | None
    holds: bool

    @property
    def happened(self) -> str:
        """What it was, in a few words."""
        change = self.change
        if change.field == "new":
            return "new deal"
        if change.field == "confirmed":
            return f"confirmed officially by {change.after}"
        if change.field == "contradicted":
            return f"{change.of or 'a figure'} contradicted: {change.after}, not {change.before}"
        if change.field == "part":
            return f"a part of it was {change.after}"
        return f"{change.field}: {change.before or 'unknown'} to {change.after}"


@dataclass(frozen=True)
class View:
    """A deal with what belongs to it. `gone` says what became of it where it is in the ledger no more.

    `related` are other deals, each with how it stands to this one. `numbers` are those of all deals of its watch, by
    key.
    """

    deal: Deal
    state: DealState
    gone: str
    history: Sequence[Event]
    articles: Sequence[Article]
    related: Sequence[tuple[str, Deal]]
    rulings: Sequence[Decision]
    numbers: Mapping[str, int]

    @property
    def figures(self) -> list[tuple[Fact, Source | None]]:
        """The figures in force, each with where it comes from; with None what somebody set by hand."""
        facts = (self.state.facts[name] for name in FIGURES if name in self.state.facts)
        return [(fact, source_of(fact, self.state)) for fact in facts]

    @property
    def reports(self) -> list[Origin]:
        """Who told of it by themselves, in the order in which they did."""
        return origins(self.state.sources)


def deal_view(session: Session, number: int) -> View:
    """The deal of this number. Raises UsageError where there is none."""
    deal = ledger.get(session, number)
    if deal is None:
        raise UsageError(f"There is no deal {number}. `dealwire deals` lists them.")
    state = ledger.state(deal)
    return View(
        deal,
        state,
        "" if deal.live else gone(session, deal),
        _events(state, ledger.history(session, number)),
        ledger.attached(session, deal),
        _related(session, deal, state),
        [ruling for ruling in ledger.decisions(session, deal.watch) if deal.key in (ruling.deal, ruling.into)],
        ledger.numbers(session, deal.watch),
    )


def _related(session: Session, deal: Deal, state: DealState) -> list[tuple[str, Deal]]:
    named = ledger.by_key(session, deal.watch, [key for key in (state.part_of, state.supersedes) if key])
    related = [
        (how, named[key])
        for how, key in (("part of", state.part_of), ("supersedes", state.supersedes))
        if key in named and named[key].live
    ]
    for other in ledger.pointing_at(session, deal.watch, deal.key):
        related.append(("has the part" if other.part_of == deal.key else "is superseded by", other))
    return related


def _events(state: DealState, found: Sequence[tuple[DealChange, Change]]) -> list[Event]:
    """The deal's changes by all that is known, and those that were found when less was, as their articles came."""
    at = {change.key: row.found_at for row, change in found}
    now = [Event(change, at.get(change.key), True) for change in state.changes]
    keys = {change.key for change in state.changes}
    then = [Event(change, row.found_at, stands(change, state)) for row, change in found if change.key not in keys]
    return sorted([*now, *then], key=lambda event: event.change.source.published)
