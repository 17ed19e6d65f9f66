"""Google News as a feed: the address of a search, and what its entries hide. Pure.

Its links lead to a page that only a browser gets past. Older ones carry the article's address in their last part:
Base64 of a protocol buffer (https://protobuf.dev/programming-guides/encoding/) with the URL among its fields.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from pipeline.ingest.links import absolute

_HOST = "news.google.com"
_EDITIONS = {"pt-BR": "pt-419", "es-419": "es-419", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant"}
_LONGEST_ID = 4096


def search_url(words: str, language: str = "en-US", days: int | None = None) -> str:
    """The feed of a search for these words, of the last `days` where given.

    `words` in Google's syntax: quotes for phrases, OR, - and site:. `language` is a tag with its country ("de-DE").
    """
    spoken, _, country = language.partition("-")
    country = country or spoken.upper()
    query = f"{words} when:{days}d" if days else words
    edition = f"{country}:{_EDITIONS.get(language, spoken)}"
    return f"https://{_HOST}/rss/search?" + urlencode({"q": query, "hl": language, "gl": country, "ceid": edition})


def is_opaque(url: str) -> bool:
    """Whether the URL is one of Google News that stands for an article's own."""
    parts = urlsplit(url)
    return parts.hostname == _HOST and {"articles", "read"} & set(parts.path.split("/")[1:-1]) != set()


def resolved(url: str) -> str:
    """The article's own URL where the opaque link holds it; else an empty string."""
    name = urlsplit(url).path.rpartition("/")[2][:_LONGEST_ID]
    try:
        message = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
    except (binascii.Error, ValueError):
        return ""
    for field in _texts(message):
        target = field.decode("utf-8", "replace")
        if target.startswith(("http://", "https://")) and not is_opaque(found := absolute(target, target)):
            return found
    return ""


def without_outlet(title: str, outlet: str) -> str:
    """The title without the " - Outlet" that aggregators add."""
    for dash in (" - ", " – ", " | "):
        short = title.removesuffix(f"{dash}{outlet}")
        if outlet and short != title and short.strip():
            return short.rstrip()
    return title


def _texts(message: bytes) -> Iterator[bytes]:
    """The fields of bytes in a message, as far as it can be read."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        kind = key & 7
        if kind == 0:
            _, at = _number(message, at)
        elif kind == 2:
            size, at = _number(message, at)
            yield message[at : at + size]
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            return


def _number(message: bytes, at: int) -> tuple[int, int]:
    """A variable-length number and where it ends."""
    number = shift = 0
    while at < len(message):
        byte = message[at]
        number |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            break
    return number, at
