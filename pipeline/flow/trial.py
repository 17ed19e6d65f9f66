"""A ledger kept on trial: labelled items go through the real `ingest` in a store of their own, and are then compared.

items ─▶ articles ─▶ ingest, one by one ─▶ mentions, deals, changes, outbox ─▶ LedgerQuality
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from pipeline.config.schema import Settings
from pipeline.deals.ledger import grouped
from pipeline.deals.lexicon import slug_of
from pipeline.deals.quality import Found, LedgerQuality, Told, Wanted, measure
from pipeline.domain import DealState
from pipeline.errors import UsageError
from pipeline.flow.bench import Item, bench
from pipeline.flow.labels import LabelledDeal, Line, piece_parts
from pipeline.store import Store, ledger, mentioned, outbox
from pipeline.watch.quality import UNSURE

_SHOWN = 10
"""How many items at fault a message names."""


@dataclass(frozen=True)
class Outcome:
    """What a trial came to: the deals by key, and how well they were kept."""

    deals: Mapping[str, DealState]
    quality: LedgerQuality


def run(
    settings: Settings, watch: str, lines: Sequence[Line], progress: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Feed the items in this order to a ledger of their own. Those labelled as a coin toss are fed but not measured.

    Raises UsageError where an item has no date, or not an id of its own.
    """
    _check(lines)
    items = [_item(line) for line in lines]
    with bench(settings, watch, items) as trial:
        for item in items:
            trial.take(item)
            progress(1)
        ids = {line.id: trial.ids[item.url] for line, item in zip(lines, items, strict=True)}
        return _outcome(settings, watch, trial.store, lines, ids)


def _check(lines: Sequence[Line]) -> None:
    ids = Counter(str(line.id) for line in lines)
    if shared := [id_ for id_, count in ids.items() if count > 1]:
        raise UsageError(f"Each item needs an id of its own. More than one has: {', '.join(shared[:_SHOWN])}.")
    if undated := [str(line.id) for line in lines if not _is_dated(line)]:
        raise UsageError(f"Each item needs a date such as 2026-03-01. These have none: {', '.join(undated[:_SHOWN])}.")


def _is_dated(line: Line) -> bool:
    try:
        day(line)
    except ValueError:
        return False
    return True


def day(line: Line) -> datetime:
    return datetime.fromisoformat(line.date).replace(tzinfo=UTC)


def _item(line: Line) -> Item:
    title, text, summary = piece_parts(line)
    return Item(_url(line), title, summary, text, day(line), line.source)


def _url(line: Line) -> str:
    """The item's own address; one that another item could have too gets its id."""
    base = line.url if line.url.startswith("http") else f"https://{quote(line.source) or 'nowhere'}/"
    return f"{base}#{quote(str(line.id))}"


def _outcome(
    settings: Settings, watch: str, store: Store, lines: Sequence[Line], ids: Mapping[str | int, int]
) -> Outcome:
    slugs = {
        form.casefold(): slug
        for slug, company in settings.companies.items()
        for form in (slug, company.name, *company.aliases, *company.tickers)
    }
    with store.read() as session:
        states = {deal.key: ledger.state(deal) for deal in ledger.find(session, ledger.Filter(watch))}
        said = mentioned.told(session, watch, mentioned.anchors_of(session, watch))
        alerted = {row.article_id for row in outbox.listing(session, most=10**6)}
        changes = ledger.changes(session, watch)
    found = _found(states, said)
    told = [
        Told(
            str(line.id),
            line.label.mentions == "yes",
            [_wanted(deal, slugs) for deal in line.label.deals],
            found.get(ids[line.id], []),
            ids[line.id] in alerted,
            frozenset(key for key, change in changes if change.source.article == ids[line.id]),
        )
        for line in lines
        if line.label.sure > UNSURE
    ]
    return Outcome(_named(states, said), measure(told, sum(c.field == "new" for _, c in changes)))


def _named(states: Mapping[str, DealState], told: Mapping[str, Sequence[mentioned.Told]]) -> dict[str, DealState]:
    """The deals under the keys that they have where all is said at once: a stored one may hang on what came first."""
    fresh = {(group.anchor, group.told[0][0].article): key for key, group in grouped(told).items()}
    names = {key: fresh[state.anchor, state.sources[0].article] for key, state in states.items()}
    return {
        names[key]: replace(
            state,
            key=names[key],
            part_of=names.get(state.part_of, state.part_of),
            supersedes=names.get(state.supersedes, state.supersedes),
        )
        for key, state in states.items()
    }


def _found(states: Mapping[str, DealState], told: Mapping[str, Sequence[mentioned.Told]]) -> dict[int, list[Found]]:
    """The mentions of each article, with the deals that they became part of."""
    deals = {(source.article, state.anchor): state.key for state in states.values() for source in state.sources}
    found: dict[int, list[Found]] = {}
    for anchor, said in told.items():
        for source, mention in said:
            found.setdefault(source.article, []).append(Found(mention, deals.get((source.article, anchor), "")))
    return found


def _wanted(deal: LabelledDeal, slugs: Mapping[str, str]) -> Wanted:
    return Wanted(
        deal.key,
        frozenset(slugs.get(name.casefold()) or slug_of(name) for name in deal.parties),
        deal.kind,
        deal.amount_usd,
        deal.capacity_gw,
        deal.status,
        deal.quote,
        frozenset(deal.agreed),
    )
