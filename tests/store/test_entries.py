"""Entries in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from pipeline.domain import Entry
from pipeline.models import Article, Feed, Listing
from pipeline.store import Session, Store, articles, entries
from pipeline.store.articles import Filter
from tests.store.conftest import NOW, add, entry, everything, feed_ids

A, B = "https://a.example/feed", "https://b.example/feed"
URL = "https://news.example/one"
LATER = NOW + timedelta(hours=1)


def listings(session: Session) -> int:
    return sum(1 for _ in session.exec(select(Listing)))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (entry("g", "https://x.example/1"), entry("g", "https://x.example/2", "Other"), True),
        (entry("", URL, "One"), entry("", URL, "Two"), True),
        (entry("", "", "One", "text"), entry("", "", "One", "text"), True),
        (entry("", "", "One", "text"), entry("", "", "One", "other text"), False),
        (entry("", "", "One", "text"), entry("", "", "Two", "text"), False),
        (entry("g1", "https://x.example/1"), entry("g2", "https://x.example/2"), False),
    ],
    ids=["guid", "url", "text", "other text", "other title", "other guid"],
)
@pytest.mark.parametrize("together", [True, False])
def test_identity_within_a_feed(store: Store, first: Entry, second: Entry, same: bool, together: bool) -> None:
    """An entry is known by its GUID, else its URL, else its title and text, in one document or in two."""
    batches = [(A, [first, second])] if together else [(A, [first]), (A, [second])]

    assert sum(add(store, *batches)) == (1 if same else 2)
    assert len(everything(store)) == (1 if same else 2)


def test_one_url_in_two_feeds_is_one_article(store: Store) -> None:
    """Two feeds that list one page list one article, whatever they call it."""
    added = add(store, (A, [entry("a", URL, "One")]), (B, [entry("b", URL, "The same, renamed")]))

    [article] = everything(store)
    assert added == [1, 0]
    with store.read() as session:
        assert listings(session) == 2
        assert [f.url for f in articles.sources(session, [article.id or 0])[article.id or 0]] == [A, B]


@pytest.mark.parametrize("together", [True, False])
def test_one_url_for_every_entry_of_a_feed(store: Store, together: bool) -> None:
    """Entries that link one page are articles of their own where their titles differ, and one where they do not."""
    listed = [entry("1", URL, "One"), entry("2", URL, "Two"), entry("3", URL, "ONE")]
    batches = [(A, listed)] if together else [(A, [e]) for e in listed]

    assert sum(add(store, *batches)) == 2
    assert {article.title.casefold() for article in everything(store)} == {"one", "two"}
    with store.read() as session:
        assert listings(session) == 3


def test_adding_twice_stores_nothing(store: Store) -> None:
    """A document seen before adds neither articles nor listings."""
    listed = [entry(f"g{n}", f"https://x.example/{n}", f"Title {n}") for n in range(1200)]

    added = add(store, (A, listed), (A, listed))

    assert added == [1200, 0]
    with store.read() as session:
        assert listings(session) == 1200


def stored(session: Session) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The listings in their order, and what feeds have listed."""
    listed = (
        select(Listing, Article).join(Article, col(Listing.article_id) == col(Article.id)).order_by(col(Listing.id))
    )
    counted = select(Feed).order_by(col(Feed.id))
    return (
        [(made.feed_id, made.key, made.content, of.identity, of.title) for made, of in session.exec(listed)],
        [(feed.id, feed.entries, feed.repeats) for feed in session.exec(counted)],
    )


@pytest.mark.parametrize("seed", range(20))
def test_feeds_together_are_as_one_after_the_other(store: Store, tmp_path: Path, seed: int) -> None:
    """What several documents add, whatever they share, does not depend on whether one transaction takes them in."""
    random = Random(seed)

    def document() -> list[Entry]:
        return [
            entry(random.choice(["", "1", "2", "3"]), random.choice(["", URL, f"{URL}/2"]), random.choice("ABb"))
            for _ in range(random.randrange(5))
        ]

    with Store(tmp_path / "other") as other:
        for _ in range(3):
            documents = {feed: document() for feed in (A, B, f"{B}/2")}
            with store.write() as session:
                listed = dict(zip(feed_ids(session, *documents), documents.values(), strict=True))
                added = entries.add_entries(session, listed, NOW)
            with other.write() as session:
                feed_ids(session, *documents)
            apart = {}
            for feed, each in listed.items():
                with other.write() as session:
                    apart |= entries.add_entries(session, {feed: each}, NOW)

            assert added == apart
            with store.read() as session, other.read() as second:
                assert stored(session) == stored(second)


def test_text_that_is_no_valid_unicode_has_a_key() -> None:
    """A lone surrogate in an identity is no obstacle."""
    assert len(entries.entry_key(entry("\ud800"))) == 32


def poll(store: Store, listed: Entry, now: datetime, feed: str = A) -> entries.Added:
    """Take one entry of a feed."""
    with store.write() as session:
        [id_] = feed_ids(session, feed)
        return entries.add_entries(session, {id_: [listed]}, now)[id_]


def read(store: Store, body: str, now: datetime) -> None:
    """Ingest the only article."""
    with store.write() as session:
        [article] = articles.find(session, Filter())
        article.body, article.ingested_at, article.next_try = body, now, None
        articles.settle_edit(session, article)


FIRST = entry("g", URL, "A title", "first")


def test_what_an_entry_promises_is_stored_with_it(store: Store) -> None:
    """As told of its title and text, and told anew when they change."""
    for listed in (FIRST, replace(FIRST, text="the second")):
        with store.write() as session:
            [feed] = feed_ids(session, A)
            entries.add_entries(session, {feed: [listed]}, NOW, lambda title, text: len(title) + len(text))
        [article] = everything(store)

        assert article.promise == len(listed.title) + len(listed.text)


@pytest.mark.parametrize(
    ("later", "read_again"),
    [
        (FIRST, False),
        (replace(FIRST, text="second"), True),
        (replace(FIRST, title="Another"), True),
        (replace(FIRST, updated=NOW), True),
        (replace(FIRST, url=f"{URL}?other"), False),
        (replace(FIRST, published=NOW), False),
    ],
    ids=["same", "text", "title", "updated", "link", "date"],
)
def test_an_edited_entry_is_read_again(store: Store, later: Entry, read_again: bool) -> None:
    """What reads otherwise, or says that it changed, waits for ingestion again; what the article said is kept."""
    poll(store, FIRST, NOW)
    read(store, "the page", NOW)
    added = poll(store, later, LATER)

    [article] = everything(store)
    assert added == (0, int(read_again))
    assert (article.next_try == LATER, article.edits) == (read_again, int(read_again))
    with store.read() as session:
        assert [(e.title, e.body, e.until) for e in articles.earlier(session, article.id or 0)] == [
            ("A title", "the page", LATER)
        ] * read_again
    if read_again:
        assert (article.title, article.summary) == (later.title, later.text)


def test_an_edit_that_changed_nothing_leaves_no_trace(store: Store) -> None:
    """Where title and body turn out the same, nothing is kept."""
    poll(store, FIRST, NOW)
    read(store, "the page", NOW)
    poll(store, replace(FIRST, text="second"), LATER)
    read(store, "the page", LATER)

    with store.read() as session:
        assert articles.earlier(session, everything(store)[0].id or 0) == []


def test_an_article_is_read_again_a_few_times_at_most(store: Store) -> None:
    """A feed that changes its entries at every poll is heard three times, and not in quick succession."""
    poll(store, FIRST, NOW)
    read(store, "the page", NOW)
    soon = poll(store, replace(FIRST, text="soon"), NOW + timedelta(minutes=5))
    edits = []
    for n in range(1, 7):
        at = NOW + timedelta(hours=n)
        edits.append(poll(store, replace(FIRST, text=f"version {n}"), at).edited)
        read(store, f"page {n}", at)

    assert soon.edited == 0
    assert edits == [1, 1, 1, 0, 0, 0]
    with store.read() as session:
        assert [e.body for e in articles.earlier(session, 1)] == ["the page", "page 1", "page 2"]


def test_an_edit_too_soon_is_noticed_later(store: Store) -> None:
    """What changed shortly after the article was read is not forgotten."""
    poll(store, FIRST, NOW)
    read(store, "the page", NOW)
    later = replace(FIRST, text="second")

    assert [poll(store, later, NOW + timedelta(minutes=m)).edited for m in (5, 20, 40)] == [0, 0, 1]


def test_only_the_first_lister_speaks_for_an_article(store: Store) -> None:
    """Another feed's words on the same page are no edit of it."""
    poll(store, FIRST, NOW)
    poll(store, entry("b", URL, "A title", "other words"), NOW, B)
    read(store, "the page", NOW)

    assert poll(store, entry("b", URL, "A title", "yet others"), LATER, B).edited == 0
    assert everything(store)[0].summary == "first"


def test_what_was_not_read_yet_is_read_as_it_stands_now(store: Store) -> None:
    """An edit before ingestion costs no second reading."""
    poll(store, FIRST, NOW)
    added = poll(store, replace(FIRST, title="Mended", text="second"), LATER)

    [article] = everything(store)
    assert added == (0, 0)
    assert (article.title, article.summary, article.edits, article.next_try) == ("Mended", "second", 0, NOW)


@pytest.mark.sqlite
def test_a_feed_that_listed_much_is_not_walked_through(store: Store) -> None:
    """New entries are looked up by what identifies them: what a poll costs does not grow with what was stored."""
    add(store, (A, [entry("1", URL)]))
    statements: list[tuple[str, Any]] = []
    with store.write() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        entries.add_entries(session, {feed_ids(session, A)[0]: [entry(f"{n}", f"{URL}/{n}") for n in range(25)]}, NOW)
        asked = [each for each in statements if each[0].startswith("SELECT")]
        plans = [
            (row[3], query)
            for query, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)
        ]

    steps = [plan for plan, query in plans if "listing" in query or "article" in query]
    assert len(steps) >= 4
    walked = [step for step in steps if "SCAN" in step or "(feed_id=?)" in step]
    assert not [step for step in walked if "VIRTUAL TABLE" not in step]  # which is what was asked for
