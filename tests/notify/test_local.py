"""A message as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify.local import LocalChannel

MESSAGE = Message("msg_1", "alert", "Subject", "the text – ü", "<p>the HTML</p>", {"title": "ü"})


def test_three_files_and_a_word(tmp_path: Path) -> None:
    """Text, HTML and JSON under the message's id, no drafts left, and whoever watches is told once."""
    said: list[Message] = []
    LocalChannel(tmp_path / "deep" / "outbox", said.append).send(MESSAGE)

    found = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "deep" / "outbox").iterdir()}
    assert found.keys() == {"alert-msg_1.txt", "alert-msg_1.html", "alert-msg_1.json"}
    assert found["alert-msg_1.txt"] == MESSAGE.text
    assert found["alert-msg_1.html"] == MESSAGE.html
    assert json.loads(found["alert-msg_1.json"]) == MESSAGE.data
    assert said == [MESSAGE]


def test_sending_again_replaces(tmp_path: Path) -> None:
    """A second try of one message leaves the same three files."""
    channel = LocalChannel(tmp_path, lambda _: None)
    channel.send(MESSAGE)
    channel.send(MESSAGE)

    assert len(list(tmp_path.iterdir())) == 3


def test_an_unwritable_place_is_a_delivery_error(tmp_path: Path) -> None:
    """Where the folder cannot be, the error names it, nobody is told, and it may be tried again."""
    (tmp_path / "file").write_text("in the way")
    said: list[Message] = []
    channel = LocalChannel(tmp_path / "file", said.append)

    with pytest.raises(DeliveryError, match=str(tmp_path / "file")) as failure:
        channel.send(MESSAGE)
    with pytest.raises(DeliveryError, match=str(tmp_path / "file")):
        channel.probe()

    assert not failure.value.permanent
    assert said == []


def test_probe_makes_the_folder(tmp_path: Path) -> None:
    """A probe leaves the folder ready and empty."""
    LocalChannel(tmp_path / "outbox", lambda _: None).probe()

    assert list((tmp_path / "outbox").iterdir()) == []
