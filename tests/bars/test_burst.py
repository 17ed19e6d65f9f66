"""Very many feeds that are due at once."""

from __future__ import annotations

from pathlib import Path

from tests.bars.burst import run


def test_every_feed_is_polled(tmp_path: Path) -> None:
    """Each once, none is passed over, and no run of the scheduler is missed or broken off."""
    burst = run(tmp_path, 150)

    assert burst.holds, burst
    assert (burst.polled, burst.repeated) == (150, 0)
