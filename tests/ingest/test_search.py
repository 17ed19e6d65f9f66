"""Google News as a feed, and other feeds that pass on pieces of many outlets."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Entry
from pipeline.ingest.parse import parse
from pipeline.ingest.search import is_opaque, resolved, search_url, without_outlet

FEED = "https://news.google.com/rss/search?q=x"
ARTICLE = "https://outlet.example/2026/deal?id=1"


def link_to(*targets: bytes, head: bytes = b"\x08\x13") -> str:
    """An opaque link that holds these texts as fields of a protocol buffer."""
    fields = b"".join(b"\x22" + _size(len(target)) + target for target in targets)
    name = base64.urlsafe_b64encode(head + fields + b"\xd2\x01\x00").decode().rstrip("=")
    return f"https://news.google.com/rss/articles/{name}?oc=5"


def _size(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def entry(link: str, title: str = "Deal signed - The Outlet", source: str = "https://www.outlet.example") -> Entry:
    """The entry of a feed of Google News with one item."""
    document = (
        f'<rss version="2.0"><channel><title>x - Google News</title><link>https://news.google.com/search</link><item>'
        f'<title>{title}</title><link>{link}</link><guid isPermaLink="false">g-1</guid>'
        f'<pubDate>Tue, 10 Mar 2026 12:00:00 GMT</pubDate><description>&lt;a href="{link}"&gt;Deal signed&lt;/a&gt;'
        f'</description><source url="{source}">The Outlet</source></item></channel></rss>'
    )
    return parse(document.encode(), FEED).entries[0]


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (('"data center" OpenAI',), {"q": '"data center" OpenAI', "hl": "en-US", "gl": "US", "ceid": "US:en"}),
        (("Strom", "de-DE"), {"q": "Strom", "hl": "de-DE", "gl": "DE", "ceid": "DE:de"}),
        (("x", "pt-BR"), {"q": "x", "hl": "pt-BR", "gl": "BR", "ceid": "BR:pt-419"}),
        (("x & y", "fr", 7), {"q": "x & y when:7d", "hl": "fr", "gl": "FR", "ceid": "FR:fr"}),
    ],
)
def test_search_url(arguments: tuple[str, str, int], query: dict[str, str]) -> None:
    """Words, language, country and days stand in the address as Google reads them."""
    parts = urlsplit(search_url(*arguments))

    assert (parts.scheme, parts.netloc, parts.path) == ("https", "news.google.com", "/rss/search")
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == query


def test_a_link_that_holds_the_article() -> None:
    """It is resolved, and the page may be fetched."""
    found = entry(link_to(ARTICLE.encode()))

    assert (found.url, found.opaque, found.origin) == (ARTICLE, False, "outlet.example")
    assert (found.title, found.guid) == ("Deal signed", "g-1")


def test_a_link_that_does_not() -> None:
    """It stays, told to be opaque, and the entry has its own text and its origin."""
    link = link_to(b"AU_yqLMadeUpAndOpaque")
    found = entry(link)

    assert (found.url, found.opaque, found.origin) == (link, True, "outlet.example")
    assert (found.title, found.text) == ("Deal signed", "Deal signed")


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (link_to(ARTICLE.encode()), ARTICLE),
        (link_to(b"AU_yqL", ARTICLE.encode()), ARTICLE),
        (link_to(b"https://a.example/" + b"x" * 200), "https://a.example/" + "x" * 200),
        (link_to(b"file:///etc/passwd"), ""),
        (link_to(b"javascript:alert(1)"), ""),
        (link_to(b"https://news.google.com/rss/articles/CBMi"), ""),
        (link_to(ARTICLE.encode(), head=b"\x0b"), ""),
        ("https://news.google.com/rss/articles/%%%?oc=5", ""),
        ("https://news.google.com/rss/articles/", ""),
    ],
)
def test_resolved(link: str, target: str) -> None:
    """Only an http(s) address of another site is taken for the article's."""
    assert resolved(link) == target


@given(st.binary() | st.binary().map(b"\x08\x13\x22".__add__))
def test_resolved_of_anything(message: bytes) -> None:
    """Any bytes in a link end in a URL or in none."""
    name = base64.urlsafe_b64encode(message).decode()

    assert resolved(f"https://news.google.com/rss/articles/{name}")[:4] in ("", "http")


@pytest.mark.parametrize(
    ("url", "opaque"),
    [
        ("https://news.google.com/rss/articles/CBMi?oc=5", True),
        ("https://news.google.com/articles/CBMi", True),
        ("https://news.google.com/read/CBMi", True),
        ("https://news.google.com/", False),
        ("https://news.google.com/rss/search?q=articles", False),
        ("https://news.example/rss/articles/CBMi", False),
        ("", False),
    ],
)
def test_is_opaque(url: str, opaque: bool) -> None:
    """Only Google's links to articles are opaque."""
    assert is_opaque(url) is opaque


@pytest.mark.parametrize(
    ("title", "outlet", "short"),
    [
        ("A - B - The Outlet", "The Outlet", "A - B"),
        ("A | The Outlet", "The Outlet", "A"),
        ("A - Other", "The Outlet", "A - Other"),
        (" - The Outlet", "The Outlet", " - The Outlet"),
        ("A - ", "", "A - "),
    ],
)
def test_without_outlet(title: str, outlet: str, short: str) -> None:
    """Only the outlet's own name goes, and never the whole title."""
    assert without_outlet(title, outlet) == short


def test_other_aggregators() -> None:
    """Their items have an origin, too, unless it is the feed's own site, whose titles stay as they are."""
    items = "".join(
        f'<item><title>A - S</title><link>https://hub.example/{n}</link><source url="{url}">S</source></item>'
        for n, url in enumerate(["https://www.outlet.example/feed", "https://www.hub.example/f", "file:///x", ""])
    )
    document = f'<rss version="2.0"><channel><title>Hub</title><link>https://hub.example/</link>{items}</channel></rss>'
    found = parse(document.encode(), "https://feeds.example/hub").entries

    assert [one.origin for one in found] == ["outlet.example", "", "", ""]
    assert [one.title for one in found] == ["A", "A - S", "A - S", "A - S"]


def test_origin_in_atom() -> None:
    """An entry copied from another feed names that feed (RFC 4287, section 4.2.11)."""
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Planet</title><link href="https://planet.example/"/>'
        '<entry><id>1</id><title>t</title><link href="https://a.example/1"/><updated>2026-03-10T12:00:00Z</updated>'
        '<source><id>urn:x</id><title>A</title><link href="https://a.example/"/></source></entry></feed>'
    )

    assert parse(document.encode(), "https://planet.example/atom").entries[0].origin == "a.example"
