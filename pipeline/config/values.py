"""The kinds of values that stand in the configuration files, and how each is written."""

from __future__ import annotations

import re
from datetime import time, timedelta
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo


class Strict(BaseModel):
    """A section of the configuration: frozen, and no keys but the declared ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a duration such as 30s, 15m, 6h or 2d")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not 0 < seconds <= 365 * 86400:
        raise ValueError("must be a duration between 1s and 365d")
    return timedelta(seconds=seconds)


def _span(value: Any) -> Any:
    if isinstance(value, timedelta) or (isinstance(value, str) and not value.strip().startswith("0")):
        return _duration(value)
    if value in (0, "0") and not isinstance(value, bool):
        return timedelta(0)
    raise ValueError("must be 0 (off) or a duration such as 12h or 3d")


def _size(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = re.fullmatch(r"\s*(\d+)\s*(B|KiB|MiB|GiB)\s*", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be a size such as 500KiB or 10MiB")
    return int(found[1]) * _SIZES[found[2]]


def _clock_time(value: Any) -> Any:
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a time of day such as "07:00"')
    return time(int(found[1]), int(found[2]))


def _zone(value: str) -> str:
    if value != "local":
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be 'local' or a time zone name such as Europe/London") from None
    return value


def _web_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (raises for a port that is no number)
    except ValueError:
        raise ValueError("must be a web address such as https://example.org/feed.xml") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("must be a web address such as https://example.org/feed.xml")
    return value


def _network(value: Any) -> Any:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise ValueError("must be an address or network such as 127.0.0.1 or 10.0.0.0/8") from None


def _address(value: Any) -> Any:
    """Where a server of our own listens, as (host, port): this machine only."""
    found = re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})", value) if isinstance(value, str) else None
    if not found or not 0 < int(found[2]) < 65536:
        raise ValueError("must be an address of this machine with a port such as 127.0.0.1:9464")
    return found[1].strip("[]"), int(found[2])


def _hours(value: Any) -> Any:
    """A stretch of the day, as (start, end); it may pass midnight."""
    parts = value.split("-") if isinstance(value, str) else []
    try:
        start, end = (_clock_time(part.strip()) for part in parts)
    except ValueError:
        start = end = None
    if start == end:
        raise ValueError('must be a stretch of the day such as "22:00-07:00"')
    return start, end


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^@\r\n]*<[^@<>\s]+@[^@<>\s]+>|[^@<>\s]+@[^@<>\s]+", value) or "@" not in parseaddr(value)[1]:
        raise ValueError("must be an e-mail address such as desk@example.org")
    return value


def _contact(value: str) -> str:
    if is_web_url(value):
        return value
    try:
        return _mailbox(value)
    except ValueError:
        raise ValueError("must be a web address, or an e-mail address such as desk@example.org") from None


def _within(value: Any) -> Any:
    if value in ("sentence", "paragraph", "article"):
        return value
    found = re.fullmatch(r"(\d+)\s+words", value) if isinstance(value, str) else None
    if not found or not 2 <= int(found[1]) <= 1000:
        raise ValueError("must be sentence, paragraph, article, or a number of words such as 25 words")
    return value


def _term(value: str, info: ValidationInfo) -> str:
    if info.context and (check := info.context.get("check_term")):
        check(value)
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Span = Annotated[timedelta, BeforeValidator(_span)]
"""A duration, or 0."""
Size = Annotated[int, BeforeValidator(_size), Field(gt=0)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
"""A stretch of the day in local time, from the first (inclusive) to the second; it may pass midnight."""
Address = Annotated[tuple[str, int], BeforeValidator(_address)]
"""A host of this machine and a port."""
Zone = Annotated[str, AfterValidator(_zone)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Contact = Annotated[str, AfterValidator(_contact)]
"""A web address or an e-mail address."""
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Within = Annotated[str, BeforeValidator(_within)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Term = Annotated[Text, AfterValidator(_term)]
Terms = Annotated[tuple[Term, ...], Field(min_length=1)]
Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(description="lower-case letters, digits and hyphens"),
]


def is_web_url(value: str) -> bool:
    """Whether the value may stand as the URL of a feed."""
    try:
        _web_url(value)
    except ValueError:
        return False
    return True
