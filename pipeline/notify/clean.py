"""Text from outside as it may be shown: nothing in it steers, hides, spoofs or runs on without end. Pure.

Each character that may not stand is replaced by a space, one by one, so that places in the text stay what they are.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

_LONGEST_LINE = 500
_LONGEST_QUOTE = 5_000
_LONGEST_URL = 2_000
_MOST_MARKS = 3
_UNFIT = re.compile(
    "["
    "\0-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line end
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the reading direction (Unicode's UAX 9)
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"  # unseen
    "\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"  # no characters, or marks of other programs
    "\U000e0000-\U000e0fff"  # tags and further variations: whole texts fit in unseen
    "]"
)
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]{4,}")


def clean(text: str) -> str:
    """The text without controls, turns of direction, unseen characters and piles of accents; as long as before."""
    return _MARKS.sub(lambda pile: pile[0][:_MOST_MARKS].ljust(len(pile[0])), _UNFIT.sub(" ", text))


def one_line(text: str, most: int = _LONGEST_LINE) -> str:
    """The text clean, on one line, of at most so many characters."""
    return cut(" ".join(clean(text).split()), most)


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def web_link(url: str) -> str:
    """The URL where it is one of the web that leads where it seems to; else nothing."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises for a port that is no number)
    except ValueError:
        return ""
    plain = clean(url) == url and not re.search(r"[\s\"'<>\\]", url) and "@" not in parts.netloc
    fits = len(url) <= _LONGEST_URL and parts.scheme in ("http", "https") and parts.hostname
    return url if plain and fits else ""


def ascii_host(host: str) -> str:
    """The host in ASCII, as DNS has it (RFC 5891): in other letters it may look like someone else's."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ascii(host)


def cleaned(value: Any, name: str = "") -> Any:
    """Plain data with every text in it clean: a `quote` keeps its lines, a `url` is a web link or empty."""
    match value:
        case dict():
            return {key: cleaned(item, key) for key, item in value.items()}
        case list():
            return [cleaned(item, name) for item in value]
        case str() if name == "quote":
            return cut(clean(value), _LONGEST_QUOTE)
        case str():
            return web_link(value) if name == "url" else one_line(value)
        case _:
            return value
