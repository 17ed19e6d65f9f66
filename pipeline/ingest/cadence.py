"""When to poll a feed next. Pure: what the feed said and how it fared in, a delay in seconds out."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LONGEST_STATED = 86_400.0
_LONGEST_BACKOFF = 86_400.0


def after_success(every: float, headers: Mapping[str, str], ttl: float | None, jitter: float) -> float:
    """Seconds until the next poll: `every`, or longer where the feed asks for it (at most a day).

    `jitter` in [0, 1) spreads feeds polled together by up to a tenth.
    """
    stated = max(_max_age(headers), ttl or 0.0)
    return max(every, min(stated, _LONGEST_STATED)) * (1 + jitter / 10)


def after_failure(every: float, failures: int, retry_after: float | None, jitter: float) -> float:
    """Seconds until the next try after `failures` in a row: linear back-off, at least what the server asked for."""
    delay = min(every * max(1, failures), max(every, _LONGEST_BACKOFF)) * (1 + jitter / 10)
    return max(delay, min(retry_after or 0.0, _LONGEST_STATED))


def _max_age(headers: Mapping[str, str]) -> float:
    control = headers.get("cache-control", "")
    found = re.search(r"(?:^|[,\s])max-age=\"?(\d{1,9})", control, re.IGNORECASE)
    return float(found[1]) if found and "no-cache" not in control.lower() else 0.0
