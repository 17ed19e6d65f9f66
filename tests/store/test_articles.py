"""Articles in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pipeline.domain import Hit, Level, Passage, Verdict
from pipeline.store import Store, articles, entries
from tests.store.conftest import NOW, add, entry, everything, feed_ids

A, B = "https://a.example/feed", "https://b.example/feed"
URL = "https://news.example/one"
LATER = NOW + timedelta(hours=1)
WAITING = [("a", 0), ("slow", 1), ("b", 2), ("www.c", 0), ("slow", 2)]
"""The hosts of articles as they come, and what each promises."""


def test_leases_are_exclusive_until_they_end(store: Store) -> None:
    """What one has leased another does not get, until the lease ends or is given back."""
    add(store, (A, [entry("1", "https://x.example/1"), entry("2", "https://x.example/2")]))
    with store.write() as session:
        ids = articles.pending(session, NOW, 10)
        got = [[a.id for a in articles.lease(session, ids, NOW, NOW + timedelta(minutes=10))]]
    with store.write() as session:
        got.append([a.id for a in articles.lease(session, ids, NOW, LATER)])
        waiting = articles.pending(session, NOW, 10)
    with store.write() as session:
        after = NOW + timedelta(minutes=10)
        got.append([a.id for a in articles.lease(session, ids[::-1], after, LATER)])
    with store.write() as session:
        articles.release(session, ids[:1])
        freed = articles.pending(session, after, 10)
        articles.release(session)
        all_freed = articles.pending(session, after, 10)

    assert got == [ids, [], ids[::-1]]
    assert waiting == []
    assert (freed, all_freed) == (ids[:1], ids)


def test_the_most_promising_first_and_then_the_newest(store: Store) -> None:
    """Those on some hosts, and those that promise too little, can be left out; what is not due yet is."""
    listed = [
        entry(f"{n}", f"https://{host}.example/{n}", title=f"{promise}") for n, (host, promise) in enumerate(WAITING)
    ]
    for at, each in enumerate(listed):
        with store.write() as session:
            [feed] = feed_ids(session, A)
            entries.add_entries(session, {feed: [each]}, NOW + timedelta(minutes=at), lambda title, _: int(title))
    with store.read() as session:
        found = [
            articles.pending(session, LATER, 9),
            articles.pending(session, LATER, 2),
            articles.pending(session, LATER, 9, least=1),
            articles.pending(session, LATER, 3, without={"slow.example"}),
            articles.pending(session, NOW + timedelta(minutes=1), 9),
            articles.longest_waiting(session, LATER, 1),
        ]

    assert found == [[5, 3, 2, 4, 1], [5, 3], [5, 3, 2], [3, 4, 1], [2, 1], [1]]


def verdict(watch: str, *quotes: str) -> Verdict:
    return Verdict(watch, tuple(Passage("body", 0, len(q), q, (Hit("who", "x", 0, 1),)) for q in quotes))


def test_a_match_replaces_passages_and_keeps_what_was_told(store: Store) -> None:
    """A match is fresh once; later verdicts renew its passages, and none takes a match back that was told."""
    add(store, (A, [entry("1", URL)]))
    [article] = everything(store)
    rounds = [[verdict("one", "first"), verdict("two", "second")], [verdict("one", "better"), verdict("two")]]
    fresh = []
    for at, verdicts in zip((NOW, LATER), rounds, strict=True):
        with store.write() as session:
            fresh.append([v.watch for v in articles.set_matches(session, article.id or 0, verdicts, at)])

    assert fresh == [["one", "two"], []]
    with store.read() as session:
        found = articles.matches(session, [article.id or 0])[article.id or 0]
        quotes = {match.watch: [Passage.from_data(p).quote for p in match.passages] for match in found}
        assert quotes == {"one": ["better"], "two": ["second"]}
        assert {match.matched_at for match in found} == {NOW}


def test_matched_between_takes_the_start_and_leaves_the_end(store: Store) -> None:
    """A match at the very boundary of two stretches of time stands in the later one only."""
    add(store, (A, [entry("1", URL)]))
    [article] = everything(store)
    with store.write() as session:
        articles.set_matches(session, article.id or 0, [verdict("one", "first")], LATER)

    with store.read() as session:
        assert articles.matched_between(session, NOW, LATER) == []
        assert len(articles.matched_between(session, LATER, LATER + timedelta(hours=1))) == 1
        assert articles.count_found(session, NOW, LATER) == 1
        assert articles.count_found(session, NOW - timedelta(hours=1), NOW) == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", {"Up 100% today"}),
        ("a_b", {"The a_b test"}),
        ("back\\slash", {"A back\\slash"}),
        ("TEST the", {"The a_b test", "The acb test"}),
        ("", {"Up 100% today", "Up 1000 today", "The a_b test", "The acb test", "A back\\slash"}),
    ],
)
def test_find_looks_for_whole_words(store: Store, words: str, found: set[str]) -> None:
    """Every word must occur, in any case; what a word is written with beside letters and digits parts it only."""
    titles = ["Up 100% today", "Up 1000 today", "The a_b test", "The acb test", "A back\\slash"]
    add(store, (A, [entry(str(n), f"https://x.example/{n}", title) for n, title in enumerate(titles)]))

    assert {article.title for article in everything(store, words=words)} == found


def test_find_filters(store: Store) -> None:
    """By watch, by being flagged at all, by time, and in number, newest first."""
    add(store, (A, [entry(str(n), f"https://x.example/{n}", f"Title {n}") for n in (3, 2, 1)]))
    one, two, three = sorted(everything(store), key=lambda a: a.title)
    with store.write() as session:
        articles.set_matches(session, one.id or 0, [verdict("first", "x")], NOW)
        articles.set_matches(session, two.id or 0, [verdict("second", "x")], NOW)
        three.found_at = LATER
        session.merge(three)

    def titles(**wanted: Any) -> list[str]:
        return [article.title for article in everything(store, **wanted)]

    assert titles(watch="first") == ["Title 1"]
    assert sorted(titles(flagged=True)) == ["Title 1", "Title 2"]
    assert titles(since=LATER) == ["Title 3"]
    assert titles(most=1) == ["Title 3"]
    with store.read() as session:
        assert articles.flagged_counts(session) == {"first": 1, "second": 1}
        assert articles.counts(session).flagged == 2


def test_a_match_that_rises_is_fresh_again(store: Store) -> None:
    """From a mention in passing to what the piece is about is news; falling back is not, but is kept."""
    add(store, (A, [entry("1", URL)]))
    [article] = everything(store)
    fresh, levels = [], []
    for score in (0.2, 0.3, 0.8, 0.2):
        with store.write() as session:
            fresh.append(len(articles.set_matches(session, article.id or 0, [scored(score)], NOW)))
        with store.read() as session:
            [match] = articles.matches(session, [article.id or 0])[article.id or 0]
            levels.append((match.score, match.level))

    assert fresh == [1, 0, 1, 0]
    assert levels == [(0.2, Level.MENTIONS), (0.3, Level.MENTIONS), (0.8, Level.ABOUT), (0.2, Level.MENTIONS)]


def test_a_dropped_match_is_gone_for_its_watch_only(store: Store) -> None:
    """Other watches keep theirs, and what was dropped may match anew."""
    add(store, (A, [entry("1", URL)]))
    [article] = everything(store)
    with store.write() as session:
        articles.set_matches(session, article.id or 0, [verdict("one", "x"), verdict("two", "x")], NOW)
    with store.write() as session:
        articles.drop_match(session, article.id or 0, "one")
    with store.write() as session:
        left = [match.watch for match in articles.matches(session, [article.id or 0])[article.id or 0]]
        again = articles.set_matches(session, article.id or 0, [verdict("one", "x")], NOW)

    assert (left, [fresh.watch for fresh in again]) == (["two"], ["one"])


def test_after_leads_through_what_was_ingested(store: Store) -> None:
    """In portions by number, past what is still pending and what was found before."""
    add(store, (A, [entry(str(n), f"https://x.example/{n}") for n in range(5)]))
    found = sorted(everything(store), key=lambda article: article.id or 0)
    for article in found[:4]:
        article.ingested_at = NOW
        article.found_at = LATER if article is found[0] else NOW
        with store.write() as session:
            session.merge(article)
    ids = [article.id for article in found]

    with store.read() as session:
        portions = [[a.id for a in articles.after(session, last or 0, None, 3)] for last in (0, ids[2], ids[3])]
        late = [article.id for article in articles.after(session, 0, LATER, 3)]
        counts = [articles.count_ingested(session, since) for since in (None, LATER)]

    assert portions == [ids[:3], ids[3:4], []]
    assert (late, counts) == (ids[:1], [4, 1])


def scored(score: float) -> Verdict:
    return replace(verdict("deals", "x"), score=score)
