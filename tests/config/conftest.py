"""A folder with a small valid configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.cases import VALID


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four valid files, written as a person would."""
    place = tmp_path / "config"
    place.mkdir()
    for name, content in VALID.items():
        (place / name).write_text(content, encoding="utf-8")
    return place
