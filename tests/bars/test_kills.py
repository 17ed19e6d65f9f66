"""A daemon that is killed at random moments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bars.kills import run

KILLS = 3
"""Of each daemon."""


def test_nothing_is_lost_over_kills(tmp_path: Path) -> None:
    """Every change is one row for each channel and arrives; the database stays whole.

    A message arrives again only if it was under way at a kill, under the same id, and in no other message; nothing is
    left running. Two daemons, each with its own of everything, side by side; `scripts/trial kills` kills longer.
    """
    with ThreadPoolExecutor(2) as threads:
        verdicts = list(threads.map(lambda seed: run(tmp_path / str(seed), KILLS, seed), range(7, 9)))

    assert all(verdict.holds for verdict in verdicts), verdicts
    assert sum(verdict.kills for verdict in verdicts) == 2 * KILLS
    assert all(verdict.stories > 14 for verdict in verdicts)
