"""YAML values, environment variables and lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.config import yaml
from pipeline.errors import UsageError


def _read(tmp_path: Path, text: str) -> yaml.Document:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return yaml.read(path)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("18:30", "18:30"),
        ("2026-01-31", "2026-01-31"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("<<", "<<"),
        (".inf", ".inf"),
        ("true", True),
        ("FALSE", False),
        ("12", 12),
        ("-7", -7),
        ("010", 10),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
    ],
)
def test_values_are_those_of_yaml_1_2(tmp_path: Path, written: str, value: Any) -> None:
    """What YAML 1.1 takes for booleans, dates and base-60 numbers stays text."""
    data = _read(tmp_path, f"key: {written}\n").data

    assert data == {"key": value}
    assert type(data["key"]) is type(value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${DESK}", "news"),
        ("to ${DESK}@${HOST:-example.org}", "to news@example.org"),
        ("${DESK:-other}", "news"),
        ("${UNSET:-}", ""),
        ("${EMPTY:-other}", ""),
        ("'${DESK}'", "news"),
        ("$DESK", "$DESK"),
        ("${1}", "${1}"),
        ("${NESTED}", "${DESK}"),
    ],
)
def test_variables_are_filled_in_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, value: str
) -> None:
    """${NAME} is the environment's text, ${NAME:-default} the default where it is unset; nothing else is touched."""
    for name, content in {"DESK": "news", "EMPTY": "", "NESTED": "${DESK}"}.items():
        monkeypatch.setenv(name, content)
    for name in ("HOST", "UNSET"):
        monkeypatch.delenv(name, raising=False)

    document = _read(tmp_path, f"key: {written}\n")

    assert document.data == {"key": value}
    assert document.problems == []


def test_a_filled_in_number_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable gives text whatever it looks like, so a password of digits is not turned into a number."""
    monkeypatch.setenv("PIN", "007")

    assert _read(tmp_path, "key: ${PIN}\n").data == {"key": "007"}


def test_keys_and_items_know_their_lines(tmp_path: Path) -> None:
    """A key has its own line, and what is not in the file that of the nearest key above it."""
    document = _read(tmp_path, "# top\na:\n  b: 1\n\n  c:\n    - x\n    - {d: 1,\n       e: 2}\n")

    assert {key: document.line(key) for key in [("a",), ("a", "b"), ("a", "c"), ("a", "c", 1)]} == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 5,
        ("a", "c", 1): 7,
    }
    assert document.line(("a", "c", 1, "e")) == 8
    assert document.line(("a", "c", 1, "f", "g")) == 7
    assert document.last_line(("a", "c")) == 8


@pytest.mark.parametrize("style", ["|", ">-", "|+"])
def test_a_block_scalar_ends_before_what_follows_it(tmp_path: Path, style: str) -> None:
    """The line of the next key is not part of a text in a block above it."""
    document = _read(tmp_path, f"a: {style}\n  one\n  two\nb: 1\n")

    assert document.last_line(("a",)) == 3


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    """Files of Windows editors read like any other."""
    assert _read(tmp_path, "\ufeffa: 1\r\nb: 2\r\n").data == {"a": 1, "b": 2}


def test_objects_are_not_made(tmp_path: Path) -> None:
    """A tag that would run code is a problem, and runs nothing."""
    document = _read(tmp_path, "a: !!python/object/apply:os.getcwd []\nb: !!python/name:os.getcwd\n")

    assert not callable(document.data["b"])
    assert any("Remove the tag" in problem.remedy for problem in document.problems)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said, also where not even a draft of it can be made or taken away."""
    (tmp_path / "folder").write_text("which is none", encoding="utf-8")

    with pytest.raises(UsageError, match=r"feeds\.yaml cannot be written \(Not a directory\)"):
        yaml.write(tmp_path / "folder" / "feeds.yaml", ["feeds: []"])
