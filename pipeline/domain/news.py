"""What feeds and pages give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of a URL without `www.`; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@dataclass(frozen=True)
class Entry:
    """One item of a feed, as parsed.

    `guid` and `url` are empty where the feed gives none; `url` is absolute http(s), cleaned of tracking.
    `text` is the item's own content as plain text, paragraphs apart by a line end.
    `published` falls back to `updated`, which is the last change that the entry states, None where it states none.
    `origin` is the host, without `www.`, of the outlet that published it, where the feed passes on others' pieces; else
    empty. `opaque`: `url` leads to no article but to a page that only a browser gets past, so it is not to be fetched.
    """

    guid: str
    url: str
    title: str
    text: str
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    origin: str = ""
    opaque: bool = False


@dataclass(frozen=True)
class ParsedFeed:
    """A feed document as parsed. `ttl` in seconds where the feed states one."""

    title: str
    entries: tuple[Entry, ...]
    ttl: float | None = None
    language: str = ""


@dataclass(frozen=True)
class Page:
    """A response of the HTTP client.

    `url` is where the last redirect led; `moved` where a permanent redirect says the address changed for good.
    Header names are lower case. `body` is decoded from its transfer encoding.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved: str = ""
