"""Bytes of a feed to entries. RSS 0.9x to 2.0, Atom and JSON Feed; text is plain, links are http(s)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import fastfeedparser
import feedparser
import lxml.html
from lxml import etree

from pipeline.domain import Entry, ParsedFeed
from pipeline.errors import FeedError

_LONGEST_TEXT = 200_000
_LONGEST_HEAD = 65_536
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "textarea",
        "button",
    ]
)
# What no database takes in a text, what would steer a terminal, and what nobody sees but a matcher trips over.
_UNSTORABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok", re.IGNORECASE
)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")


def parse(body: bytes, url: str) -> ParsedFeed:
    """Read a feed document that came from `url`. Raises FeedError with what the bytes are instead."""
    start = body.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1024]
    if not start:
        raise FeedError("the document is empty")
    if start[:1] not in b"<{[":
        raise FeedError("the document is neither XML nor JSON")
    source = _fast(body) or _thorough(body)
    if source is None:
        lowered = start.lower()
        if lowered.startswith(b"<!doctype html") or b"<html" in lowered:
            raise FeedError("the document is a web page, not a feed; look for the feed's own address on it")
        raise FeedError("the document is not a feed in any known format")
    feed, entries = source.get("feed", {}), source.get("entries", [])
    base = _absolute(str(feed.get("link") or ""), url) or url
    return ParsedFeed(
        title=plain_text(str(feed.get("title") or "")),
        entries=tuple(_entry(entry, base) for entry in entries),
        ttl=_ttl(feed.get("ttl") or _of_channel(body, "ttl")),
        language=str(feed.get("language") or _of_channel(body, "language"))[:20],
    )


def _fast(body: bytes) -> Any:
    """What fastfeedparser makes of it; None where it refuses or sees no entry."""
    try:
        found = fastfeedparser.parse(body)
    except Exception:  # noqa: BLE001  whatever it cannot read goes to the more lenient parser
        return None
    return found if found.get("entries") else None


def _thorough(body: bytes) -> Any:
    """What feedparser makes of it; None where that is no feed."""
    try:
        found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        raise FeedError(f"the document cannot be parsed ({type(error).__name__})") from error
    return found if found.get("version") or found.get("entries") else None


def _of_channel(body: bytes, name: str) -> str:
    """What an RSS channel says of itself before its first item; fastfeedparser leaves it out."""
    head = re.split(rb"<item[\s>]", body[:_LONGEST_HEAD], maxsplit=1)[0]
    found = re.search(rb"<(?:dc:)?%b>([^<]{1,40})</" % name.encode(), head)
    return found[1].decode("ascii", "ignore").strip() if found else ""


def _entry(raw: Any, base: str) -> Entry:
    content = raw.get("content") or []
    texts = [str(part.get("value") or "") for part in content if isinstance(part, dict)]
    texts += [str(raw.get("summary") or ""), str(raw.get("description") or "")]
    text = max((plain_text(value) for value in dict.fromkeys(texts)), key=len)
    title = plain_text(str(raw.get("title") or "")).replace("\n", " ")
    guid = _UNSTORABLE.sub("", str(raw.get("id") or raw.get("guid") or "")).strip()
    link = str(raw.get("link") or "") or next(iter(_links(raw)), "")
    return Entry(
        guid=guid[:2000],
        url=canonical(_absolute(link, base) or (_absolute(guid, guid) if "://" in guid else "")),
        title=title[:1000],
        text=text[:_LONGEST_TEXT],
        author=plain_text(str(raw.get("author") or ""))[:200],
        published=_published(raw),
    )


def _links(raw: Any) -> Iterable[str]:
    return (str(link.get("href")) for link in raw.get("links") or () if isinstance(link, dict) and link.get("href"))


def _absolute(link: str, base: str) -> str:
    """The link as an absolute http(s) URL, or an empty string."""
    try:
        url = urljoin(base, _UNSTORABLE.sub("", link).strip())
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if link.strip() and parts.scheme in ("http", "https") and parts.hostname else ""


def canonical(url: str) -> str:
    """The URL without tracking parameters and fragment, host in lower case; all else as it is.

    What looks idle may name the article: a parameter without a value stays, and so does a fragment that starts with !.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    except ValueError:
        return url
    kept = [part for part in parts.query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0])]
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit((parts.scheme, host, parts.path, "&".join(kept), fragment))


def _published(raw: Any) -> datetime | None:
    """When the entry says it was published; None for what can be no news' date, such as the year 1 of empty fields."""
    found = _stated_time(raw)
    return found if found and 1990 <= found.year <= 2100 else None


def _stated_time(raw: Any) -> datetime | None:
    for name in ("published", "updated"):
        parsed = raw.get(f"{name}_parsed")
        if parsed:
            try:
                year, month, day, hour, minute, second = parsed[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except (ValueError, TypeError):
                continue
        value = raw.get(name)
        if isinstance(value, str):
            try:
                found = datetime.fromisoformat(value)
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
    return None


def _ttl(value: Any) -> float | None:
    """RSS's ttl is in minutes (RSS 2.0, `<ttl>` sub-element of `<channel>`)."""
    text = str(value or "").strip()
    return float(text[:6]) * 60 if text.isascii() and text.isdigit() else None


def plain_text(markup: str) -> str:
    """HTML, or text that is none, as paragraphs apart by a line end. Scripts and the like are left out."""
    markup = _UNSTORABLE.sub("", markup)
    if not _MARKUP.search(markup):
        return _squeeze(markup)
    try:
        root = lxml.html.fragment_fromstring(markup[:2_000_000], create_parent="div")
    except (etree.LxmlError, ValueError):
        return _squeeze(re.sub(r"<[^>]*>", " ", markup))
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        is_block = event in ("start", "end") and element.tag in _BLOCKS
        pieces.append("\n" if is_block else "")
        if event != "start":
            pieces.append(element.tail or "")
        elif element.tag in _SILENT:
            walk.skip_subtree()
        else:
            pieces.append(element.text or "")
    return _squeeze("".join(pieces))


def _squeeze(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
