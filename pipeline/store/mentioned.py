"""Mentions: what articles say of deals, and under which deal it stood."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select as columns
from sqlmodel import Session, col, delete, select, update

from pipeline.domain import Mention, Source
from pipeline.models import Deal, Mentioned

Told = tuple[Source, Mention]

_MENTION = TypeAdapter(Mention)


def replace(session: Session, watch: str, source: Source, mentions: Iterable[Mention]) -> set[str]:
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
    return told_and_keys(session, watch, anchors)[0]


def told_and_keys(
    session: Session, watch: str, anchors: Collection[str]
) -> tuple[dict[str, list[Told]], dict[tuple[str, int], str]]:
    """The same, and under which key what an article says of an anchor stood last, where it did."""
    # Its columns alone: as objects of the session they would cost three times as much.
    what: list[Any] = [
        Mentioned.anchor,
        Mentioned.key,
        Mentioned.data,
        Mentioned.article_id,
        Mentioned.url,
        Mentioned.published,
        Mentioned.origin,
        Mentioned.official,
        Mentioned.fingerprint,
    ]
    query = columns(*what).where(col(Mentioned.watch) == watch, col(Mentioned.anchor).in_(anchors))
    found: dict[str, list[Told]] = {anchor: [] for anchor in anchors}
    keys: dict[tuple[str, int], str] = {}
    for anchor, key, data, article, *rest in session.connection().execute(query):
        found[anchor].append((Source(article, *rest), _MENTION.validate_python(data)))
        if key:
            keys[anchor, article] = key
    return found, keys


def keep_keys(session: Session, watch: str, keys: Mapping[tuple[str, int], str]) -> None:
    """Note under which key what each article, by number, says of an anchor stands."""
    for (anchor, article), key in keys.items():
        mine = (col(Mentioned.watch) == watch, col(Mentioned.anchor) == anchor, col(Mentioned.article_id) == article)
        session.exec(update(Mentioned).where(*mine).values(key=key), execution_options={"synchronize_session": False})
