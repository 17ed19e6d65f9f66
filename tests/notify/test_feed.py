"""Messages as a feed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify import render
from pipeline.notify.feed import FeedChannel
from tests.notify.samples import DEAL
from tests.support.world import FixedClock

MESSAGE = render.message("deal", "msg_1", render.deal_subject(DEAL), render.pack(DEAL), UTC)


def channel(folder: Path, **fields: Any) -> FeedChannel:
    return FeedChannel(**{"folder": folder, "title": "Deals & more", "clock": FixedClock(), **fields})


def atom(folder: Path) -> Any:
    """The Atom file as feedparser reads it; it must find nothing wrong with it."""
    parsed = feedparser.parse((folder / "alerts.atom").read_bytes())
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def items(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "alerts.json").read_text(encoding="utf-8"))["items"]
    return found


def numbered(number: int) -> Message:
    return replace(MESSAGE, id=f"msg_{number}", subject=f"Number {number}")


def test_an_alert_stands_in_both_feeds(tmp_path: Path) -> None:
    """What happened, the address, the time, the watch and the whole alert; and no draft is left."""
    channel(tmp_path / "feed", url="https://desk.example/feeds/").send(MESSAGE)

    feed = atom(tmp_path / "feed")
    [entry] = feed.entries
    [item] = items(tmp_path / "feed")
    assert (feed.feed.title, feed.feed.author) == ("Deals & more", "Dealwire")
    assert [link.href for link in feed.feed.links] == ["https://desk.example/feeds/alerts.atom"]
    assert (entry.title, entry.link, entry.id) == (DEAL.happened, DEAL.url, item["id"])
    assert datetime.fromisoformat(entry.updated) == datetime.fromisoformat(item["date_published"]) == FixedClock().now()
    assert (item["title"], item["url"], item["tags"]) == (DEAL.happened, DEAL.url, ["Test deals"])
    assert item["content_text"] == MESSAGE.text
    assert entry.id.startswith("urn:uuid:")
    assert sorted(path.name for path in (tmp_path / "feed").iterdir()) == ["alerts.atom", "alerts.json"]


def test_the_content_is_the_alert_without_the_page_around_it(tmp_path: Path) -> None:
    """A reader shows it within a page of its own."""
    channel(tmp_path).send(MESSAGE)

    [item] = items(tmp_path)
    assert "$300 billion</s>" in item["content_html"]
    assert "<html" not in item["content_html"]
    assert "<body" not in item["content_html"]
    assert "$250 billion" in atom(tmp_path).entries[0].content[0].value


def test_sending_again_changes_nothing(tmp_path: Path) -> None:
    """A second try is the same entry, and mends a file that the first did not come to."""
    first = channel(tmp_path)
    first.send(MESSAGE)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "alerts.atom").unlink()
    first.clock.advance(hours=1)  # type: ignore[attr-defined]
    first.send(MESSAGE)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_last_200_are_kept_newest_first(tmp_path: Path) -> None:
    """The one before falls off the end."""
    feed = channel(tmp_path)
    feed.send(numbered(0))
    kept = json.loads((tmp_path / "alerts.json").read_text(encoding="utf-8"))
    kept["items"] = [
        {**kept["items"][0], "id": f"{number}", "title": f"Number {number}"} for number in range(199, -1, -1)
    ]
    (tmp_path / "alerts.json").write_text(json.dumps(kept), encoding="utf-8")
    for number in range(200, 203):
        feed.send(numbered(number))

    titles = [item["title"] for item in items(tmp_path)]
    assert titles == [f"Number {number}" for number in range(202, 2, -1)]
    assert [entry.title for entry in atom(tmp_path).entries] == titles


def test_alerts_sent_side_by_side_are_all_there(tmp_path: Path) -> None:
    """None is lost where several threads send, even through two channels."""
    feeds = [channel(tmp_path), channel(tmp_path)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: feeds[number % 2].send(numbered(number)), range(40)))

    assert {item["title"] for item in items(tmp_path)} == {f"Number {number}" for number in range(40)}


def test_digests_stand_in_no_feed(tmp_path: Path) -> None:
    """They would tell everything twice."""
    channel(tmp_path / "feed").send(replace(MESSAGE, kind="digest"))

    assert not (tmp_path / "feed").exists()


@pytest.mark.parametrize("title", ["<b>&amp; \x00\x0b \U0001f680", "a\u2028b\ufffe]]>"])
def test_what_strangers_write_stays_text(tmp_path: Path, title: str) -> None:
    """Markup is escaped, and characters that XML has no way to write are left out of Atom."""
    told = replace(MESSAGE, subject=title, data={"url": "https://x.example/?a=1&b=\x01"})
    channel(tmp_path).send(told)

    [entry] = atom(tmp_path).entries
    assert "&" in entry.title or "]]>" in entry.title
    assert "\x00" not in entry.title


def test_a_file_that_is_no_feed_is_left_alone(tmp_path: Path) -> None:
    """What a person put in the way is not overwritten; the delivery waits for them, and a check says it at once."""
    (tmp_path / "alerts.json").write_text('{"my": "notes"}')

    with pytest.raises(DeliveryError, match="is no feed of Dealwire; move it away") as failure:
        channel(tmp_path).send(MESSAGE)
    with pytest.raises(DeliveryError, match="move it away"):
        channel(tmp_path).probe()
    assert not failure.value.permanent
    assert (tmp_path / "alerts.json").read_text() == '{"my": "notes"}'


def test_an_unwritable_place_is_a_delivery_error(tmp_path: Path) -> None:
    """Where the folder cannot be, the error names it."""
    (tmp_path / "file").write_text("in the way")

    for call in (channel(tmp_path / "file").probe, lambda: channel(tmp_path / "file").send(MESSAGE)):
        with pytest.raises(DeliveryError, match=str(tmp_path / "file")):
            call()


def test_probe_makes_the_folder(tmp_path: Path) -> None:
    """A probe leaves the folder ready and empty."""
    channel(tmp_path / "feed").probe()

    assert list((tmp_path / "feed").iterdir()) == []
