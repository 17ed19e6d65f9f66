"""When to try a delivery again. Pure."""

from __future__ import annotations

_MINUTE, _HOUR = 60.0, 3600.0

# Standard Webhooks, "Deliverability and reliability": seconds after each failed try.
_SCHEDULE = (
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)


def delay(attempts: int, retry_after: float | None, jitter: float) -> float | None:
    """Seconds until the next try after `attempts` failed ones; None when it is time to give up.

    `jitter` in [0, 1) adds up to a tenth. A server's `retry_after` (seconds) may lengthen the wait, to a day at most.
    """
    if attempts > len(_SCHEDULE):
        return None
    planned = _SCHEDULE[max(attempts, 1) - 1] * (1 + jitter / 10)
    return max(planned, min(retry_after or 0.0, 24 * _HOUR))
