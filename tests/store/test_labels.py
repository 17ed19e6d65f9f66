"""Labels of articles."""

from __future__ import annotations

from datetime import timedelta

from pipeline.domain import Entry
from pipeline.store import Store, entries, labels
from tests.store.conftest import NOW, feed_ids

URLS = [f"https://x.example/{number}" for number in range(1200)]


def fill(store: Store, *urls: str) -> dict[str, int]:
    """Articles of these URLs; their numbers."""
    listed = [Entry(guid="", url=url, title=url, text="", author="", published=None) for url in urls]
    with store.write() as session:
        [feed] = feed_ids(session, "https://a.example/feed")
        entries.add_entries(session, {feed: listed}, NOW)
    with store.read() as session:
        return labels.articles_by_url(session, [*urls, "https://unknown.example/"])


def test_articles_are_found_by_url(store: Store) -> None:
    """However many are asked for; unknown ones are left out."""
    assert sorted(fill(store, *URLS)) == sorted(URLS)


def test_a_label_replaces_an_earlier_one_of_its_watch(store: Store) -> None:
    """One for each article and watch, the last word counting, in the order of the articles."""
    numbers = fill(store, *URLS[:2])
    first, second = sorted(numbers.values())[:2]
    with store.write() as session:
        fresh = [
            labels.put(session, second, "deals", mentions=True, about=True, now=NOW),
            labels.put(session, first, "deals", mentions=True, about=False, now=NOW),
            labels.put(session, first, "other", mentions=False, about=False, now=NOW),
            labels.put(session, second, "deals", mentions=False, about=False, now=NOW + timedelta(hours=1)),
        ]
    with store.read() as session:
        found = [
            (article.id, label.mentions, label.about, label.labelled_at)
            for label, article in labels.of_watch(session, "deals")
        ]

    assert fresh == [True, True, True, False]
    assert found == [(first, True, False, NOW), (second, False, False, NOW + timedelta(hours=1))]


def test_a_label_is_taken_back(store: Store) -> None:
    """Only that of the watch; taking it back twice does nothing."""
    first = min(fill(store, *URLS[:2]).values())
    with store.write() as session:
        for watch in ("deals", "other"):
            labels.put(session, first, watch, mentions=True, about=False, now=NOW)
        dropped = [labels.drop(session, first, "deals") for _ in range(2)]
        left = list(labels.of_article(session, first))

    assert dropped == [True, False]
    assert left == ["other"]
