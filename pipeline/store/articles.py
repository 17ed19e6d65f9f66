"""Articles: storing new entries once, which await ingestion, what was made of them, and finding them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, func, or_, select, update

from pipeline.domain import Entry, Level, Verdict
from pipeline.models import Article, Feed, Listing, Match

_CHUNK = 500  # how many values an IN clause gets at most


def entry_key(entry: Entry) -> str:
    """What makes an entry one entry of its feed: its GUID, else its URL, else its title and text."""
    identity = entry.guid or entry.url or f"{entry.title}\0{entry.text}"
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:32]


def add_entries(session: Session, feed_id: int, entries: Iterable[Entry], now: datetime) -> int:
    """Store the entries that this feed has not listed before; how many became new articles.

    An entry whose URL another feed listed joins that article. Within one feed an equal URL with another GUID is the
    same article only where the title is the same: some feeds link every entry to one page.
    """
    fresh = {entry_key(entry): entry for entry in reversed(list(entries))}
    for chunk in _chunks(list(fresh)):
        listed = session.exec(select(Listing.key).where(Listing.feed_id == feed_id, col(Listing.key).in_(chunk)))
        for key in listed.all():
            del fresh[key]
    if not fresh:
        return 0
    known, own = _known_articles(session, feed_id, [entry.url for entry in fresh.values() if entry.url])
    added, listings = 0, []
    for key, entry in fresh.items():
        identity = entry.url or f"feed:{feed_id}:{key}"
        article = known.get(identity)
        if article is not None and identity in own and article.title.casefold() != entry.title.casefold():
            identity = f"{entry.url}#{feed_id}:{key}"
            article = known.get(identity)
        if article is None:
            article = known[identity] = _article(entry, identity, now)
            session.add(article)
            added += 1
        own.add(identity)
        listings.append((article, key))
    session.flush()
    session.add_all(
        Listing(feed_id=feed_id, article_id=article.id or 0, key=key, seen_at=now) for article, key in listings
    )
    return added


def _known_articles(session: Session, feed_id: int, urls: Sequence[str]) -> tuple[dict[str, Article], set[str]]:
    """Stored articles by identity, and which of those identities this feed lists already."""
    known: dict[str, Article] = {}
    own: set[str] = set()
    for chunk in _chunks(urls):
        for article in session.exec(select(Article).where(col(Article.identity).in_(chunk))):
            known[article.identity] = article
        listed = (
            select(Article.identity)
            .join(Listing, col(Listing.article_id) == col(Article.id))
            .where(Listing.feed_id == feed_id, col(Article.identity).in_(chunk))
        )
        own.update(session.exec(listed))
    return known, own


def _article(entry: Entry, identity: str, now: datetime) -> Article:
    return Article(
        identity=identity,
        url=entry.url,
        title=entry.title,
        author=entry.author,
        published=entry.published,
        found_at=now,
        summary=entry.text,
        next_try=now,
    )


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(col(Article.next_try) <= now, or_(col(Article.lease_until).is_(None), col(Article.lease_until) <= now))


def pending(session: Session, now: datetime, most: int) -> list[int]:
    """Ids of articles that await ingestion or another try, newest first."""
    newest = (col(Article.next_try).desc(), col(Article.published).desc(), col(Article.id).desc())
    query = select(Article.id).where(_is_due(now)).order_by(*newest).limit(most)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def lease(session: Session, ids: Sequence[int], now: datetime, until: datetime) -> list[Article]:
    """Take those of the articles that still wait, and give them in the order of `ids`."""
    found = {a.id: a for a in session.exec(select(Article).where(col(Article.id).in_(ids), _is_due(now)))}
    for article in found.values():
        article.lease_until = until
    return [found[id_] for id_ in ids if id_ in found]


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, or all that a process which is gone left behind."""
    query = update(Article).where(col(Article.lease_until).is_not(None)).values(lease_until=None)
    session.exec(query if ids is None else query.where(col(Article.id).in_(ids)))


def save(session: Session, article: Article, verdicts: Iterable[Verdict], now: datetime) -> list[Verdict]:
    """Store what ingestion made of an article; the verdicts of watches that flag it for the first time, or higher.

    A match once made stays: it has been told, and a page that changed afterwards does not unsay it.
    """
    session.merge(article)
    return set_matches(session, article.id or 0, [verdict for verdict in verdicts if verdict.matched], now)


def set_fingerprint(session: Session, article: Article) -> None:
    """Store the sketch of an article's text."""
    mine = col(Article.id) == article.id
    session.exec(update(Article).where(mine).values(fingerprint=article.fingerprint))


def set_matches(session: Session, article_id: int, matched: Iterable[Verdict], now: datetime) -> list[Verdict]:
    """Store these matches of an article; those that are new, or of a higher level than before."""
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


def drop_match(session: Session, article_id: int, watch: str) -> None:
    """Forget that the watch flags the article."""
    session.exec(delete(Match).where(col(Match.article_id) == article_id, col(Match.watch) == watch))


def count_ingested(session: Session, since: datetime | None) -> int:
    """How many articles `after` leads through."""
    query = select(func.count()).where(col(Article.ingested_at).is_not(None))
    return session.exec(query if since is None else query.where(Article.found_at >= since)).one()


def after(session: Session, id_: int, since: datetime | None, most: int) -> list[Article]:
    """The next ingested articles by number, found since then: a way through all of them in portions."""
    query = select(Article).where(col(Article.id) > id_, col(Article.ingested_at).is_not(None))
    if since is not None:
        query = query.where(Article.found_at >= since)
    return list(session.exec(query.order_by(col(Article.id)).limit(most)))


def sources(session: Session, ids: Sequence[int]) -> dict[int, list[Feed]]:
    """The feeds that list each article, first lister first."""
    found: dict[int, list[Feed]] = {}
    for at in range(0, len(ids), _CHUNK):
        query = (
            select(Listing.article_id, Feed)
            .join(Feed, col(Listing.feed_id) == col(Feed.id))
            .where(col(Listing.article_id).in_(ids[at : at + _CHUNK]))
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
    query = select(Article).order_by(col(Article.found_at).desc(), col(Article.id).desc()).limit(wanted.most)
    if wanted.watch or wanted.flagged:
        flagged = select(Match.article_id).where(Match.watch == wanted.watch if wanted.watch else col(Match.id) > 0)
        query = query.where(col(Article.id).in_(flagged))
    if wanted.since:
        query = query.where(Article.found_at >= wanted.since)
    for word in wanted.words.split():
        query = query.where(
            or_(*(field.icontains(word, autoescape=True) for field in (col(Article.title), col(Article.body))))
        )
    return list(session.exec(query))


def get(session: Session, id_: int) -> Article | None:
    return session.get(Article, id_)


def matches(session: Session, ids: Sequence[int]) -> dict[int, list[Match]]:
    """The matches of each article."""
    found: dict[int, list[Match]] = {}
    for at in range(0, len(ids), _CHUNK):
        for match in session.exec(select(Match).where(col(Match.article_id).in_(ids[at : at + _CHUNK]))):
            found.setdefault(match.article_id, []).append(match)
    return found


def matched_between(session: Session, start: datetime, end: datetime) -> list[tuple[Match, Article]]:
    """Matches made from `start` to before `end` with their articles, newest first."""
    query = (
        select(Match, Article)
        .join(Article, col(Match.article_id) == col(Article.id))
        .where(Match.matched_at >= start, Match.matched_at < end)
        .order_by(col(Article.published).desc(), col(Article.id).desc())
    )
    return list(session.exec(query).all())


def count_found(session: Session, start: datetime, end: datetime) -> int:
    """How many articles were found from `start` to before `end`."""
    return session.exec(select(func.count()).where(Article.found_at >= start, Article.found_at < end)).one()


@dataclass(frozen=True)
class Counts:
    """How many articles there are, by how far they have come and where their body is from."""

    total: int
    pending: int
    retrying: int
    flagged: int
    bodies: dict[str, int]


def counts(session: Session) -> Counts:
    bodies = session.exec(
        select(Article.body_source, func.count())
        .where(col(Article.ingested_at).is_not(None))
        .group_by(col(Article.body_source))
    )
    waiting = select(func.count()).where(col(Article.next_try).is_not(None))
    return Counts(
        total=session.exec(select(func.count()).select_from(Article)).one(),
        pending=session.exec(waiting.where(col(Article.ingested_at).is_(None))).one(),
        retrying=session.exec(waiting.where(col(Article.ingested_at).is_not(None))).one(),
        flagged=session.exec(select(func.count(func.distinct(Match.article_id)))).one(),
        bodies={str(source): count for source, count in bodies},
    )


def flagged_counts(session: Session) -> dict[str, int]:
    """How many articles each watch flags."""
    return dict(session.exec(select(Match.watch, func.count()).group_by(col(Match.watch))).all())
