"""A message as a line of a file."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify.file import FileChannel
from tests.support.world import FixedClock

MADE = FixedClock().now()
MESSAGE = Message("msg_1", "deal", "Großer Vertrag", "text", "html", {"url": "https://x.example/a", "quote": "a\nb"})


def channel(path: Path | None, form: str = "json") -> FileChannel:
    return FileChannel(path, form, FixedClock())


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_of_json_for_each_message(tmp_path: Path) -> None:
    """The envelope of webhooks with the message's id; the folder is made."""
    path = tmp_path / "deep" / "told.jsonl"
    for number in (1, 2):
        channel(path).send(replace(MESSAGE, id=f"msg_{number}", made=MADE))

    first, second = lines(path)
    assert (first["id"], second["id"]) == ("msg_1", "msg_2")
    assert first == {
        "version": 1,
        "id": "msg_1",
        "type": "deal",
        "timestamp": MADE.isoformat(),
        "data": MESSAGE.data,
    }


def test_one_that_hangs_holds_no_other_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody reads standard output, files are written."""
    reading, writing = os.pipe()
    with ThreadPoolExecutor(2) as threads, open(writing, "w") as full, open(reading, "rb") as reader:
        monkeypatch.setattr(sys, "stdout", full)
        hanging = threads.submit(channel(None).send, replace(MESSAGE, data={"quote": "a" * 10**6}))
        reader.read(1)
        threads.submit(channel(tmp_path / "told.jsonl").send, MESSAGE).result(60)
        before = hanging.done()
        reader.readline()

    assert not before
    assert len(lines(tmp_path / "told.jsonl")) == 1


@pytest.mark.parametrize("data", [MESSAGE.data, {}])
def test_a_line_of_text(tmp_path: Path, data: dict[str, Any]) -> None:
    """The subject, and the address where there is one."""
    channel(tmp_path / "told.txt", "text").send(replace(MESSAGE, subject="Großer\nVertrag", data=data))

    assert (tmp_path / "told.txt").read_text() == " ".join(["Großer Vertrag", *data.values()][:2]) + "\n"


def test_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no file is named, and a probe finds nothing wrong with it."""
    channel(None).probe()
    channel(None).send(MESSAGE)

    assert json.loads(capsys.readouterr().out)["id"] == "msg_1"


def test_lines_do_not_mix(tmp_path: Path) -> None:
    """Several threads send side by side, each a long line."""
    path = tmp_path / "told.jsonl"
    told = [replace(MESSAGE, id=f"msg_{number}", data={"quote": "x" * 50_000}) for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(channel(path).send, told))

    assert {line["id"] for line in lines(path)} == {message.id for message in told}


@pytest.mark.parametrize("before", ["", '{"id": "whole"}\n', '{"id": "cut', "\n"])
def test_a_line_cut_by_a_crash_stays_by_itself(tmp_path: Path, before: str) -> None:
    """The next one begins a line of its own, and none is added where the file ends well."""
    path = tmp_path / "told.jsonl"
    path.write_text(before)
    channel(path).send(MESSAGE)

    *kept, last = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(last)["id"] == "msg_1"
    assert kept == before.splitlines()


def test_an_unwritable_place_is_a_delivery_error(tmp_path: Path) -> None:
    """It names the place, and may be tried again."""
    (tmp_path / "in-the-way").write_text("")
    for path in (tmp_path, tmp_path / "in-the-way" / "told.jsonl"):
        for call in (channel(path).probe, lambda path=path: channel(path).send(MESSAGE)):
            with pytest.raises(DeliveryError, match=str(tmp_path)) as failure:
                call()

            assert not failure.value.permanent


def test_probe_leaves_nothing_but_the_folder(tmp_path: Path) -> None:
    """And says nothing of a file that is there."""
    channel(tmp_path / "new" / "told.jsonl").probe()

    assert list((tmp_path / "new").iterdir()) == []
