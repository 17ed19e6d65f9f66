"""When to poll a feed next. Pure: what the feed said and how it fared in, a delay in seconds out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from pipeline.models import OFFICIAL, Feed

ORDINARY = 24.0
"""New entries a day of a feed that is polled just as often as configured."""

_FASTEST, _SLOWEST = 1 / 3, 4.0
_LONGEST_STATED = 6 * 3600.0
_LONGEST_ASKED = 86_400.0
_LONGEST_BACKOFF = 86_400.0
_REST = 30 * 86_400.0


def adapted(feed: Feed, every: float) -> float:
    """Seconds between polls of the feed by its rate, where an ordinary one has `every`.

    By the inverse square root: of all ways to spread as many requests over feeds of different rates, that is the one
    after which an entry waits least on average. From a third of `every` to four times that, but for an official source
    never more than `every`: it tells first, and seldom.
    """
    if feed.last_new is None:  # nothing is known of its rate
        return every
    slowest = 1.0 if feed.tier == OFFICIAL else _SLOWEST
    return every * min(max(math.sqrt(ORDINARY / max(feed.rate, 1e-9)), _FASTEST), slowest)


def after_success(every: float, headers: Mapping[str, str], ttl: float | None, jitter: float) -> float:
    """Seconds until the next poll: `every`, or longer where the feed asks for it (at most six hours).

    `jitter` in [0, 1) spreads feeds polled together by up to a tenth.
    """
    stated = max(_fresh_for(headers), ttl or 0.0)
    return max(every, min(stated, _LONGEST_STATED)) * (1 + jitter / 10)


def after_failure(every: float, failures: int, retry_after: float | None, jitter: float) -> float:
    """Seconds until the next try after `failures` in a row: linear back-off, at least what the server asked for."""
    delay = min(every * max(1, failures), max(every, _LONGEST_BACKOFF)) * (1 + jitter / 10)
    return max(delay, min(retry_after or 0.0, _LONGEST_ASKED))


def after_gone(jitter: float) -> float:
    """Seconds until a feed that is gone for good (410; RFC 9110, section 15.5.11) is looked at again: a month."""
    return _REST * (1 + jitter / 10)


def _fresh_for(headers: Mapping[str, str]) -> float:
    """Seconds that the answer stays fresh: `max-age`, else `Expires` (RFC 9111, sections 5.2 and 5.3)."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    found = re.search(r"(?:^|[,\s])max-age=\"?(\d{1,9})", control)
    if found:
        return float(found[1])
    try:
        until, sent = (parsedate_to_datetime(headers.get(name, "")) for name in ("expires", "date"))
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError, OverflowError):  # dates that are none, or one with a zone and one without
        return 0.0
