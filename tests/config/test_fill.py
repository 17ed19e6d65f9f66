"""What the environment and files of their own give."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.fill import fill


def filled(text: str, folder: Path) -> tuple[str, bool, list[str]]:
    """The text, whether any of it came from outside, and what was told."""
    told: list[str] = []
    found, outside = fill(text, folder, lambda message, remedy: told.append(f"{message}. {remedy}"))
    return found, outside, told


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        ("two\nlines\n\n", "two\nlines\n"),
        (" ü ", " ü "),
    ],
)
def test_a_file_gives_its_content(tmp_path: Path, content: str, value: str) -> None:
    """Without its final line end, and nothing else is taken off."""
    (tmp_path / "secret").write_bytes(content.encode())

    assert filled("${file:secret}", tmp_path) == (value, True, [])
    assert filled(f"Bearer ${{file:{tmp_path}/secret}}!", Path("/nowhere")) == (f"Bearer {value}!", True, [])


def test_credentials_of_the_service_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd names their folder; what is not there is looked for beside the configuration."""
    for folder, names in (("own", "ab"), ("given", "a")):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(f"{name} of {folder}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "given"))

    assert filled("${file:a}, ${file:b}", tmp_path / "own") == ("a of given, b of own", True, [])


def test_a_default_does_not_come_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in the configuration for everyone to read."""
    monkeypatch.delenv("UNSET", raising=False)
    monkeypatch.setenv("SET", "x")

    assert filled("${UNSET:-text}", tmp_path) == ("text", False, [])
    assert filled("${SET:-text}", tmp_path) == ("x", True, [])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing", "there is no file"),
        ("folder", "cannot be read"),
        ("large", "is larger than 64 KiB"),
        ("binary", "is not UTF-8 text"),
        ("nul", "holds a NUL"),
        ("empty", "is empty"),
        ("missing/\0", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, name: str, says: str) -> None:
    """Once, with its place and the way out, and none of its content."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_text("s3cret" * 20_000)
    (tmp_path / "binary").write_bytes(b"s3cret\xff")
    (tmp_path / "nul").write_bytes(b"s3cret\0")
    (tmp_path / "empty").write_text("\n")
    value, _, told = filled(f"${{file:{name}}}", tmp_path)

    assert value == ""
    assert len(told) == 1
    assert says in told[0]
    assert "s3cret" not in told[0]
