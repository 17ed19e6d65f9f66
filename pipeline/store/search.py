"""Finding articles: by words of title and text, watch, feed and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, desc
from sqlalchemy.orm import defer
from sqlmodel import Session, case, col, func, select

from pipeline.models import Article, Feed, Listing, Match
from pipeline.store import fulltext
from pipeline.store.chunks import offset
from pipeline.store.dialects import each
from pipeline.store.fulltext import CLOSE, OPEN, ROW
from pipeline.store.words import Query, query_of

COUNTED = 10_000
"""Up to how many articles are counted where no words are asked for."""

COUNTED_BY_WORDS = 500
"""The same where words are: to count them, the index looks at each article anew."""

_LOOKED_AT = 1_000
"""Of how many articles with the words it is looked up, to count them, who flags or lists them."""

_RANKED = 150
"""Of how many, the newest, the best are told."""

_BEGINNING = 240
"""Characters of a snippet where no words are asked for."""

_AGEING = 365.0
"""Days after which an article must fit twice as well."""

_NO_BODY = defer(Article.body)  # type: ignore[arg-type]

Marked = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is what was asked for."""

_Shown = tuple[int, Marked, Marked]
"""An article's id, its title and its snippet."""


@dataclass(frozen=True)
class Search:
    """Which articles to list; what is None or empty does not restrict.

    `words` are as a person types them, see `words.query_of`; where nothing can be looked for by them, they do not
    restrict either. `watch` flags the articles, or with `flagged` any does. `feed` is the name of one that lists them.
    They were found from `since` to before `until`. The newest are those found last. The best hold the words often, and
    in the title, and are not old; of very many only the newest are looked at for that.
    """

    words: str = ""
    watch: str = ""
    flagged: bool = False
    feed: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: Literal["newest", "best"] = "newest"


@dataclass(frozen=True)
class Hit:
    """An article, its body not loaded. `snippet` is where its text holds the words, or how it begins."""

    article: Article
    title: Marked
    snippet: Marked


@dataclass(frozen=True)
class Found:
    """A page of articles. `total` is None where they are too many to be counted: there are `least` at the least.

    `more`: another page follows.
    """

    rows: list[Hit]
    total: int | None
    more: bool
    least: int = 0


def find(session: Session, wanted: Search, page: int = 1, size: int = 50) -> Found:
    """The articles of one page, counted from 1."""
    query = query_of(wanted.words)
    matching = _matching(session, wanted, query)
    if matching is None:
        return Found([], 0, False)
    start = offset(page, size)
    if query and wanted.sort == "newest":
        here = _shown(session, query, matching.order_by(desc("id")).offset(start).limit(size + 1))
    else:
        ids = _ids(session, _sorted(session, matching, wanted, query), start, size + 1)
        here = _marked(session, query, ids) if query else _beginnings(session, ids)
    rows = _articles(session, [id_ for id_, *_ in here[:size]])
    hits = [Hit(rows[id_], title, snippet) for id_, title, snippet in here[:size]]
    more = len(here) > size
    total, least = (None, start + len(here)) if more or start else (len(here), len(here))
    if total is None:
        total, counted = _count(session, matching, wanted, query)
        least = max(least, counted)
    return Found(hits, total, more, least)


def ids(session: Session, wanted: Search, most: int) -> list[int]:
    """The ids of the first articles, `most` at most."""
    query = query_of(wanted.words)
    matching = _matching(session, wanted, query)
    return [] if matching is None else _ids(session, _sorted(session, matching, wanted, query), 0, most)


def _matching(session: Session, wanted: Search, query: Query) -> Select[Any] | None:
    """The ids of all that is wanted, in no order; None where there can be none.

    The first of words, watch and feed that is asked for leads to the articles; the others are looked up for each.
    """
    first, last = _bound(session, wanted.since, start=True), _bound(session, wanted.until, start=False)
    feeds = list(session.exec(select(Feed.id).where(Feed.name == wanted.feed))) if wanted.feed else []
    if (wanted.since and first is None) or (wanted.until and last is None) or (wanted.feed and not feeds):
        return None
    flagged = _select(col(Match.article_id), *([col(Match.watch) == wanted.watch] if wanted.watch else []))
    of_feed = col(Listing.feed_id) == feeds[0] if len(feeds) == 1 else col(Listing.feed_id).in_(feeds)
    listed = _select(col(Listing.article_id), of_feed)
    lookups = [flagged] if wanted.watch or wanted.flagged else []
    lookups += [listed] if wanted.feed else []
    at: Any
    if query:
        at, ids = ROW, _select(ROW, fulltext.of(session).holds(query))
    elif lookups:
        at, ids = (
            (col(Match.article_id) if lookups[0] is flagged else col(Listing.article_id)),
            lookups.pop(0).distinct(),
        )
    else:
        at, ids = col(Article.id), _select(col(Article.id))
    for lookup in lookups:
        ids = ids.where((each(ROW) if query else at).in_(lookup))
    if first is not None:
        ids = ids.where(at >= first)
    return ids if last is None else ids.where(at <= last)


def _select(at: Any, *where: ColumnElement[bool]) -> Select[Any]:
    return select(at.label("id")).where(*where)


def _bound(session: Session, moment: datetime | None, *, start: bool) -> int | None:
    """The first article that was found then or later, or the last that was found before; None where there is none.

    Numbers stand for times: articles are numbered as they are found.
    """
    if moment is None:
        return None
    found = (col(Article.found_at), col(Article.id))
    if start:
        query = select(Article.id).where(Article.found_at >= moment).order_by(*found)
    else:
        query = select(Article.id).where(Article.found_at < moment).order_by(*(at.desc() for at in found))
    return session.exec(query.limit(1)).first()


def _sorted(session: Session, matching: Select[Any], wanted: Search, query: Query) -> Select[Any]:
    if not query or wanted.sort == "newest":
        return matching.order_by(desc("id"))
    index = fulltext.of(session)
    newest = matching.add_columns(*index.fit(query)).order_by(desc("id")).limit(_RANKED).subquery()
    latest = select(func.max(Article.found_at)).scalar_subquery()
    days = index.days(latest, col(Article.found_at))
    together = select(newest.c.id).join(Article, col(Article.id) == newest.c.id)
    return together.order_by(desc(index.fitting(newest) / (1 + days / _AGEING)), newest.c.id.desc())


def _ids(session: Session, query: Select[Any], start: int, most: int) -> list[int]:
    return list(session.connection().execute(query.offset(start).limit(most)).scalars())


def _count(session: Session, matching: Select[Any], wanted: Search, query: Query) -> tuple[int | None, int]:
    """How many there are, None where they are too many to be counted; and how many at the least."""
    if query and (wanted.watch or wanted.flagged or wanted.feed):
        looked_at = session.connection().execute(_counted(_select(ROW, fulltext.of(session).holds(query)), _LOOKED_AT))
        if looked_at.scalar_one() > _LOOKED_AT:
            return None, 0
    most = COUNTED_BY_WORDS if query else COUNTED
    found: int = session.connection().execute(_counted(matching, most)).scalar_one()
    return found if found <= most else None, found


def _counted(ids: Select[Any], most: int) -> Select[Any]:
    """How many there are, or one more than that."""
    return select(func.count()).select_from(ids.limit(most + 1).subquery())


def _articles(session: Session, ids: Sequence[int]) -> dict[int, Article]:
    query = select(Article).options(_NO_BODY).where(col(Article.id).in_(ids))
    return {article.id or 0: article for article in session.exec(query)}


def _shown(session: Session, query: Query, ids: Select[Any]) -> list[_Shown]:
    """Title and snippet with the words marked, in the order of a query for ids that asks the index."""
    index = fulltext.of(session)
    title, snippet = index.title(query), index.snippet(query)
    rows = session.connection().execute(ids.add_columns(title, snippet))
    return [(id_, _pieces(title), _pieces(text)) for id_, title, text in rows]


def _marked(session: Session, query: Query, ids: Sequence[int]) -> list[_Shown]:
    """The same of these articles."""
    if not ids:
        return []
    # Within their bounds each is looked for in what has the words: to ask for it by itself reads the words anew.
    these = _select(ROW, fulltext.of(session).holds(query), ROW.between(min(ids), max(ids)), each(ROW).in_(ids))
    return _in_order(_shown(session, query, these), ids)


def _in_order(shown: Sequence[_Shown], ids: Sequence[int]) -> list[_Shown]:
    found = {one[0]: one for one in shown}
    return [found[id_] for id_ in ids]


def _pieces(text: str) -> Marked:
    """The text in pieces at its marks."""
    before, *rest = text.split(OPEN)
    pieces = [(before, False)]
    for piece in rest:
        inside, _, after = piece.partition(CLOSE)
        pieces += [(inside, True), (after, False)]
    return tuple((text, marked) for text, marked in pieces if text)


def _beginnings(session: Session, ids: Sequence[int]) -> list[_Shown]:
    """Title and beginning of each of these articles."""
    text = case((col(Article.body) == "", col(Article.summary)), else_=col(Article.body))
    query = select(Article.id, Article.title, func.substr(text, 1, 2 * _BEGINNING)).where(col(Article.id).in_(ids))
    rows = session.exec(query)
    return _in_order([(id_ or 0, _pieces(title), _pieces(_cut(beginning))) for id_, title, beginning in rows], ids)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _BEGINNING else text[:_BEGINNING].rsplit(" ", 1)[0] + "…"
