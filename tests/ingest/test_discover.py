"""Feeds that a site's page names, that its robots.txt names, and where they usually are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.discover import Found, Kind, feeds_on, guesses, sitemaps_in

URL = "https://site.example/news/today.html"


def found(html: str, url: str = URL) -> list[tuple[str, str]]:
    """Titles and addresses of what a page names."""
    return [(one.title, one.url) for one in feeds_on(html.encode(), url)]


def link(href: str, kind: str = "application/rss+xml", title: str = "T", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("application/rss+xml", Kind.RSS),
        ("application/rdf+xml", Kind.RSS),
        ("application/atom+xml; charset=utf-8", Kind.ATOM),
        ("APPLICATION/FEED+JSON", Kind.JSON),
        ("text/xml", Kind.UNKNOWN),
    ],
)
def test_declared(kind: str, meant: Kind) -> None:
    """A link of a feed's type is a feed, with its title and kind."""
    assert feeds_on(link("/f", kind, "All &amp; new").encode(), URL) == [
        Found("All & new", "https://site.example/f", meant)
    ]


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        (link("f.xml"), ["https://site.example/news/f.xml"]),
        ('<base href="/b/">' + link("f.xml"), ["https://site.example/b/f.xml"]),
        ('<base href="javascript:x">' + link("/f.xml"), ["https://site.example/f.xml"]),
        (link("//cdn.example/f"), ["https://cdn.example/f"]),
        (link("/a") + link("/b") + link("/a#top"), ["https://site.example/a", "https://site.example/b"]),
        (
            link("/comments/feed", title="Comments") + link("/feed"),
            ["https://site.example/feed", "https://site.example/comments/feed"],
        ),
        (link("/f", rel="ALTERNATE nofollow"), ["https://site.example/f"]),
        (link("/f", rel="feed"), ["https://site.example/f"]),
        (link("/f", rel="stylesheet"), []),
        (link("/f", "text/html"), []),
        (link("/wp-json/oembed", "application/json"), []),
        (link("javascript:alert(1)") + link("data:text/xml,x") + link("file:///x") + link(""), []),
        (link(URL), []),
        ('<a href="/rss.xml">RSS</a>', ["https://site.example/rss.xml"]),
        (
            '<a href="/world/feed/">x</a><a href="feed:https://site.example/atom">x</a>',
            ["https://site.example/world/feed/", "https://site.example/atom"],
        ),
        ('<a href="https://feeds.other.example/site">x</a>', ["https://feeds.other.example/site"]),
        ('<a href="https://other.example/rss.xml">x</a>', []),
        ('<a href="/feedback">x</a><a href="/rss/about.html">x</a><a href="/pressure">x</a>', []),
        ('<a href="/rss">x</a>' + link("/f"), ["https://site.example/f", "https://site.example/rss"]),
        ("", []),
        ("no markup", []),
    ],
)
def test_feeds_on(html: str, urls: list[str]) -> None:
    """Declared feeds come first, then likely links of the site, comments last; each once, and http(s) only."""
    assert [url for _, url in found(html)] == urls


def test_a_page_of_links_names_few() -> None:
    """However many there are, no more than 50 are offered."""
    assert len(found("".join(link(f"/{n}") for n in range(500)))) == 50


@given(st.binary() | st.text(alphabet="<>/ab\"'= linkhref").map(str.encode))
def test_feeds_on_anything(html: bytes) -> None:
    """Any bytes name feeds or none."""
    assert all(one.url.startswith("http") for one in feeds_on(html, URL))


def test_guesses() -> None:
    """The usual places, first below the address and then at the site's root, the news sitemap among them."""
    places = guesses("https://site.example/blog/")
    root = guesses("https://site.example")

    assert places[0] == "https://site.example/blog/feed"
    assert root[:2] == ["https://site.example/feed", "https://site.example/rss"]
    assert set(root) < set(places)
    assert "https://site.example/news-sitemap.xml" in root
    assert len(places) == len(set(places))


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "site.example", "javascript:x", "http://"])
def test_no_guesses(url: str) -> None:
    """What is no http(s) URL has no usual places."""
    assert guesses(url) == []


def test_sitemaps_in() -> None:
    """Every sitemap that robots.txt names, those of news first, relative ones made absolute."""
    robots = (
        "User-agent: *\nDisallow: /x\n  SITEMAP : /pages.xml\r\nSitemap: https://site.example/news.xml # new\n"
        "#Sitemap: https://site.example/off.xml\nSitemap: file:///etc/passwd\nSitemap: /pages.xml\n"
    )

    assert sitemaps_in(robots, "https://site.example/robots.txt") == [
        "https://site.example/news.xml",
        "https://site.example/pages.xml",
    ]
