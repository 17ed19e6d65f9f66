"""Entries: what a feed lists becomes articles once, and what it shows changed is read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from pipeline.domain import Entry, Promised
from pipeline.models import Article, BodySource, Earlier, Listing
from pipeline.store import calls, feeds
from pipeline.store.chunks import chunks

_MOST_EDITS = 3
_BETWEEN_EDITS = timedelta(minutes=30)

Promise = Callable[[str, str], int]
"""What a title and a summary promise: see `Article.promise`."""


class Added(NamedTuple):
    """How many entries became new articles, and how many articles are read again because an entry changed."""

    new: int
    edited: int


def entry_key(entry: Entry) -> str:
    """What makes an entry one entry of its feed: its GUID, else its URL, else its title and text."""
    return _digest(entry.guid or entry.url or f"{entry.title}\0{entry.text}")


def _content(entry: Entry) -> str:
    """What an entry says, and when it says to have changed."""
    return _digest(f"{entry.title}\0{entry.text}\0{entry.updated or ''}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def add_entries(
    session: Session, feed_id: int, entries: Iterable[Entry], now: datetime, promise: Promise = lambda *_: 0
) -> Added:
    """Store the entries that this feed has not listed before, and notice which of the others changed.

    An entry whose URL another feed listed joins that article. Within one feed an equal URL with another GUID is the
    same article only where the title is the same: some feeds link every entry to one page.
    """
    fresh = {entry_key(entry): entry for entry in reversed(list(entries))}
    changed: list[tuple[Listing, Entry]] = []
    for chunk in chunks(list(fresh)):
        listed = select(Listing).where(Listing.feed_id == feed_id, col(Listing.key).in_(chunk))
        for listing in session.exec(listed):
            entry = fresh.pop(listing.key)
            if listing.content != _content(entry):
                changed.append((listing, entry))
    edited = sum(_edit(session, listing, entry, now, promise) for listing, entry in changed)
    return Added(_add(session, feed_id, fresh, now, promise) if fresh else 0, edited)


class _Known(NamedTuple):
    """An article that is stored; `own` where the feed in question lists it already."""

    id: int
    title: str
    own: bool


def _add(session: Session, feed_id: int, fresh: Mapping[str, Entry], now: datetime, promise: Promise) -> int:
    urls = {key: entry.url.replace("\0", "") for key, entry in fresh.items()}  # as PostgreSQL has them
    known = _known_articles(session, feed_id, list(filter(None, urls.values())))
    own = {identity: article.title for identity, article in known.items() if article.own}
    identities: dict[str, str] = {}
    new: dict[str, Entry] = {}
    for key, entry in fresh.items():
        identity = urls[key] or f"feed:{feed_id}:{key}"
        if own.get(identity, entry.title).casefold() != entry.title.casefold():
            identity = f"{urls[key]}#{feed_id}:{key}"
        if identity not in known:
            new.setdefault(identity, entry)
        own.setdefault(identity, known[identity].title if identity in known else entry.title)
        identities[key] = identity
    if new:  # many at once, past the session: objects of each would take most of the time
        rows = [_article(entry, identity, now, promise) for identity, entry in new.items()]
        session.execute(insert(Article), rows)
        calls.note(session, "promising" if any(row["promise"] >= Promised.FLAGS for row in rows) else "ingest")
        known |= _known_articles(session, feed_id, list(new))
    listings = [
        {
            "feed_id": feed_id,
            "article_id": known[identities[key]].id,
            "key": key,
            "content": _content(entry),
            "seen_at": now,
        }
        for key, entry in fresh.items()
    ]
    session.execute(insert(Listing), listings)
    feeds.count_listed(session, feed_id, len(listings), len(listings) - len(new))
    return len(new)


def _known_articles(session: Session, feed_id: int, identities: Sequence[str]) -> dict[str, _Known]:
    """Stored articles by identity."""
    known: dict[str, _Known] = {}
    for chunk in chunks(identities):
        query = (  # the feed is told apart below: asked for here, the database walks through all that it ever listed
            select(Article.identity, Article.id, Article.title, Listing.feed_id)
            .join(Listing, col(Listing.article_id) == col(Article.id), isouter=True)
            .where(col(Article.identity).in_(chunk))
        )
        for identity, id_, title, by in session.exec(query):
            own = by == feed_id or (identity in known and known[identity].own)
            known[identity] = _Known(id_ or 0, title, own)
    return known


def _article(entry: Entry, identity: str, now: datetime, promise: Promise) -> dict[str, Any]:
    """The columns of a new article."""
    return {
        "identity": identity,
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "published": entry.published,
        "found_at": now,
        "summary": entry.text,
        "origin": entry.origin,
        "opaque": entry.opaque,
        "promise": promise(entry.title, entry.text),
        "body_source": BodySource.NONE,
        "next_try": now,
    }


def _edit(session: Session, listing: Listing, entry: Entry, now: datetime, promise: Promise) -> bool:
    """Take up that an entry reads otherwise than before; whether its article is to be read again for that.

    Only the feed that listed it first speaks for an article. It is heard a few times at most and not in quick
    succession; what the article said until then is kept.
    """
    article = session.get_one(Article, listing.article_id)
    read = article.ingested_at
    if read is not None and read > now - _BETWEEN_EDITS:
        return False  # and noticed again at a later poll
    compared = listing.content != ""  # those listed before contents were kept have none
    listing.content = _content(entry)
    if not compared or article.edits >= _MOST_EDITS or listing.id != _first_listing(session, listing.article_id):
        return False
    if read is not None:
        if article.body_source is not BodySource.PRUNED:
            session.add(Earlier(article_id=listing.article_id, title=article.title, body=article.body, until=now))
        article.edits, article.attempts, article.next_try = article.edits + 1, 0, now
    article.title, article.summary = entry.title or article.title, entry.text
    article.promise = promise(article.title, article.summary)
    calls.note(session, "ingest")
    return read is not None


def _first_listing(session: Session, article_id: int) -> int | None:
    return session.exec(select(func.min(Listing.id)).where(Listing.article_id == article_id)).one()
