"""A folder that messages are written into."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DeliveryError
from pipeline.notify.folder import make_ready


def test_it_is_made(tmp_path: Path) -> None:
    """With all above it; one that is there is left as it is."""
    for _ in range(2):
        make_ready(tmp_path / "deep" / "outbox")

    assert list((tmp_path / "deep" / "outbox").iterdir()) == []


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    """With the place, and it may be tried again."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryError, match=str(tmp_path / "file")) as failure:
        make_ready(tmp_path / "file")

    assert not failure.value.permanent
