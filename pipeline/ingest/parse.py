"""Bytes of a feed to entries: RSS 0.9x to 2.0, Atom, JSON Feed and news sitemaps, gzip or not. Pure.

    bytes ▸ document (unpacked, UTF-8, bearable) ▸ readers | jsonfeed | sitemap ▸ entries

Text is plain, links are http(s), dates are UTC. It reads no file and no address, whatever the document says.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.domain import ParsedFeed
from pipeline.errors import FeedError
from pipeline.ingest import jsonfeed, readers, sitemap
from pipeline.ingest.document import Document, open_document
from pipeline.ingest.entries import Entries, line

_HEAD = 65_536
_OTHERS = {
    "html": "the document is a web page, not a feed; look for the feed's own address on it",
    "opml": "the document is a list of feeds (OPML), not a feed; `dealwire feeds import` reads it",
}


def parse(body: bytes, url: str) -> ParsedFeed:
    """Read a feed document that came from `url`: at most its first 2,000 items.

    Raises FeedError with what the bytes are instead, or why they are not read.
    """
    document = open_document(body)
    source = _read(document, url)
    feed = source.get("feed") or {}
    entries = Entries(feed, url)
    return ParsedFeed(
        title=line(str(feed.get("title") or "")),
        entries=tuple(entries.entry(raw) for raw in source.get("entries") or ()),
        ttl=_ttl(feed.get("ttl") or _of_channel(document, "ttl")),
        language=str(feed.get("language") or _of_channel(document, "language"))[:20],
    )


def _read(document: Document, url: str) -> Any:
    if document.is_json:
        return jsonfeed.read(document.body)
    if document.root in ("urlset", "sitemapindex"):
        return sitemap.read(document)
    if document.root in _OTHERS:
        raise FeedError(_OTHERS[document.root])
    source = readers.read(document, url)
    if source is None:
        page = document.body[:1024].lower()
        is_page = page.startswith(b"<!doctype html") or b"<html" in page
        raise FeedError(_OTHERS["html"] if is_page else "the document is not a feed in any known format")
    return source


def _of_channel(document: Document, name: str) -> str:
    """What an RSS channel says of itself before its first item; fastfeedparser leaves it out."""
    head = re.split(rb"<item[\s>]", document.body[:_HEAD], maxsplit=1)[0]
    found = re.search(rb"<(?:dc:)?%b>([^<]{1,40})</" % name.encode(), head)
    return found[1].decode("ascii", "ignore").strip() if found else ""


def _ttl(value: Any) -> float | None:
    """RSS's ttl is in minutes (RSS 2.0, `<ttl>` sub-element of `<channel>`)."""
    text = str(value or "").strip()
    return float(text[:6]) * 60 if text.isascii() and text.isdigit() else None
