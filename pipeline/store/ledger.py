"""The ledger: what articles say of deals, the deals that come of it, and their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import Session, case, col, delete, func, or_, select

from pipeline.domain import Change, DealState, Kind, Ruling, Status
from pipeline.errors import UsageError
from pipeline.models import Article, Deal, DealArticle, DealChange, DealParty, Decision
from pipeline.store.chunks import chunks, offset

_STATE = TypeAdapter(DealState)
_CHANGE = TypeAdapter(Change)
_MOST_WORDS = 20


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
        if gone.live:
            gone.live = False
            _count_write(session, gone, now)
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
    deal.title, deal.kind, deal.status = title, state.kind, state.status
    deal.part_of, deal.supersedes = state.part_of, state.supersedes
    deal.first, deal.last, deal.origins = min(times), max(times), state.origins
    deal.live, deal.dismissed = True, state.dismissed
    amount, capacity = state.facts.get("amount"), state.facts.get("capacity")
    deal.amount_usd = float(amount.value) if amount and amount.unit == "USD" and not amount.per_year else None
    deal.capacity_gw = float(capacity.value) if capacity else None
    deal.data = _STATE.dump_python(state, mode="json")
    if deal.id is None or session.is_modified(deal):
        _count_write(session, deal, now)
        session.add(deal)
        session.flush()
        _link(session, deal, state)
    return deal


def _count_write(session: Session, deal: Deal, now: datetime) -> None:
    with session.no_autoflush:
        last = session.exec(select(func.max(Deal.revision))).one()
    deal.revision, deal.saved_at = (last or 0) + 1, now


def _link(session: Session, deal: Deal, state: DealState) -> None:
    """Note the parties and articles of the deal, to find it by. Most of them are noted already."""
    id_ = deal.id or 0
    names = {party.slug: party.name for party in state.parties}
    noted = dict(session.exec(select(DealParty.slug, DealParty.name).where(DealParty.deal_id == id_)).all())
    if names != noted:
        session.exec(delete(DealParty).where(col(DealParty.deal_id) == id_))
        session.add_all(DealParty(deal_id=id_, slug=slug, name=name) for slug, name in names.items())
    articles = {source.article for source in state.sources}
    before = set(session.exec(select(DealArticle.article_id).where(DealArticle.deal_id == id_)))
    for chunk in chunks(sorted(before - articles)):
        mine = col(DealArticle.deal_id) == id_
        session.exec(delete(DealArticle).where(mine, col(DealArticle.article_id).in_(chunk)))
    session.add_all(DealArticle(deal_id=id_, article_id=article) for article in sorted(articles - before))
    session.flush()


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

    Every one of `words` stands in the title or in the name of a party, in any case. The amount is at least `least_usd`
    dollars, the capacity `least_gw`. Those that somebody dismissed only where they are asked for.
    """

    watch: str = ""
    party: str = ""
    kind: Kind | None = None
    status: Status | None = None
    since: datetime | None = None
    dismissed: bool = False
    words: str = ""
    least_usd: float | None = None
    least_gw: float | None = None


SORTS: Mapping[str, SQLColumnExpression[Any]] = {
    "last": col(Deal.last),
    "first": col(Deal.first),
    "amount": col(Deal.amount_usd),
    "capacity": col(Deal.capacity_gw),
    "origins": col(Deal.origins),
    "status": case({status: at for at, status in enumerate(Status)}, value=Deal.status),
    "kind": col(Deal.kind),
    "title": func.lower(Deal.title),
    "saved": col(Deal.saved_at),
}
"""What lists of deals can be sorted by. Statuses stand in the order of the ladder."""


def find(session: Session, wanted: Filter) -> list[Deal]:
    """The deals, the one mentioned last first."""
    query = select(Deal).where(*_where(wanted)).order_by(col(Deal.last).desc(), col(Deal.id))
    return list(session.exec(query))


def page(
    session: Session, wanted: Filter, sort: str = "-last", page: int = 1, size: int = 50
) -> tuple[list[Deal], int]:
    """The deals of one page, counted from 1, and how many there are on all pages.

    Sorted by one of `SORTS`, with `-` before it the greatest first; what lacks it stands last. Raises UsageError.
    """
    by = SORTS.get(sort.removeprefix("-"))
    if by is None:
        raise UsageError(f"Deals cannot be sorted by {sort!r}. Sort them by one of {', '.join(SORTS)}.")
    down = sort.startswith("-")
    order = (by.desc().nulls_last(), col(Deal.id).desc()) if down else (by.asc().nulls_last(), col(Deal.id))
    ids = session.exec(select(Deal.id).where(*_where(wanted)).order_by(*order)).all()
    start = offset(page, size)
    here = ids[start : start + size]
    found = {deal.id: deal for deal in session.exec(select(Deal).where(col(Deal.id).in_(here)))}
    return [found[id_] for id_ in here], len(ids)


def _where(wanted: Filter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(Deal.live).is_(True)]
    if not wanted.dismissed:
        where.append(col(Deal.dismissed).is_(False))
    if wanted.watch:
        where.append(col(Deal.watch) == wanted.watch)
    if wanted.party:
        where.append(col(Deal.id).in_(select(DealParty.deal_id).where(DealParty.slug == wanted.party)))
    if wanted.kind:
        where.append(col(Deal.kind) == wanted.kind)
    if wanted.status:
        where.append(col(Deal.status) == wanted.status)
    if wanted.since:
        where.append(col(Deal.last) >= wanted.since)
    if wanted.least_usd is not None:
        where.append(col(Deal.amount_usd) >= wanted.least_usd)
    if wanted.least_gw is not None:
        where.append(col(Deal.capacity_gw) >= wanted.least_gw)
    for word in wanted.words.split()[:_MOST_WORDS]:
        named = select(DealParty.deal_id).where(col(DealParty.name).icontains(word, autoescape=True))
        where.append(or_(col(Deal.title).icontains(word, autoescape=True), col(Deal.id).in_(named)))
    return where


def revision(session: Session) -> str:
    """What is another one whenever anything about any deal changed."""
    return str(session.exec(select(func.max(Deal.revision))).one() or 0)


def parties(session: Session, watch: str = "", *, dismissed: bool = False) -> list[tuple[str, str, int]]:
    """The companies of a watch's deals, or of all: slug, name and in how many they are, the most first.

    Of those that somebody dismissed only where they are asked for.
    """
    count = func.count().label("count")
    query = (
        select(DealParty.slug, func.min(DealParty.name), count)
        .where(col(DealParty.deal_id).in_(select(Deal.id).where(*_where(Filter(watch, dismissed=dismissed)))))
        .group_by(col(DealParty.slug))
        .order_by(count.desc(), col(DealParty.slug))
    )
    return list(session.exec(query).all())


def of_article(session: Session, article_id: int) -> list[Deal]:
    """The deals that an article tells of, the one mentioned last first; none that was dismissed."""
    told_of = select(DealArticle.deal_id).where(DealArticle.article_id == article_id)
    query = select(Deal).where(*_where(Filter()), col(Deal.id).in_(told_of))
    return list(session.exec(query.order_by(col(Deal.last).desc(), col(Deal.id))))


def get(session: Session, id_: int) -> Deal | None:
    return session.get(Deal, id_)


def numbers(session: Session, watch: str) -> dict[str, int]:
    """The numbers of all deals of a watch that ever were, by key."""
    return {key: id_ or 0 for key, id_ in session.exec(select(Deal.key, Deal.id).where(Deal.watch == watch))}


def pointing_at(session: Session, watch: str, key: str) -> list[Deal]:
    """The deals that are part of the one with this key, or supersede it."""
    points = or_(col(Deal.part_of) == key, col(Deal.supersedes) == key)
    return list(session.exec(select(Deal).where(Deal.watch == watch, col(Deal.live), points).order_by(col(Deal.id))))


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
