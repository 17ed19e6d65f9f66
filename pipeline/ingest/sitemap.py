"""Sitemaps: those of news to the field names of feedparser, and where the others lead. Pure.

Sources: https://www.sitemaps.org/protocol.html, http://www.google.com/schemas/sitemap-news/0.9.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from pipeline.errors import FeedError
from pipeline.ingest.document import Document, open_document
from pipeline.ingest.links import absolute

_NEWS = re.compile(rb"sitemap-news/0\.9|<news:news[\s>]")
_MOST_NAMED = 3


def read(document: Document) -> dict[str, Any]:
    """The mappings `feed` and `entries` of a news sitemap. Raises FeedError for any other sitemap."""
    if document.root == "sitemapindex":
        named = sitemaps_of(document.body)
        listed = ", ".join(named[:_MOST_NAMED]) + (", ..." if len(named) > _MOST_NAMED else "")
        raise FeedError(f"the document is an index of sitemaps, not a feed; add one that holds news: {listed}")
    entries = [_entry(url) for url in _parsed(document.body).iterchildren("{*}url")]
    told = [entry for entry in entries if entry["title"]]
    if not told and (entries or not _NEWS.search(document.body)):
        raise FeedError("the document is a sitemap of pages without news, not a feed; look for the site's news sitemap")
    first: dict[str, Any] = next((entry for entry in told if entry["publication"]), {})
    return {
        "feed": {"title": first.get("publication", ""), "language": first.get("language", "")},
        "entries": told,
    }


def sitemaps_of(body: bytes) -> list[str]:
    """The http(s) URLs of the sitemaps that an index names, those of news first; empty where it is no index."""
    try:
        document = open_document(body)
        root = _parsed(document.body) if document.root == "sitemapindex" else None
    except FeedError:
        return []
    places = [_text(place, "loc") for place in root.iterchildren("{*}sitemap")] if root is not None else []
    named = list(dict.fromkeys(place for place in places if place and absolute(place, place)))
    return sorted(named, key=lambda place: "news" not in urlsplit(place).path.lower())


def _parsed(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, collect_ids=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"the document is a broken sitemap ({error.msg})") from error
    if root is None:
        raise FeedError("the document is a broken sitemap")
    return root


def _entry(url: Any) -> dict[str, str]:
    link = _text(url, "loc")
    return {
        "id": link,
        "link": link,
        "title": html.escape(_text(url, "news/{*}title"), quote=False),
        "published": _text(url, "news/{*}publication_date"),
        "updated": _text(url, "lastmod"),
        "publication": _text(url, "news/{*}publication/{*}name"),
        "language": _text(url, "news/{*}publication/{*}language"),
    }


def _text(element: Any, path: str) -> str:
    found = element.find("{*}" + path)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""
