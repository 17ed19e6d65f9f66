"""What a parser found in an item, to an Entry. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.domain import Entry, host_of
from pipeline.ingest import edgar, search
from pipeline.ingest.dates import DateReader
from pipeline.ingest.links import absolute, canonical
from pipeline.ingest.plain import UNSTORABLE, plain_text

_LONGEST_TEXT = 200_000
_LONGEST_TITLE, _LONGEST_TITLE_MARKUP = 1_000, 20_000
_LONGEST_GUID, _LONGEST_AUTHOR = 2_000, 200


class Entries:
    """Makes the entries of one feed: `feed` is what a parser says of it, `url` where it came from."""

    def __init__(self, feed: Mapping[str, Any], url: str) -> None:
        self._feed = feed
        self._base = absolute(str(feed.get("link") or ""), url) or url
        self._own_hosts = {host_of(url), host_of(self._base)}
        self._dates = DateReader()

    def entry(self, raw: Any) -> Entry:
        link = _link(raw)
        guid = UNSTORABLE.sub("", str(raw.get("id") or "") or link).strip()
        url = absolute(link, self._base) or (absolute(guid, guid) if "://" in guid else "")
        is_opaque = search.is_opaque(url)
        found = search.resolved(url) if is_opaque else ""
        outlet, origin = self._source(raw)
        title = line(edgar.title_of(raw, self._feed))
        return Entry(
            guid=guid[:_LONGEST_GUID],
            url=canonical(found or url),
            title=search.without_outlet(title, outlet) if origin else title,
            text=_text(raw),
            author=line(str(raw.get("author") or ""))[:_LONGEST_AUTHOR],
            published=self._dates.first(raw, "published", "updated"),
            updated=self._dates.first(raw, "updated"),
            origin=origin,
            opaque=is_opaque and not found,
        )

    def _source(self, raw: Any) -> tuple[str, str]:
        """The name and host of the outlet that an aggregator's item is from (RSS 2.0 and RFC 4287, `<source>`)."""
        source = raw.get("source")
        if not isinstance(source, Mapping):
            return "", ""
        place = str(source.get("href") or source.get("link") or "")
        host = host_of(absolute(place, place))
        return line(str(source.get("title") or "")), "" if host in self._own_hosts else host


def _link(raw: Any) -> str:
    """The item's link. A GUID that the parser took for one must look like it."""
    link = str(raw.get("link") or "")
    is_guid = raw.get("guidislink") and link == raw.get("id")
    return "" if is_guid and "://" not in link else link


def line(markup: str) -> str:
    """Markup as one line of plain text, of at most 1,000 characters."""
    return plain_text(markup[:_LONGEST_TITLE_MARKUP]).replace("\n", " ")[:_LONGEST_TITLE]


def _text(raw: Any) -> str:
    """The longest of what the item offers as its text, after what it says in elements of its own."""
    texts = [*_contents(raw.get("content")), str(raw.get("summary") or ""), str(raw.get("description") or "")]
    longest = ""
    for markup in sorted(texts, key=len, reverse=True):
        if len(markup) <= len(longest):
            break  # markup is never shorter than its text
        longest = max(longest, plain_text(markup), key=len)
    return "\n".join(filter(None, [*edgar.text_of(raw), longest]))[:_LONGEST_TEXT]


def _contents(content: Any) -> Iterable[str]:
    return (str(part.get("value") or "") for part in content or () if isinstance(part, Mapping))
