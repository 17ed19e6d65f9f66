"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) to the field names of feedparser. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.errors import FeedError
from pipeline.ingest.document import MOST_ITEMS


def read(body: bytes) -> dict[str, Any]:
    """Mappings `feed` and `entries`; what is not of its type counts as not there. Raises FeedError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"the document is not a feed in any known format; as JSON, it is broken ({error})") from error
    items = document.get("items") if isinstance(document, Mapping) else None
    if not isinstance(items, list) or not (_text(document, "version") or any(map(_is_item, items))):
        raise FeedError("the document is JSON, but not a feed in any known format")
    if items and not any(isinstance(item, Mapping) for item in items):
        raise FeedError("the document is not a feed in any known format: no item of it is an object")
    feed = {"title": _text(document, "title"), "link": _text(document, "home_page_url")}
    return {
        "feed": {**feed, "language": _text(document, "language")},
        "entries": [_entry(item) for item in items[:MOST_ITEMS] if isinstance(item, Mapping)],
    }


def _is_item(value: object) -> bool:
    return isinstance(value, Mapping) and any(_text(value, name) for name in ("id", "url", "title", "content_text"))


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    bodies = [_text(item, "content_html"), _escaped(_text(item, "content_text"))]
    return {
        "id": _text(item, "id"),
        "title": _text(item, "title"),
        "link": _text(item, "url") or _text(item, "external_url"),
        "content": [{"value": value} for value in bodies if value],
        "summary": _text(item, "summary"),
        "published": _text(item, "date_published"),
        "updated": _text(item, "date_modified"),
        "author": _author(item),
    }


def _author(item: Mapping[str, Any]) -> str:
    """The first author's name; version 1.0 knows only one."""
    authors = item.get("authors")
    named = [*(authors if isinstance(authors, list) else ()), item.get("author")]
    return next((name for author in named if isinstance(author, Mapping) and (name := _text(author, "name"))), "")


def _text(mapping: Mapping[str, Any], name: str) -> str:
    """The text or whole number of that name."""
    value = mapping.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else ""


def _escaped(text: str) -> str:
    """Plain text as it would stand in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;") if "<" in text or "&" in text else text
