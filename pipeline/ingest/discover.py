"""Where a site keeps its feeds: what its page names, what its robots.txt names, and the usual places. Pure.

Nothing is fetched here, and what is found may still be no feed: `parse` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from pipeline.domain import host_of
from pipeline.ingest.links import absolute
from pipeline.ingest.plain import plain_text

_LONGEST_PAGE = 2_000_000
_MOST_LINKS = 20_000
_MOST_FOUND = 50
_LONGEST_TITLE = 200


class Kind(StrEnum):
    """What a found address seems to be of."""

    RSS = "RSS"
    ATOM = "Atom"
    JSON = "JSON Feed"
    SITEMAP = "sitemap"
    UNKNOWN = ""


@dataclass(frozen=True)
class Found:
    """A feed's likely address, absolute http(s); `title` is what the page calls it, and may be empty."""

    title: str
    url: str
    kind: Kind = Kind.UNKNOWN


_TYPES = {
    "application/rss+xml": Kind.RSS,
    "application/rdf+xml": Kind.RSS,
    "application/atom+xml": Kind.ATOM,
    "application/feed+json": Kind.JSON,
    "application/json": Kind.JSON,
    "application/xml": Kind.UNKNOWN,
    "text/xml": Kind.UNKNOWN,
}
_COMMENTS = re.compile(r"\bcomments?\b|\breplies\b", re.IGNORECASE)
_LIKE_A_FEED = re.compile(
    r"\.(?:rss|atom|rdf)$|/(?:feed|feeds|rss|atom)(?:/[\w.-]*)?/?$"
    r"|/(?:index|feed|feeds|rss|rss2|atom|latest|all|news|main)\.(?:xml|json|rdf)$"
    r"|[?&](?:feed|format|type|output|alt)=(?:rss2?|atom|rdf)\b|^https?://feeds?\.",
    re.IGNORECASE,
)
_NO_SUBSCRIPTION = re.compile(r"\.(?:html?|php|aspx?|png|jpe?g|gif|svg|pdf|css|js)$", re.IGNORECASE)
_USUAL = (
    "feed",
    "rss",
    "feed.xml",
    "rss.xml",
    "atom.xml",
    "index.xml",
    "feed.json",
    "atom",
    "feeds",
    "index.rss",
    "rss2.xml",
    "feed/atom",
    "blog/feed",
    "news/feed",
    "news/rss",
)
_USUAL_SITEMAPS = (
    "news-sitemap.xml",
    "sitemap-news.xml",
    "sitemap_news.xml",
    "googlenews.xml",
    "news_sitemap.xml",
    "sitemaps/news.xml",
    "sitemap.xml",
    "sitemap_index.xml",
)


def feeds_on(html: bytes, url: str) -> list[Found]:
    """The feeds that a page names, best first, each once: those it declares, then links that look like one.

    Of both, those of comments come last. At most 50.
    """
    root = _parsed(html)
    if root is None:
        return []
    base = next((absolute(href, url) for tag in root.iter("base") if (href := tag.get("href"))), "") or url
    return _best([*_declared(root, base), *_linked(root, base)], url)


def guesses(url: str) -> list[str]:
    """The usual places of feeds at a site, and of the news sitemap, likeliest first: below `url` and at its root."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return []
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    folder = parts.path.rstrip("/") if "." not in parts.path.rpartition("/")[2] else parts.path.rpartition("/")[0]
    below = urlunsplit((parts.scheme, parts.netloc, f"{folder}/", "", ""))
    places = [f"{below}{name}" for name in _USUAL[:7]] if below != root else []
    return list(dict.fromkeys([*places, *(f"{root}{name}" for name in (*_USUAL, *_USUAL_SITEMAPS))]))


def sitemaps_in(robots: str, url: str) -> list[str]:
    """The sitemaps that a robots.txt from `url` names, those of news first (https://www.sitemaps.org/protocol.html)."""
    named = re.findall(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", robots[:_LONGEST_PAGE], re.IGNORECASE | re.MULTILINE)
    places = dict.fromkeys(place for name in named if (place := absolute(name, url)))
    return sorted(places, key=lambda place: "news" not in urlsplit(place).path.lower())[:_MOST_FOUND]


def _parsed(html: bytes) -> Any:
    try:
        return etree.fromstring(html[:_LONGEST_PAGE], etree.HTMLParser(remove_comments=True, remove_pis=True))
    except (etree.LxmlError, ValueError):
        return None


def _declared(root: Any, base: str) -> Iterable[Found]:
    """`<link rel="alternate">` of a feed's type, in the page's order (https://html.spec.whatwg.org, "alternate")."""
    for tag in root.iter("link"):
        kind = _TYPES.get((tag.get("type") or "").partition(";")[0].strip().lower())
        rels = (tag.get("rel") or "").lower().split()
        place = absolute(tag.get("href") or "", base)
        is_feed = "alternate" in rels and kind is not None and not (tag.get("hreflang") and kind is Kind.UNKNOWN)
        if (
            place
            and kind is not None
            and (is_feed or "feed" in rels)
            and "wp-json" not in place
            and "oembed" not in place
        ):
            yield Found(_title(tag.get("title") or ""), place, kind)


def _linked(root: Any, base: str) -> Iterable[Found]:
    """`<a>` whose address looks like a feed's, on the page's own site or a host for feeds."""
    for number, tag in enumerate(root.iter("a")):
        if number == _MOST_LINKS:
            return
        href = (tag.get("href") or "").removeprefix("feed:")
        place = absolute(href, base)
        kind = _TYPES.get((tag.get("type") or "").lower())
        if not place or not (kind or _LIKE_A_FEED.search(place)):
            continue
        is_near = _site(place) == _site(base) or host_of(place).startswith(("feeds.", "feed.", "rss."))
        if is_near and not _NO_SUBSCRIPTION.search(urlsplit(place).path):
            yield Found(_title("".join(tag.itertext())), place, kind or Kind.UNKNOWN)


def _best(found: Iterable[Found], url: str) -> list[Found]:
    """Each address once, comments last, and no page as its own feed; else in the order given."""
    by_url: dict[str, Found] = {}
    for one in found:
        by_url.setdefault(one.url.partition("#")[0], one)
    by_url.pop(url, None)
    return sorted(by_url.values(), key=lambda one: bool(_COMMENTS.search(f"{one.title} {one.url}")))[:_MOST_FOUND]


def _site(url: str) -> str:
    """The last two labels of the host, which is near enough to tell a site's own links."""
    return ".".join(host_of(url).split(".")[-2:])


def _title(text: str) -> str:
    return plain_text(text[: 10 * _LONGEST_TITLE]).replace("\n", " ")[:_LONGEST_TITLE]
