"""When a delivery is tried again."""

from __future__ import annotations

import pytest

from pipeline.notify.retry import delay


@pytest.mark.parametrize(
    ("attempts", "retry_after", "jitter", "seconds"),
    [
        (1, None, 0.0, 5),
        (2, None, 0.0, 300),
        (3, None, 0.0, 1800),
        (4, None, 0.0, 7200),
        (5, None, 0.0, 18_000),
        (6, None, 0.0, 36_000),
        (7, None, 0.0, 50_400),
        (8, None, 0.0, 72_000),
        (9, None, 0.0, 86_400),
        (10, None, 0.0, None),
        (10, 60.0, 0.0, None),
        (1, None, 0.5, 5.25),
        (2, 10.0, 0.0, 300),
        (2, 1000.0, 0.5, 1000),
        (1, 9e9, 0.0, 86_400),
    ],
)
def test_delay(attempts: int, retry_after: float | None, jitter: float, seconds: float | None) -> None:
    """The schedule of Standard Webhooks, a tenth of jitter, and a server's wish up to a day; then it is over."""
    assert delay(attempts, retry_after, jitter) == (None if seconds is None else pytest.approx(seconds))
