"""Finding articles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect

from pipeline.models import Article, BodySource, Match
from pipeline.store import Session, Store, articles, feeds, search
from pipeline.store.search import Found, Search
from tests.store.conftest import NOW, add, entry
from tests.store.test_retention import drop

A, B = "https://a.example/one", "https://b.example/two"
HOUR = timedelta(hours=1)
PIECES = {
    "Oracle leases sites": "Oracle will lease data centers in Texas to OpenAI.",
    "Nvidia sells chips": "The chips are for a data center. Oracle is not named in the title.",
    "Weather in Zürich": "It rains, and the café is closed.",
    "Oracle and AMD": "AMD chips for OpenAI; the centers hold much data.",
}


@pytest.fixture
def filled(store: Store) -> Store:
    """The pieces as articles 1 to 4, an hour apart: the feed `one` lists all but the last, `two` the last two."""
    listed = [entry(str(n), f"https://n.example/{n}", title, text) for n, (title, text) in enumerate(PIECES.items())]
    add(store, (A, listed[2::-1]), (B, listed[:1:-1]))
    with store.write() as session:
        for article in session_articles(session):
            article.found_at = NOW + HOUR * (article.id or 0)
            article.body, article.body_source, article.ingested_at = article.summary, BodySource.PAGE, NOW
        for watch, article_id in (("w", 2), ("w", 4), ("v", 4)):
            session.add(Match(article_id=article_id, watch=watch, matched_at=NOW))
    return store


def session_articles(session: Session) -> list[Article]:
    return [one for one in (articles.get(session, id_) for id_ in range(1, 5)) if one]


def find(store: Store, words: str = "", page: int = 1, size: int = 50, **wanted: Any) -> Found:
    with store.read() as session:
        return search.find(session, Search(words, **wanted), page, size)


def ids(store: Store, words: str = "", **wanted: Any) -> list[int | None]:
    return [hit.article.id for hit in find(store, words, **wanted).rows]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("oracle", [4, 2, 1]),
        ("ORACLE chip", [4, 2]),
        ('"data center"', [2, 1]),
        ("data center", [4, 2, 1]),
        ("leasing", [1]),
        ("cafe zurich", [3]),
        ("nvid*", [2]),
        ("oracle -amd", [2, 1]),
        ("texas OR rain", [3, 1]),
        ("nothing", []),
        ("%", [4, 3, 2, 1]),
        ('"', [4, 3, 2, 1]),
        ("", [4, 3, 2, 1]),
    ],
)
def test_words(filled: Store, words: str, found: list[int]) -> None:
    """In title or text, inflected, with or without accents, newest first; what holds no word does not restrict."""
    assert ids(filled, words) == found


@pytest.mark.parametrize("words", ["", "data OR rain"])
def test_filters(filled: Store, words: str) -> None:
    """By watch, any watch, feed and time, one at a time and together, with words and without."""
    assert ids(filled, words, watch="w") == [4, 2]
    assert ids(filled, words, watch="v") == [4]
    assert ids(filled, words, flagged=True) == [4, 2]
    assert ids(filled, words, feed="one") == [3, 2, 1]
    assert ids(filled, words, feed="two") == [4, 3]
    assert ids(filled, words, feed="two", watch="w") == [4]
    assert ids(filled, words, feed="none such") == []
    assert ids(filled, words, since=NOW + 3 * HOUR) == [4, 3]
    assert ids(filled, words, until=NOW + 3 * HOUR) == [2, 1]
    assert ids(filled, words, since=NOW + 2 * HOUR, until=NOW + 4 * HOUR) == [3, 2]
    assert ids(filled, words, since=NOW + 9 * HOUR) == ids(filled, words, until=NOW) == []
    assert ids(filled, words, watch="w", until=NOW + 3 * HOUR) == [2]


def test_pages(filled: Store) -> None:
    """Each article stands on one page; each page knows whether another follows, and how many there are in all."""
    pages = [find(filled, words, page, 2) for words in ("", "data") for page in (1, 2, 3)]

    found = [([hit.article.id for hit in page.rows], page.total, page.more) for page in pages]
    assert found == [
        ([4, 3], 4, True), ([2, 1], 4, False), ([], 4, False),
        ([4, 2], 3, True), ([1], 3, False), ([], 3, False),
    ]  # fmt: skip
    assert find(filled, page=-7, size=2).rows == find(filled, size=2).rows
    assert find(filled, page=10**30).rows == []


def test_a_total_is_counted_up_to_a_limit(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it the articles are too many to be counted, and so are those with the words where others are filtered."""
    monkeypatch.setattr(search, "COUNTED", 2)
    monkeypatch.setattr(search, "COUNTED_BY_WORDS", 2)

    assert (find(filled, "data", size=1).total, find(filled, "data", size=1).least) == (None, 3)
    assert find(filled, "chips", size=1).total == 2
    assert find(filled, size=1).total is None
    monkeypatch.setattr(search, "_LOOKED_AT", 2)
    assert (find(filled, "data", size=1, watch="w").total, find(filled, "data", size=1, watch="w").least) == (None, 2)
    assert find(filled, "chips", size=1, watch="w").total == 2


def test_the_best_come_first(filled: Store) -> None:
    """What has the words in its title goes before what has them in passing."""
    assert ids(filled, "oracle", sort="best") == [1, 4, 2]
    assert ids(filled, "", sort="best") == [4, 3, 2, 1]
    assert ids(filled, "oracle", sort="best", watch="w") == [4, 2]


def test_of_equals_the_newer_is_better(store: Store) -> None:
    """A piece that says the same, a long time after."""
    add(store, (A, [entry(str(n), f"https://n.example/{n}", "Oracle deal", "The same text.") for n in range(2)]))
    with store.write() as session:
        first, second = (articles.get(session, id_) for id_ in (1, 2))
        assert first
        assert second
        first.found_at, second.found_at = NOW, NOW + timedelta(days=300)

    assert ids(store, "oracle", sort="best") == [2, 1]


@pytest.mark.parametrize("sort", ["newest", "best"])
def test_what_was_found_is_marked(filled: Store, sort: str) -> None:
    """In title and snippet, in whatever form and case it stands there."""
    [hit] = find(filled, "lease texas", sort=sort).rows

    assert hit.title == (("Oracle ", False), ("leases", True), (" sites", False))
    assert [text for text, marked in hit.snippet if marked] == ["lease", "Texas"]
    assert "".join(text for text, _ in hit.snippet) == PIECES["Oracle leases sites"]


def test_without_words_the_beginning_is_shown(filled: Store) -> None:
    """Cut between words, and of an article that was not read, what its feed says."""
    with filled.write() as session:
        first, second, *_ = session_articles(session)
        first.body = "word " * 100
        second.body, second.summary = "", "From the feed."
    long, short = (hit.snippet[0][0] for hit in find(filled, until=NOW + 3 * HOUR).rows[::-1])

    assert long.endswith("word…")
    assert 200 < len(long) <= 241
    assert short == "From the feed."


def test_the_body_is_not_loaded(filled: Store) -> None:
    """What may be long and is not shown stays in the database."""
    for words in ("", "data"):
        for hit in find(filled, words).rows:
            assert "body" in inspect(hit.article).unloaded


def test_what_an_article_says_now_is_found(filled: Store) -> None:
    """An edit is found by its new words only; what was not touched stays as it was."""
    with filled.write() as session:
        [article, *_] = session_articles(session)
        article.title, article.body = "Crusoe leases sites", "Crusoe will lease them."

    assert ids(filled, "oracle") == [4, 2]
    assert ids(filled, "crusoe") == [1]


def test_what_is_not_read_yet_is_found_by_its_title(store: Store) -> None:
    """What the feed says of it is found once it was read."""
    add(store, (A, [entry("1", "https://n.example/1", "Oracle leases sites", "They are in Texas.")]))
    unread = ids(store, "oracle"), ids(store, "texas")
    with store.write() as session:
        session.get_one(Article, 1).ingested_at = NOW
    read = ids(store, "oracle"), ids(store, "texas")

    assert unread == ([1], [])
    assert read == ([1], [1])


def test_what_was_pruned_is_found_by_its_title(filled: Store) -> None:
    """Its text is found no more."""
    with filled.write() as session:
        for article in session_articles(session):
            article.ingested_at, article.next_try = NOW, None
    dropped = drop(filled)

    assert dropped.articles == 2
    assert ids(filled, "leases") == [1]
    assert ids(filled, "texas") == []
    assert find(filled, "leases").rows[0].snippet == ()


def test_what_is_undone_leaves_no_words(filled: Store) -> None:
    """The index goes back with the article."""

    def stumble() -> None:
        with filled.write() as session:
            session_articles(session)[0].title = "Crusoe leases sites"
            session.flush()
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        stumble()

    assert (ids(filled, "crusoe"), ids(filled, "oracle")) == ([], [4, 2, 1])


def test_a_feed_that_was_renamed_is_known_by_its_new_name(filled: Store) -> None:
    """Feeds of the same name count together."""
    with filled.write() as session:
        feeds.sync(session, [feeds.Known(url, "both", "press") for url in (A, B)], NOW)

    assert ids(filled, feed="both") == ids(filled, "data OR rain", feed="both") == [4, 3, 2, 1]
    assert ids(filled, feed="one") == []
