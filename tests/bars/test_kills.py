"""A daemon that is killed at random moments."""

from __future__ import annotations

from pathlib import Path

from tests.bars.kills import run


def test_nothing_is_lost_over_forty_kills(tmp_path: Path) -> None:
    """Every change is one row for each channel and arrives; the database stays whole.

    A message arrives again only if it was under way at a kill, under the same id, and in no other message; nothing is
    left running.
    """
    verdict = run(tmp_path, 40, seed=7)

    assert verdict.holds, verdict
    assert (verdict.kills, verdict.stories > 40) == (40, True)
