"""What one kind of database takes without a word and the other would not: both do the same of it."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import timedelta
from itertools import islice, product
from random import Random
from typing import Any

import pytest

from pipeline.models import Article
from pipeline.store import Session, Store, around, articles, beside, feeds, ledger, outbox, search
from pipeline.store.search import Search
from tests.store.conftest import NOW, add, entry, everything

A, B = "https://a.example/feed", "https://b.example/feed"
LONG = "".join(Random(1).choices(string.ascii_letters + string.digits, k=8_000))
"""Which cannot be pressed to less."""


def test_a_long_url_is_known_again(store: Store) -> None:
    """An article is one however long its URL is, by whichever feed it comes."""
    url = f"https://n.example/{LONG}"
    new = add(store, (A, [entry("1", url)]), (A, [entry("1", url)]), (B, [entry("2", url)]))

    assert new == [1, 0, 0]
    assert [article.url for article in everything(store)] == [url]


def test_a_feed_of_a_long_url(store: Store) -> None:
    """A feed is one however long its URL is."""
    url = f"https://n.example/{LONG}"
    for _ in range(2):
        with store.write() as session:
            feeds.sync(session, [feeds.Known(url, "long", "press")], NOW)
    with store.read() as session:
        assert [feed.url for feed in feeds.all_active(session)] == [url]


def test_a_nul_in_a_url(store: Store) -> None:
    """An entry whose URL holds a NUL is stored once, and harms no other."""
    listed = [entry("1", "https://n.example/a\0b"), entry("2", "https://n.example/c")]

    assert add(store, (A, listed), (B, listed)) == [2, 0]


@pytest.mark.parametrize(
    "look",
    [
        articles.get,
        ledger.get,
        outbox.get,
        around.told_of,
        beside.told_of,
        ledger.history,
        lambda session, number: articles.matches(session, [number]),
        lambda session, number: articles.after(session, number, None, 1),
        lambda session, number: outbox.retry(session, [number], NOW),
    ],
)
@pytest.mark.parametrize("number", [2**31, 2**63 - 1])
def test_a_number_that_nothing_has(store: Store, look: Callable[[Session, int], Any], number: int) -> None:
    """To look for a number that no row can have finds nothing, and is no error."""
    with store.write() as session:
        assert not look(session, number)


def test_a_payload_of_whatever_a_stranger_wrote(store: Store) -> None:
    """A digest with a NUL and half a character in it is found by its end, and what else it says is kept."""
    wild = {"end": NOW.isoformat(), "text": "a\0b \\u0000 \ud800 é 😀", "parts": [{"\0": 1}]}
    with store.write() as session:
        outbox.add(session, key="digest:1", channels=["c"], kind="digest", subject="", payload=wild, now=NOW)
    with store.read() as session:
        assert outbox.last_edition_end(session, NOW + timedelta(hours=1)) == NOW
        [row] = outbox.listing(session)

    kept = row.payload["text"].translate({0: " ", 0xD800: " "})
    assert kept == "a b \\u0000   é 😀"


@pytest.mark.parametrize("joint", [" ", "-"])
def test_a_text_of_very_many_different_words(store: Store, joint: str) -> None:
    """It is stored whole, and found by its title and its beginning."""
    signs = [chr(code) for code in range(0x4E00, 0x9FFF)]
    words = ["".join(pair) for pair in islice(product(signs, signs), 150_000)]
    text = "Beginning " + " ".join(joint.join(words[at : at + 3]) for at in range(0, len(words), 3))
    with store.write() as session:
        session.add(Article(identity="1", url="", title="Heading", found_at=NOW, body=text, ingested_at=NOW))
    with store.read() as session:
        found = [search.ids(session, Search(words), 9) for words in ("heading", "beginning", words[1], "other")]
        [article] = articles.after(session, 0, None, 9)

    assert found == [[1], [1], [1], []]
    assert article.body == text
