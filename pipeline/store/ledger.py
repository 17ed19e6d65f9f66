"""The ledger: what articles say of deals, the deals that come of it, and their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlmodel import Session, col, delete, select, update

from pipeline.domain import Change, DealState, Kind, Mention, Ruling, Source, Status
from pipeline.models import Article, Deal, DealChange, Decision, Mentioned
from pipeline.store.chunks import chunks

Told = tuple[Source, Mention]

_MENTION = TypeAdapter(Mention)
_STATE = TypeAdapter(DealState)
_CHANGE = TypeAdapter(Change)


def set_mentions(session: Session, watch: str, source: Source, mentions: Iterable[Mention]) -> set[str]:
    """Store what an article says of deals, in place of what it said before; the anchors of both."""
    mine = (col(Mentioned.article_id) == source.article, col(Mentioned.watch) == watch)
    keys = dict(session.exec(select(Mentioned.anchor, Mentioned.key).where(*mine)).all())
    anchors = set(keys)
    session.exec(delete(Mentioned).where(*mine))
    for mention in mentions:
        anchors.add(mention.anchor)
        session.add(
            Mentioned(
                article_id=source.article,
                watch=watch,
                anchor=mention.anchor,
                key=keys.get(mention.anchor, ""),
                url=source.url,
                published=source.published,
                origin=mention.cites or source.origin,
                official=source.official,
                fingerprint=source.fingerprint,
                data=_MENTION.dump_python(mention, mode="json"),
            )
        )
    session.flush()
    return anchors


def anchors_of(session: Session, watch: str) -> list[str]:
    """All anchors that anything was said of, or that a deal was made of."""
    said = select(Mentioned.anchor).where(Mentioned.watch == watch)
    made = select(Deal.anchor).where(Deal.watch == watch)
    return sorted({*session.exec(said), *session.exec(made)})


def told(session: Session, watch: str, anchors: Collection[str]) -> dict[str, list[Told]]:
    """All that was said, by anchor, in no order."""
    query = select(Mentioned).where(Mentioned.watch == watch, col(Mentioned.anchor).in_(anchors))
    found: dict[str, list[Told]] = {anchor: [] for anchor in anchors}
    for row in session.exec(query):
        source = Source(row.article_id, row.url, row.published, row.origin, row.official, row.fingerprint)
        found[row.anchor].append((source, _MENTION.validate_python(row.data)))
    return found


def known_keys(session: Session, watch: str, anchors: Collection[str]) -> dict[tuple[str, int], str]:
    """Under which key what an article says of an anchor stood last, where it did."""
    query = select(Mentioned.anchor, Mentioned.article_id, Mentioned.key)
    rows = session.exec(query.where(Mentioned.watch == watch, col(Mentioned.anchor).in_(anchors)))
    return {(anchor, article): key for anchor, article, key in rows if key}


def keep_keys(
    session: Session,
    watch: str,
    known: Mapping[tuple[str, int], str],
    groups: Mapping[str, tuple[str, Iterable[Told]]],
) -> None:
    """Note under which key each mention stands: by key an anchor, and what was said of it. `known`: those noted."""
    now = {(anchor, source.article): key for key, (anchor, said) in groups.items() for source, _ in said}
    for (anchor, article), key in now.items():
        if known.get((anchor, article)) != key:
            mine = (
                col(Mentioned.watch) == watch,
                col(Mentioned.anchor) == anchor,
                col(Mentioned.article_id) == article,
            )
            session.exec(
                update(Mentioned).where(*mine).values(key=key), execution_options={"synchronize_session": False}
            )


def save(
    session: Session, watch: str, anchors: Collection[str], deals: Iterable[tuple[DealState, str]], now: datetime
) -> list[tuple[Deal, list[Change]]]:
    """Store the deals of these anchors, with their titles, in place of those before; each with its new changes.

    One that there is nothing of any more keeps its number, and what was told of it.
    """
    query = select(Deal).where(Deal.watch == watch, col(Deal.anchor).in_(anchors))
    before = {deal.key: deal for deal in session.exec(query)}
    changed = []
    for state, title in deals:
        deal = _put(session, watch, before.pop(state.key, None), state, title, now)
        if fresh := add_changes(session, deal, state.changes, now):
            changed.append((deal, fresh))
    for gone in before.values():
        gone.live = False
        session.add(gone)
    session.flush()
    return changed


def add_changes(session: Session, deal: Deal, changes: Iterable[Change], now: datetime) -> list[Change]:
    """Store these changes of a deal; those that had not been found before."""
    known = set(session.exec(select(DealChange.key).where(DealChange.deal_id == deal.id)))
    fresh = {change.key: change for change in changes if change.key not in known}
    for key, change in fresh.items():
        data = _CHANGE.dump_python(change, mode="json")
        session.add(DealChange(deal_id=deal.id or 0, key=key, found_at=now, data=data))
    return list(fresh.values())


def at(session: Session, watch: str, anchors: Collection[str]) -> list[Deal]:
    """The deals of these anchors."""
    return list(session.exec(select(Deal).where(Deal.watch == watch, col(Deal.anchor).in_(anchors), col(Deal.live))))


def _put(session: Session, watch: str, deal: Deal | None, state: DealState, title: str, now: datetime) -> Deal:
    times = [source.published for source in state.sources]
    deal = deal or Deal(
        watch=watch, key=state.key, anchor=state.anchor, title=title, kind=state.kind, status=state.status,
        first=now, last=now, origins=0,
    )  # fmt: skip
    deal.title, deal.kind, deal.status, deal.part_of = title, state.kind, state.status, state.part_of
    deal.first, deal.last, deal.origins = min(times), max(times), state.origins
    deal.live, deal.dismissed = True, state.dismissed
    amount, capacity = state.facts.get("amount"), state.facts.get("capacity")
    deal.amount_usd = float(amount.value) if amount and amount.unit == "USD" and not amount.per_year else None
    deal.capacity_gw = float(capacity.value) if capacity else None
    deal.data = _STATE.dump_python(state, mode="json")
    session.add(deal)
    session.flush()
    return deal


def changes(session: Session, watch: str) -> list[tuple[str, Change]]:
    """All changes that were found, with the keys of the deals they were found of, those that are gone among them."""
    query = select(Deal.key, DealChange.data).join(Deal, col(Deal.id) == col(DealChange.deal_id))
    return [(key, _CHANGE.validate_python(data)) for key, data in session.exec(query.where(Deal.watch == watch))]


def decide(session: Session, watch: str, ruling: Ruling, now: datetime) -> Ruling:
    """Store what a person decided; with its number."""
    row = Decision(
        watch=watch,
        verb=ruling.verb,
        deal=ruling.deal,
        into=ruling.into,
        articles=list(ruling.articles),
        field=ruling.field,
        value=ruling.value,
        decided_at=now,
    )
    session.add(row)
    session.flush()
    return _ruling(row)


def rulings(session: Session, watch: str) -> list[Ruling]:
    """What people decided, and did not undo, in that order."""
    query = (
        select(Decision).where(Decision.watch == watch, col(Decision.undone_at).is_(None)).order_by(col(Decision.id))
    )
    return [_ruling(row) for row in session.exec(query)]


def decisions(session: Session, watch: str = "") -> list[Decision]:
    """The same as rows, of this watch or of all, the latest first, undone ones too."""
    query = select(Decision).order_by(col(Decision.id).desc())
    return list(session.exec(query.where(Decision.watch == watch) if watch else query))


def undo(session: Session, decision: Decision, now: datetime) -> None:
    """Take back what a person decided."""
    decision.undone_at = now
    session.add(decision)
    session.flush()


def _ruling(row: Decision) -> Ruling:
    return Ruling(row.id or 0, row.verb, row.deal, row.into, tuple(row.articles), row.field, row.value)


@dataclass(frozen=True)
class Filter:
    """Which deals: of a watch, with a company (its slug), of a kind or status, mentioned since then.

    Those that somebody dismissed only where they are asked for.
    """

    watch: str = ""
    party: str = ""
    kind: Kind | None = None
    status: Status | None = None
    since: datetime | None = None
    dismissed: bool = False


def find(session: Session, wanted: Filter) -> list[Deal]:
    """The deals, the one mentioned last first."""
    query = select(Deal).where(col(Deal.live)).order_by(col(Deal.last).desc(), col(Deal.id))
    if not wanted.dismissed:
        query = query.where(~col(Deal.dismissed))
    if wanted.watch:
        query = query.where(Deal.watch == wanted.watch)
    if wanted.kind:
        query = query.where(Deal.kind == wanted.kind)
    if wanted.status:
        query = query.where(Deal.status == wanted.status)
    if wanted.since:
        query = query.where(Deal.last >= wanted.since)
    deals = list(session.exec(query))
    return [deal for deal in deals if not wanted.party or wanted.party in {p["slug"] for p in deal.data["parties"]}]


def get(session: Session, id_: int) -> Deal | None:
    return session.get(Deal, id_)


def numbers(session: Session, watch: str) -> dict[str, int]:
    """The numbers of all deals of a watch that ever were, by key."""
    return {key: id_ or 0 for key, id_ in session.exec(select(Deal.key, Deal.id).where(Deal.watch == watch))}


def pointing_at(session: Session, watch: str, key: str) -> list[Deal]:
    """The deals that are part of the one with this key, or supersede it."""
    live = session.exec(select(Deal).where(Deal.watch == watch, col(Deal.live)).order_by(col(Deal.id)))
    return [deal for deal in live if key in (deal.part_of, deal.data.get("supersedes"))]


def history(session: Session, deal_id: int) -> list[tuple[DealChange, Change]]:
    """All changes of a deal that were found, in the order in which their articles were published."""
    rows = session.exec(select(DealChange).where(DealChange.deal_id == deal_id).order_by(col(DealChange.id)))
    found = [(row, _CHANGE.validate_python(row.data)) for row in rows]
    return sorted(found, key=lambda pair: pair[1].source.published)


def attached(session: Session, deal: Deal) -> list[Article]:
    """The articles that speak of a deal, in the order of publication."""
    ids = list(dict.fromkeys(source["article"] for source in deal.data["sources"]))
    found: dict[int | None, Article] = {}
    for chunk in chunks(ids):
        for article in session.exec(select(Article).where(col(Article.id).in_(chunk))):
            found[article.id] = article
    return [found[id_] for id_ in ids if id_ in found]


def by_key(session: Session, watch: str, keys: Sequence[str]) -> Mapping[str, Deal]:
    return {deal.key: deal for deal in session.exec(select(Deal).where(Deal.watch == watch, col(Deal.key).in_(keys)))}


def state(deal: Deal) -> DealState:
    """The deal as all that was said of it makes it."""
    return _STATE.validate_python(deal.data)
