"""A document to what a library makes of it. Pure.

fastfeedparser reads a plain feed some forty times as fast as feedparser, and misreads some that are not plain: it drops
bare ampersands, own entities and markup in titles, leaves out the source of an item, and makes dates of what is none,
with the help of the clock. What is not plain goes to feedparser first, unless that would take it more than seconds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import fastfeedparser
import feedparser

from pipeline.ingest.document import Document

_ROOTS = ("rss", "feed", "rdf")
_MOST_MARKS = 200_000
_LONGEST_ILL_FORMED, _MOST_MARKS_ILL_FORMED = 2 * 2**20, 50_000
_TITLE_OF_MARKUP = re.compile(
    rb"<(?:\w{1,20}:)?title\b(?:[^>]{0,200}(?:base64|octet-stream)|[^>]{0,200}>[^<]{0,2000}<[A-Za-z])"
)
_BY_FEEDPARSER_ONLY = re.compile(
    rb"<(?:\w{1,20}:)?(?:filing-type>|source(?:\s[^<>]{0,200}\burl=|>\s*<(?:\w{1,20}:)?(?:id|title|link|updated)[\s>/]))"
)
_ITEM = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>/]")
_DATE = re.compile(
    rb"<(?:\w{1,20}:)?(?:pubDate|published|updated|date|modified|issued|created)\b[^<>]{0,100}>"
    rb"\s*(?:<!\[CDATA\[)?\s*([^<\]]{0,80})"
)
_PLAIN_DATE = re.compile(
    rb"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.{0,30})?\s*"
    rb"|(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}\s+\d{1,2}:\d\d.{0,30}",
    re.DOTALL,
)


def read(document: Document, url: str) -> Any:
    """Mappings `feed` and `entries` with the field names of feedparser; None where it is no feed."""
    if not _is_plain(document):
        found = _thorough(document, url) or _fast(document)
        return found if found and found.get("entries") else _fast(document) or found
    found = _fast(document)
    if found is None or _needs_a_second_look(document, found["entries"]):
        return _thorough(document, url) or found
    return found


def _is_plain(document: Document) -> bool:
    """Whether nothing is in it that fastfeedparser is known to misread."""
    body = document.body
    if not document.well_formed or document.has_entities or document.root not in _ROOTS:
        return False
    if _TITLE_OF_MARKUP.search(body) or _BY_FEEDPARSER_ONLY.search(body):
        return False
    first = _ITEM.search(body)
    dates = [date.strip() for date in _DATE.findall(body, first.start() if first else 0)]
    has_all = len(dates) >= sum(1 for _ in _ITEM.finditer(body))  # where an item has none, its GUID is taken for one
    return has_all and all(_PLAIN_DATE.fullmatch(date) for date in dates)


def _needs_a_second_look(document: Document, entries: Iterable[Any]) -> bool:
    """Whether links are missing throughout or hang on an xml:base, which fastfeedparser does not heed."""
    links = [str(entry.get("link") or "") for entry in entries]
    return not any(links) or (b"xml:base" in document.body and not all("://" in link for link in links))


def _fast(document: Document) -> Any:
    """What fastfeedparser makes of it; None where it refuses or sees no entry."""
    try:
        found = fastfeedparser.parse(document.body, include_media=False, include_tags=False, include_enclosures=False)
    except Exception:  # noqa: BLE001  whatever it cannot read goes to the more lenient parser
        return None
    if document.root == "feed":
        for entry in found["entries"]:
            entry["link"] = _alternate(entry.get("links") or ())
    return found if found.get("entries") else None


def _alternate(links: Iterable[Any]) -> str:
    """The page that an Atom entry is about, rather than a file or a licence (RFC 4287, section 4.2.7.2)."""
    alternates = [link for link in links if link.get("rel") in (None, "", "alternate") and link.get("href")]
    return next((link["href"] for link in alternates if "html" in (link.get("type") or "html")), "")


def _thorough(document: Document, url: str) -> Any:
    """What feedparser makes of it; None where that is no feed, or would take it too long to find out."""
    if not _is_bearable(document):
        return None
    base = {"content-location": url} if b"xml:base" in document.body else {}  # of which a relative one counts
    try:
        found = feedparser.parse(
            io.BytesIO(document.body), response_headers=base, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001  it has no error of its own for what it cannot read
        return None
    return found if found.get("version") or found.get("entries") else None


def _is_bearable(document: Document) -> bool:
    """Ill-formed XML is read by its lenient parser, which copies what is left of the document at every mark."""
    body = document.body
    if document.well_formed:
        return body.count(b"<") + body.count(b"=") <= _MOST_MARKS
    return len(body) <= _LONGEST_ILL_FORMED and body.count(b"<") + body.count(b"&") <= _MOST_MARKS_ILL_FORMED
