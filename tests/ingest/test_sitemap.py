"""News sitemaps as feeds, and what other sitemaps are told to be."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from pipeline.errors import FeedError
from pipeline.ingest.parse import parse
from pipeline.ingest.sitemap import sitemaps_of

URL = "https://news.example/news-sitemap.xml"
NAMES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {NAMES}>
<url><loc>https://news.example/a?utm_source=x</loc><lastmod>2026-03-11</lastmod><news:news>
<news:publication><news:name>The Example</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-03-10T13:00:00+01:00</news:publication_date>
<news:title>AT&amp;T leases 2 &lt; 3 gigawatts</news:title></news:news></url>
<url><loc>https://news.example/about</loc><lastmod>2020-01-01</lastmod></url>
<url><loc>javascript:alert(1)</loc><news:news><news:title>Odd</news:title></news:news></url>
</urlset>""".encode()
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example/pages.xml</loc></sitemap><sitemap><loc>file:///etc/passwd</loc></sitemap>
<sitemap><loc> https://news.example/news.xml </loc><lastmod>2026-03-10</lastmod></sitemap>
<sitemap><loc>https://news.example/1.xml</loc></sitemap><sitemap><loc>https://news.example/2.xml</loc></sitemap>
</sitemapindex>"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_news(pack: type[bytes]) -> None:
    """Title, link, dates, language and the outlet's name are read; pages without news are left out."""
    feed = parse(pack(NEWS), URL)
    first, second = feed.entries

    assert (feed.title, feed.language) == ("The Example", "en")
    assert (first.title, first.url) == ("AT&T leases 2 < 3 gigawatts", "https://news.example/a")
    assert first.published == datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert first.updated == datetime(2026, 3, 11, tzinfo=UTC)
    assert (second.title, second.url, second.published) == ("Odd", "", None)


def test_a_quiet_news_sitemap_is_a_feed() -> None:
    """One without any news of the last days has no entries."""
    assert parse(f"<urlset {NAMES}></urlset>".encode(), URL).entries == ()


@pytest.mark.parametrize(
    "document",
    [
        b"<urlset><url><loc>https://news.example/</loc><lastmod>2026-03-10</lastmod></url></urlset>",
        f"<urlset {NAMES}><url><loc>https://news.example/</loc></url></urlset>".encode(),
        b"<urlset/>",
    ],
)
def test_a_sitemap_of_pages_is_no_feed(document: bytes) -> None:
    """It says which pages there are, not what is new."""
    with pytest.raises(FeedError, match="sitemap of pages without news"):
        parse(document, URL)


def test_index() -> None:
    """An index is no feed, but names what may be: news first, http(s) only."""
    with pytest.raises(
        FeedError, match=r"index of sitemaps.*: https://news.example/news.xml, .*pages.xml, .*1.xml, \.\.\."
    ):
        parse(INDEX, URL)

    assert sitemaps_of(gzip.compress(INDEX))[:2] == ["https://news.example/news.xml", "https://news.example/pages.xml"]
    assert len(sitemaps_of(INDEX)) == 4


@pytest.mark.parametrize("body", [b"", b"<sitemapindex", NEWS, b"not XML", b"{}", b"\x1f\x8bx"])
def test_what_is_no_index_names_none(body: bytes) -> None:
    """Anything else names no sitemaps, and is no error."""
    assert sitemaps_of(body) == []
