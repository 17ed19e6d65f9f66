"""What strangers write comes through the API as text, and links lead to the web or nowhere."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree, html

from pipeline.domain import Kind, Party, Status
from pipeline.notify.clean import web_link
from tests.deals.samples import fact, mention
from tests.support.hostile_messages import CASES
from tests.web.small import Small, small

STEERS = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e0fff]"
)
MARK, PLACE = "Hostile text", "http://h.example/"
"""What stands wherever a stranger's text and link will, the link with the number of its case."""
NAMES = list(CASES)
COLUMNS = {
    "article": ("title", "author", "body", "summary", "url", "body_note"),
    "deal": ("title", "data"),
    "dealchange": ("data",),
    "match": ("passages",),
    "delivery": ("subject", "payload", "last_error"),
    "feed": ("last_error", "moved_to"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Small]:
    """Of each hostile text and link an article, a deal and an alert that are full of it."""
    with small(tmp_path_factory.mktemp("hostile"), migrated) as made:
        for number in range(len(NAMES) + 1):  # the last stays as it is
            made.clock.advance(hours=-1)
            amount = replace(fact("amount", 1e9), quote=MARK, attribution=MARK)
            parties = (Party(f"acme-{number}", MARK, "supplier", known=False),)
            said = mention(f"acme-{number}", Kind.POWER, Status.SIGNED, amount, quote=MARK)
            made.say(MARK, replace(said, parties=parties), url=f"{PLACE}{number}", body=f"{MARK} {PLACE}{number}")
        pour(Path(made.site.store.name))
        yield made


def pour(database: Path) -> None:
    """Put the hostile ones where they belong, past all that cleans them on their way in."""
    with closing(sqlite3.connect(database)) as open_, open_:
        for table, columns in COLUMNS.items():
            for column in columns:
                for id_, value in open_.execute(f'SELECT id, {column} FROM "{table}"').fetchall():
                    poured = _poured(str(value))
                    open_.execute(f'UPDATE "{table}" SET {column} = ? WHERE id = ?', (poured, id_))
        open_.execute(
            "UPDATE feed SET last_error = ?, moved_to = ?, failures = 1", (CASES["text-script"][0], "javascript:1")
        )


def _poured(value: str) -> str:
    number = re.search(rf"{PLACE}(\d+)", value)
    if number is None:
        return value
    text, link = (*CASES.values(), (MARK, number[0]))[int(number[1])]
    if value[:1] in "[{":
        return json.dumps(_filled(json.loads(value), text, link))
    return _filled(value, text, link).encode(errors="replace").decode()  # no column holds halves of characters


def _filled(value: Any, text: str, link: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, text, link) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, text, link) for item in value]
    return re.sub(rf"{PLACE}\d+", lambda _: link, value).replace(MARK, text) if isinstance(value, str) else value


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in JSON data, with what it is called."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, str):
        yield name, value


def check(value: Any) -> None:
    """That nothing in it steers, and that each link may be followed."""
    for name, text in texts(value):
        assert not STEERS.search(text), (name, text)
        if name in ("url", "moved_to", "status_url"):
            assert text == web_link(text), (name, text)


LISTS = (
    "/deals?size=200", "/articles?size=200", "/articles?q=alert&size=200", "/deliveries?size=200", "/feeds", "/watches",
    "/digest", "/digest/2026-03-10", "/digest/2026-03-11", "/rulings", "/status", "/deals/totals",
    "/deals/circles", "/mutes",
)  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_only_text(site: Small, path: str) -> None:
    """Whatever stands in the store, the answer is JSON that steers nothing and leads nowhere strange."""
    answer = site.get(path)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    check(answer.json())


@pytest.mark.parametrize("what", ["deals", "articles"])
def test_each_by_itself_holds_only_text(site: Small, what: str) -> None:
    """Deals with all that is known of them, and articles with their texts."""
    found = site.data(f"/{what}?size=200")["items"]

    assert len(found) >= len(NAMES)
    for each in found:
        check(site.data(f"/{what}/{each['id']}"))


def test_alerts_are_inert_in_both_feeds(site: Small) -> None:
    """They hold our elements and no others, and Atom is well-formed."""
    atom, data = feedparser.parse(site.get("/alerts.atom").content), site.data("/alerts.json")

    assert not atom.bozo, atom.get("bozo_exception")
    assert len(atom.entries) == len(data["items"]) > len(NAMES)
    plain = attributes(next(item for item in data["items"] if item["url"] == f"{PLACE}{len(NAMES)}"))
    for item in data["items"][1 : len(NAMES) + 1]:
        assert attributes(item) <= plain, item["title"]
        check({name: text for name, text in item.items() if name != "content_html"})


def attributes(item: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The elements of an alert with their attributes; of a link that may be followed, that it is one."""
    nodes = html.fragment_fromstring(item["content_html"]).iter(etree.Element)
    found = ((node.tag, name, value) for node in nodes for name, value in [("", ""), *node.attrib.items()])
    return {(tag, name, "web" if name == "href" and value == web_link(value) else value) for tag, name, value in found}


def test_files_hold_only_rows(site: Small) -> None:
    """As many lines of JSON as deals, and no cell of CSV is a formula."""
    total = site.data("/deals")["total"]

    lines = site.get("/deals.jsonl").content.decode().rstrip("\n").split("\n")
    assert [json.loads(line)["id"] for line in lines] == list(range(1, total + 1))
    assert site.get("/deals.csv").status_code == site.get("/deals.parquet").status_code == 200
