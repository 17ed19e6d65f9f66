"""What came of the tests."""

from __future__ import annotations

import pytest

from tests.bench.suite import outcome


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("....\n12 passed, 1 skipped in 3.21s\n", "12 passed, 1 skipped"),
        ("== 1 failed, 2 passed in 61.00s (0:01:01) ==", "1 failed, 2 passed"),
        ("4 passed in 3.21s\nThe same:\n..\n2 passed in 1.10s\n", "4 passed; on PostgreSQL: 2 passed"),
        ("", "it printed nothing"),
    ],
)
def test_outcome(printed: str, said: str) -> None:
    """The last line of each run says how many passed, failed and were skipped."""
    assert outcome(printed) == said
