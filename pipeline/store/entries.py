"""Entries: what a feed lists becomes articles once, and what it shows changed is read again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Integer, String
from sqlmodel import Session, and_, col, func, select

from pipeline.domain import Entry, Promised
from pipeline.models import Article, BodySource, Earlier, Listing
from pipeline.store import calls, feeds
from pipeline.store.chunks import chunks
from pipeline.store.dialects import table
from pipeline.store.many import insert_new

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


class _Place(NamedTuple):
    """Where an entry stands: in which feed, and by what key."""

    feed: int
    key: str


def add_entries(
    session: Session, listed: Mapping[int, Iterable[Entry]], now: datetime, promise: Promise = lambda *_: 0
) -> dict[int, Added]:
    """Store the entries that feeds had not listed before, and notice which of the others changed. All by feed id.

    An entry whose URL another feed listed joins that article. Within one feed an equal URL with another GUID is the
    same article only where the title is the same: some feeds link every entry to one page.
    """
    found = {
        _Place(feed, entry_key(entry)): entry for feed, entries in listed.items() for entry in reversed(list(entries))
    }
    known = _listings(session, list(found))
    edited: Counter[int] = Counter()
    for place, listing in known.items():
        if listing.content != _content(found[place]):
            edited[place.feed] += _edit(session, listing, found[place], now, promise)
    fresh = {place: entry for place, entry in found.items() if place not in known}
    new = _add(session, fresh, now, promise) if fresh else Counter[int]()
    return {feed: Added(new[feed], edited[feed]) for feed in listed}


def _listings(session: Session, places: Sequence[_Place]) -> dict[_Place, Listing]:
    known = {}
    for chunk in chunks(places):
        (feed, key), asked = table(chunk, Integer, String)
        query = select(Listing).join(asked, and_(col(Listing.feed_id) == feed, col(Listing.key) == key))
        known.update({_Place(listing.feed_id, listing.key): listing for listing in session.exec(query)})
    return known


def _add(session: Session, fresh: Mapping[_Place, Entry], now: datetime, promise: Promise) -> Counter[int]:
    """Store the listings, and the articles that are new; how many those are, by feed."""
    urls = {place: entry.url.replace("\0", "") for place, entry in fresh.items()}  # as PostgreSQL has them
    known = _Known(session, list(filter(None, urls.values())))
    identities: dict[_Place, str] = {}
    new: dict[str, tuple[int, Entry]] = {}
    for place, entry in fresh.items():
        identity = urls[place] or f"feed:{place.feed}:{place.key}"
        if (place.feed, identity) in known.by and known.titles[identity].casefold() != entry.title.casefold():
            identity = f"{urls[place]}#{place.feed}:{place.key}"
        if identity not in known.titles:
            new[identity], known.titles[identity] = (place.feed, entry), entry.title
        known.by.add((place.feed, identity))
        identities[place] = identity
    made = _add_articles(session, {identity: entry for identity, (_, entry) in new.items()}, now, promise)
    count = Counter(feed for identity, (feed, _) in new.items() if identity in made)
    known.ids |= made
    if len(made) < len(new):  # somebody else made the others meanwhile
        known.look(session, [identity for identity in new if identity not in made])
    listings = [
        {
            "feed_id": place.feed,
            "article_id": known.ids[identities[place]],
            "key": place.key,
            "content": _content(entry),
            "seen_at": now,
        }
        for place, entry in fresh.items()
    ]
    added = insert_new(session, Listing, listings, Listing.feed_id)
    listed = Counter(row.feed_id for row in added)
    if listed:
        feeds.count_listed(session, {feed: feeds.Listed(many, many - count[feed]) for feed, many in listed.items()})
    return count


class _Known:
    """Stored articles by identity, and which feeds list which of them."""

    def __init__(self, session: Session, identities: Sequence[str]) -> None:
        self.ids: dict[str, int] = {}
        self.titles: dict[str, str] = {}
        self.by: set[tuple[int, str]] = set()
        self.look(session, identities)

    def look(self, session: Session, identities: Sequence[str]) -> None:
        for chunk in chunks(identities):
            query = (  # of all feeds: asked for some, the database walks through all that those ever listed
                select(Article.identity, Article.id, Article.title, Listing.feed_id)
                .join(Listing, col(Listing.article_id) == col(Article.id), isouter=True)
                .where(col(Article.identity).in_(chunk))
            )
            for identity, id_, title, feed in session.exec(query):
                self.ids[identity], self.titles[identity] = id_ or 0, title
                self.by.add((feed, identity))


def _add_articles(session: Session, new: Mapping[str, Entry], now: datetime, promise: Promise) -> dict[str, int]:
    """Store these articles, but those that somebody else has stored meanwhile; the ids by identity."""
    if not new:
        return {}
    rows = [_article(entry, identity, now, promise) for identity, entry in new.items()]
    for queue in {"promising" if row["promise"] >= Promised.FLAGS else "ingest" for row in rows}:
        calls.note(session, queue)
    return {row.identity: row.id for row in insert_new(session, Article, rows, Article.identity, Article.id)}


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
