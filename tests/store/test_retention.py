"""Retention: which texts go, and what stays of their articles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pipeline.models import Article, BodySource, Earlier, Match, Mentioned
from pipeline.store import Session, Store, articles, labels, outbox, retention
from tests.store.conftest import NOW, add, entry, everything

LATER = NOW + timedelta(days=100)
BEFORE = NOW + timedelta(days=10)


def found(store: Store, count: int = 1) -> None:
    """Articles that were found and read at NOW, numbered from 1."""
    add(
        store,
        ("https://a.example/feed", [entry(str(n), f"https://a.example/{n}", text="teaser") for n in range(count)]),
    )
    with store.write() as session:
        for article in articles.lease(session, list(range(1, count + 1)), NOW, NOW):
            article.body, article.body_source, article.fingerprint = "é" * 100, BodySource.PAGE, "sketch"
            article.ingested_at, article.next_try, article.lease_until = NOW, None, None


def drop(store: Store) -> retention.Dropped:
    with store.write() as session:
        return retention.drop(session, BEFORE, LATER, 500, None)


def test_what_makes_an_article_known_stays(store: Store) -> None:
    """Body and summary go, and the article says when; the bytes of both are counted."""
    found(store)
    [before] = everything(store)
    dropped = drop(store)
    [after] = everything(store)

    assert (dropped.articles, dropped.bytes, dropped.last) == (1, 200 + len("teaser"), None)
    assert (after.body, after.summary, after.body_source) == ("", "", BodySource.PRUNED)
    assert after.body_note == "pruned on 2026-06-18"
    gone = {"body", "summary", "body_source", "body_note"}
    assert after.model_dump(exclude=gone) == before.model_dump(exclude=gone)


def test_dropping_again_finds_nothing(store: Store) -> None:
    """A pruned article is not pruned again."""
    found(store)
    drop(store)

    assert drop(store) == retention.Dropped(0, 0, 0, None)


def test_counting_changes_nothing(store: Store) -> None:
    """What would be dropped is counted alike."""
    found(store)
    with store.read() as session:
        counted = retention.drop(session, BEFORE, LATER, 500, None, only_count=True)

    assert everything(store)[0].body_source is BodySource.PAGE
    assert counted == drop(store)


def _match(session: Session) -> None:
    session.add(Match(article_id=1, watch="deals", matched_at=NOW))


def _story(session: Session) -> None:
    session.add(Match(article_id=2, watch="deals", matched_at=NOW, story_of=1))


def _mention(session: Session) -> None:
    data = {"article_id": 1, "watch": "deals", "anchor": "x", "url": "", "origin": "", "official": False}
    session.add(Mentioned(**data, published=NOW))


def _delivery(session: Session) -> None:
    outbox.add(session, key="k", channels=["c"], kind="alert", subject="", payload={}, now=NOW, article_id=1)


def _label(session: Session) -> None:
    labels.put(session, 1, "deals", mentions=False, about=False, now=NOW)


def _pending(session: Session) -> None:
    session.get_one(Article, 1).next_try = NOW


def _leased(session: Session) -> None:
    session.get_one(Article, 1).lease_until = NOW


def _recent(session: Session) -> None:
    session.get_one(Article, 1).found_at = BEFORE


@pytest.mark.parametrize("need", [_match, _story, _mention, _delivery, _label, _pending, _leased, _recent])
def test_what_somebody_needs_stays(store: Store, need: Callable[[Session], None]) -> None:
    """Flagged, told of, labelled, under way or found of late."""
    found(store, 2)
    with store.write() as session:
        need(session)
    drop(store)

    sources = {article.id: article.body_source for article in everything(store)}
    assert sources[1] is BodySource.PAGE


def test_earlier_versions_go_too(store: Store) -> None:
    """Also those of an article that has no text itself."""
    found(store, 2)
    with store.write() as session:
        session.add(Earlier(article_id=1, title="t", body="12345", until=NOW))
        session.add(Earlier(article_id=2, title="t", body="12345", until=NOW))
        session.get_one(Article, 2).body = session.get_one(Article, 2).summary = ""
    dropped = drop(store)

    assert (dropped.articles, dropped.earlier, dropped.bytes) == (2, 2, 206 + 10)
    with store.read() as session:
        assert articles.earlier(session, 1) + articles.earlier(session, 2) == []


@pytest.mark.parametrize("only_count", [True, False])
def test_a_walk_in_portions_meets_each_once(store: Store, only_count: bool) -> None:
    """Also where many were found at the same moment and some are kept."""
    found(store, 7)
    with store.write() as session:
        _match(session)
    counts: list[int] = []
    last = None
    while not counts or (last is not None and len(counts) < 10):
        with store.write() as session:
            dropped = retention.drop(session, BEFORE, LATER, 2, last, only_count=only_count)
        last = dropped.last
        counts.append(dropped.articles)

    assert counts == [2, 2, 2, 0]


@pytest.mark.sqlite
def test_a_large_store_is_walked_by_index(store: Store) -> None:
    """Neither sorting nor a walk through all articles, which would hold writers up."""
    found(store)
    with store.read() as session:
        statements: list[tuple[str, Any]] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        retention.drop(session, BEFORE, LATER, 500, (NOW, 1), only_count=True)
        first, values = statements[0]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {first}", values)]

    assert plan[0].startswith("SEARCH article USING INDEX ix_article_kept (found_at>")
    assert not [step for step in plan if "SCAN" in step or "B-TREE" in step]
