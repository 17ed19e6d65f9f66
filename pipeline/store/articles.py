"""Articles: which await ingestion, what was made of them, and finding them again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, and_, col, delete, func, or_, select, update

from pipeline.domain import Level, Verdict, host_of
from pipeline.models import Article, BodySource, Earlier, Feed, Listing, Match
from pipeline.store import search
from pipeline.store.chunks import chunks
from pipeline.store.many import update_each
from pipeline.store.search import Search

_MOST_PASSED_OVER = 5_000


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(col(Article.next_try) <= now, or_(col(Article.lease_until).is_(None), col(Article.lease_until) <= now))


def pending(session: Session, now: datetime, most: int, *, least: int = 0, without: Collection[str] = ()) -> list[int]:
    """Ids of articles that await ingestion or another try, by their promise and then newest first.

    Those of less promise than `least` are left out, and those on the hosts `without`.
    """
    published = col(Article.published).desc().nulls_last()
    first: list[ColumnElement[Any]] = [
        col(Article.promise).desc(),
        col(Article.next_try).desc(),
        published,
        col(Article.id).desc(),
    ]
    query = select(Article.id, Article.url).where(_is_due(now), Article.promise >= least).order_by(*first)
    if not without:
        return [id_ or 0 for id_, _ in session.exec(query.limit(most))]
    some = query.limit(most + _MOST_PASSED_OVER)
    with closing(session.exec(some, execution_options={"yield_per": most})) as rows:
        return list(islice((id_ or 0 for id_, url in rows if host_of(url) not in without), most))


def longest_waiting(session: Session, now: datetime, most: int) -> list[int]:
    """Ids of the articles that have been due for the longest time."""
    first = (col(Article.next_try), col(Article.published).nulls_first())
    query = select(Article.id).where(_is_due(now)).order_by(*first).limit(most)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def lease(session: Session, ids: Sequence[int], now: datetime, until: datetime, by: str = "") -> list[Article]:
    """Take those of the articles that still wait, and give them in the order of `ids`.

    Those that another takes at this moment are left to it.
    """
    waiting = select(Article).where(col(Article.id).in_(ids), _is_due(now)).with_for_update(skip_locked=True)
    found = {article.id: article for article in session.exec(waiting)}
    for article in found.values():
        article.lease_until, article.lease_by = until, by
    return [found[id_] for id_ in ids if id_ in found]


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, or all that a process which is gone left behind."""
    query = update(Article).where(col(Article.lease_until).is_not(None)).values(lease_until=None)
    session.exec(query if ids is None else query.where(col(Article.id).in_(ids)))


def mend_times(session: Session, now: datetime, latest: datetime, until: datetime) -> None:
    """Undo what a clock that ran ahead put off: to be tried after `latest` is due now; no lease outlasts `until`."""
    session.exec(update(Article).where(col(Article.next_try) > latest).values(next_try=now))
    session.exec(update(Article).where(col(Article.lease_until) > until).values(lease_until=until))


_MADE = (
    *("body", "body_source", "body_note", "fingerprint"),
    *("ingested_at", "attempts", "next_try", "lease_until"),
)
"""What ingestion makes of an article."""
_SAVE = update(Article).where(col(Article.id) == bindparam("row"))


def save(session: Session, ingested: Iterable[Article]) -> None:
    """Store what ingestion made of articles. The session is not told of it."""
    rows = ({"row": article.id, **{column: getattr(article, column) for column in _MADE}} for article in ingested)
    update_each(session, _SAVE, rows)


def set_aside(session: Session, id_: int, why: str, now: datetime) -> None:
    """Leave an article as it is for good: nothing more is tried."""
    done = update(Article).where(col(Article.id) == id_)
    session.exec(done.values(body_note=why, ingested_at=now, next_try=None, lease_until=None))


def set_fingerprint(session: Session, article: Article) -> None:
    """Store the sketch of an article's text."""
    mine = col(Article.id) == article.id
    session.exec(update(Article).where(mine).values(fingerprint=article.fingerprint))


def set_matches(session: Session, article_id: int, verdicts: Iterable[Verdict], now: datetime) -> list[Verdict]:
    """Store the matches among the verdicts on an article; those that are new, or of a higher level than before.

    A match once made stays: it has been told, and a page that changed afterwards does not unsay it.
    """
    matched = [verdict for verdict in verdicts if verdict.matched]
    if not matched:
        return []
    before = {match.watch: match for match in session.exec(select(Match).where(Match.article_id == article_id))}
    fresh = []
    for verdict in matched:
        level = verdict.level or Level.MENTIONS
        match = before.get(verdict.watch)
        if match is None:
            match = Match(article_id=article_id, watch=verdict.watch, matched_at=now)
            fresh.append(verdict)
        elif level is Level.ABOUT and match.level is Level.MENTIONS:
            fresh.append(verdict)
        match.score, match.level = verdict.score, level
        match.passages = [asdict(passage) for passage in verdict.passages]
        match.reasons = {
            "window": [(reason.name, reason.share) for reason in verdict.window_reasons],
            "piece": [(reason.name, reason.share) for reason in verdict.piece_reasons],
        }
        session.add(match)
    return fresh


def settle_edit(session: Session, article: Article) -> None:
    """Forget what the article said before its last edit, where that is what it says now."""
    query = select(Earlier).where(Earlier.article_id == article.id).order_by(col(Earlier.id).desc())
    last = session.exec(query).first()
    if last is not None and (last.title, last.body) == (article.title, article.body):
        session.delete(last)


def earlier(session: Session, id_: int) -> list[Earlier]:
    """What an article said before each of its edits, oldest first."""
    return list(session.exec(select(Earlier).where(Earlier.article_id == id_).order_by(col(Earlier.id))))


def drop_match(session: Session, article_id: int, watch: str) -> None:
    """Forget that the watch flags the article."""
    session.exec(delete(Match).where(col(Match.article_id) == article_id, col(Match.watch) == watch))


def _is_readable() -> ColumnElement[bool]:
    return and_(col(Article.ingested_at).is_not(None), col(Article.body_source) != BodySource.PRUNED)


def count_ingested(session: Session, since: datetime | None) -> int:
    """How many articles `after` leads through."""
    query = select(func.count()).where(_is_readable())
    return session.exec(query if since is None else query.where(Article.found_at >= since)).one()


def count_pruned(session: Session, since: datetime | None) -> int:
    """How many articles found since then have lost their text."""
    query = select(func.count()).where(col(Article.body_source) == BodySource.PRUNED)
    return session.exec(query if since is None else query.where(Article.found_at >= since)).one()


def after(session: Session, id_: int, since: datetime | None, most: int) -> list[Article]:
    """The next ingested articles by number, found since then: a way through all of them in portions.

    Those that have lost their text are left out.
    """
    query = select(Article).where(col(Article.id) > id_, _is_readable())
    if since is not None:
        query = query.where(Article.found_at >= since)
    return list(session.exec(query.order_by(col(Article.id)).limit(most)))


def sources(session: Session, ids: Sequence[int]) -> dict[int, list[Feed]]:
    """The feeds that list each article, first lister first."""
    found: dict[int, list[Feed]] = {}
    for chunk in chunks(ids):
        query = (
            select(Listing.article_id, Feed)
            .join(Feed, col(Listing.feed_id) == col(Feed.id))
            .where(col(Listing.article_id).in_(chunk))
            .order_by(col(Listing.id))
        )
        for article_id, feed in session.exec(query):
            if feed not in found.setdefault(article_id, []):
                found[article_id].append(feed)
    return found


@dataclass(frozen=True)
class Filter:
    """Which articles to list; what is None or empty does not restrict. `most` rows, newest first."""

    watch: str = ""
    flagged: bool = False
    words: str = ""
    since: datetime | None = None
    most: int = 50


def find(session: Session, wanted: Filter) -> list[Article]:
    asked = Search(wanted.words, wanted.watch, wanted.flagged, since=wanted.since)
    ids = search.ids(session, asked, wanted.most)
    found: dict[int | None, Article] = {}
    for chunk in chunks(ids):
        found.update(
            {article.id: article for article in session.exec(select(Article).where(col(Article.id).in_(chunk)))}
        )
    return [found[id_] for id_ in ids]


def get(session: Session, id_: int) -> Article | None:
    return session.get(Article, id_)


def matches(session: Session, ids: Sequence[int]) -> dict[int, list[Match]]:
    """The matches of each article."""
    found: dict[int, list[Match]] = {}
    for chunk in chunks(ids):
        for match in session.exec(select(Match).where(col(Match.article_id).in_(chunk))):
            found.setdefault(match.article_id, []).append(match)
    return found


def matched_between(session: Session, start: datetime, end: datetime) -> list[tuple[Match, Article]]:
    """Matches made from `start` to before `end` with their articles, newest first."""
    query = (
        select(Match, Article)
        .join(Article, col(Match.article_id) == col(Article.id))
        .where(Match.matched_at >= start, Match.matched_at < end)
        .order_by(col(Article.published).desc().nulls_last(), col(Article.id).desc())
    )
    return list(session.exec(query).all())


def count_found(session: Session, start: datetime, end: datetime) -> int:
    """How many articles were found from `start` to before `end`."""
    return session.exec(select(func.count()).where(Article.found_at >= start, Article.found_at < end)).one()


@dataclass(frozen=True)
class Counts:
    """How many articles there are, by how far they have come."""

    total: int
    pending: int
    retrying: int
    flagged: int


def counts(session: Session) -> Counts:
    # Through those that wait, which are few: by itself the database would look at every article.
    waiting = select(Article.id).where(col(Article.next_try).is_not(None))
    read = select(func.count(), func.count(col(Article.ingested_at))).where(col(Article.id).in_(waiting))
    waits, retrying = session.exec(read).one()
    return Counts(
        total=session.exec(select(func.count()).select_from(Article)).one(),
        pending=waits - retrying,
        retrying=retrying,
        flagged=session.exec(select(func.count(func.distinct(Match.article_id)))).one(),
    )


def bodies(session: Session) -> dict[str, int]:
    """How many of the articles that were read have their body from where. Looks at all of them."""
    read = select(Article.body_source, func.count()).where(col(Article.ingested_at).is_not(None))
    return {str(source): count for source, count in session.exec(read.group_by(col(Article.body_source)))}


def flagged_counts(session: Session) -> dict[str, int]:
    """How many articles each watch flags."""
    return dict(session.exec(select(Match.watch, func.count()).group_by(col(Match.watch))).all())
