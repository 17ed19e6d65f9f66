"""Nothing that a stranger writes is run, injected or forged where it is told: by mail, web, feed, file or text."""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree, html

from pipeline.domain import (
    Hit,
    Page,
    Passage,
    Proof,
)
from pipeline.notify import render
from pipeline.notify.feed import FeedChannel
from pipeline.notify.file import FileChannel
from pipeline.notify.mail import write_mail
from pipeline.notify.webhook import WebhookChannel
from tests.notify.samples import ALERT, DEAL
from tests.support.hostile_messages import CASES, KINDS, Case, cases
from tests.support.hostile_texts import HOMOGRAPH, LINKS, TEXTS
from tests.support.world import FixedClock

HEADERS = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "list-id", "list-unsubscribe",
    "auto-submitted", "x-auto-response-suppress", "mime-version", "content-type",
}  # fmt: skip
RUNS = {"script", "style", "iframe", "object", "embed", "svg", "img", "form", "input", "base", "link", "math"}
_STEERS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e0fff]")


every = pytest.mark.parametrize("name", CASES)


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes."""
    return [(node.tag, tuple(node.attrib)) for node in html.document_fromstring(page).iter(etree.Element)]


def check_html(page: str) -> None:
    """That all elements, attributes and styles are ours, and links lead to the web."""
    tree = html.document_fromstring(page)
    ours = styles()
    for node in tree.iter(etree.Element):
        assert node.tag not in RUNS
        for name, value in node.attrib.items():
            assert not name.lower().startswith("on")
            assert name not in ("src", "srcdoc", "srcset", "action", "background")
            if name == "href":
                assert value.startswith(("http://", "https://"))
            if name == "style":
                assert value in ours
    for comment in tree.iter(etree.Comment):
        assert str(comment).lstrip("<!-").startswith("[if mso]>")
        assert "script" not in str(comment)
    assert not list(tree.iter(etree.ProcessingInstruction))
    assert not _STEERS.search(page)


@cache
def styles() -> frozenset[str]:
    """The styles of messages that hold no hostile text."""
    pages = [Case(kind, text, url).message.html for kind in KINDS for text, url in (("News", ""), ("N", "http://x.y/"))]
    return frozenset(
        node.attrib["style"] for page in pages for node in html.document_fromstring(page).iter(etree.Element)
        if "style" in node.attrib
    )  # fmt: skip


@every
def test_html_is_ours(name: str) -> None:
    """No element, attribute or style comes from outside, and no link leads anywhere but to the web."""
    for case in cases(name):
        check_html(case.message.html)


@pytest.mark.parametrize("kind", KINDS)
def test_text_makes_no_elements(kind: str) -> None:
    """The page of a hostile text has the elements of one of a harmless text, and no more."""
    harmless = shape(Case(kind, "News", "https://x.example/").message.html)
    fragments = [name for name, text in TEXTS.items() if len(text) < 500 and text.strip()]

    for name in fragments:
        assert shape(Case(kind, TEXTS[name], "https://x.example/").message.html) == harmless, name


@every
def test_text_is_ours(name: str) -> None:
    """Nothing steers a terminal, no line but a passage's is forged, and the subject is a line."""
    for case in cases(name):
        message = case.message

        assert not _STEERS.search(message.text)
        assert len(message.subject) <= 150
        assert len(message.subject.splitlines()) <= 1
        assert "* forged" not in [line.strip() for line in message.text.splitlines()]
        assert not re.search(r"(?i)(javascript|vbscript|data|file):\S", "\n".join(_address_lines(message.text)))


def _address_lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if re.match(r"\s*[a-zA-Z]+:\S+$", line))


@every
def test_mail_is_ours(name: str) -> None:
    """Python's own parser finds the headers that were written, each once, two parts, and no fault."""
    for case in cases(name):
        message = replace(case.message, thread="deal-1", earlier=("msg_0",))
        raw = write_mail(message, "Dealwire <d@example.org>", ["desk@example.org"], "", FixedClock().now()).as_bytes()
        mail = cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))

        names = [name.lower() for name, _ in mail.items()]
        assert sorted(names) == sorted(HEADERS)
        assert mail["To"] == "desk@example.org"
        parts = list(mail.walk())
        assert [part.get_content_type() for part in parts] == ["multipart/alternative", "text/plain", "text/html"]
        assert not [part.defects for part in parts if part.defects]
        assert not [value.defects for _, value in mail.items() if value.defects]
        assert not _STEERS.search(str(mail["Subject"]))
        assert all(len(line) <= 998 for line in raw.splitlines())
        assert parts[2].get_content().split() == case.message.html.split()


class Receiver:
    """A client that keeps what is posted."""

    body = b""
    headers: Mapping[str, str]

    def get(self, url: str) -> Page:
        return Page(url, 200, {}, b"")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Page:
        self.body, self.headers = body, headers
        return Page(url, 200, {}, b"")


@every
def test_webhook_is_ours(name: str) -> None:
    """JSON of the four fields, in which every text is clean and every url leads to the web or nowhere."""
    for case in cases(name):
        receiver = Receiver()
        WebhookChannel("https://hook.example/", receiver, FixedClock()).send(case.message)

        body = json.loads(receiver.body)
        assert list(body) == ["version", "type", "timestamp", "data"]
        assert body["type"] == case.kind
        for name, text in texts(body["data"]):
            assert not _STEERS.search(text)
            assert name != "url" or text == "" or text.startswith(("http://", "https://"))
            assert len(text) <= (2000 if name == "url" else 5000 if name == "quote" else 500)


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts of plain data with the name of what they stand in."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, str):
        yield name, value


@every
def test_feed_is_ours(name: str, tmp_path: Path) -> None:
    """Well-formed XML and JSON whose one entry holds HTML of ours and a link to the web, if any."""
    for case in cases(name, ("alert", "deal")):
        FeedChannel(tmp_path / case.kind, "Feed", FixedClock()).send(case.message)

        root = etree.parse(
            io.BytesIO((tmp_path / case.kind / "alerts.atom").read_bytes()), etree.XMLParser(recover=False)
        ).getroot()
        space = "{http://www.w3.org/2005/Atom}"
        [entry] = root.findall(f"{space}entry")
        [item] = json.loads((tmp_path / case.kind / "alerts.json").read_text(encoding="utf-8"))["items"]
        links = [node.get("href") for node in root.iter(f"{space}link")]
        assert all(
            link.startswith(("http://", "https://")) for link in [*links, *([item["url"]] if "url" in item else [])]
        )
        assert not root.getroottree().docinfo.doctype
        assert entry.find(f"{space}content").get("type") == "html"
        assert entry.findtext(f"{space}content") == item["content_html"]
        check_html(item["content_html"])
        for title in (entry.findtext(f"{space}title"), item.get("title", "")):
            assert not _STEERS.search(title or "")


@every
def test_file_is_ours(name: str, tmp_path: Path) -> None:
    """One line for one message, whatever line ends are in it."""
    for case in cases(name):
        for form in ("json", "text"):
            for _ in range(2):
                FileChannel(tmp_path / f"{case.kind}.{form}", form, FixedClock()).send(case.message)

            written = (tmp_path / f"{case.kind}.{form}").read_bytes().decode()
            assert written.count("\n") == len(written.splitlines()) == 2
            assert not _STEERS.search(written.replace("\\", ""))


@pytest.mark.parametrize("kind", KINDS)
def test_templates_are_not_filled_twice(kind: str) -> None:
    """What looks like a template's syntax stands there as it was written."""
    message = Case(kind, TEXTS["template"], "https://x.example/").message

    assert "{{ 7 * 7 }}" in " ".join(message.text.split())
    assert "{{ 7 * 7 }}" in message.html


def test_hits_stay_on_their_words() -> None:
    """The bold words of a quote are those that were found, whatever stood before them."""
    quote = "\u202e\0\x1b[2J OpenAI signs"
    at = quote.index("OpenAI")
    passage = Passage("body", 50, 50 + len(quote), quote, (Hit("who", "OpenAI", 50 + at, 50 + at + 6),))
    told = render.message("alert", "msg_1", "s", render.pack(replace(ALERT, passages=(passage,))), UTC)

    assert "<b>OpenAI</b> signs" in told.html


def test_a_host_that_looks_like_another_is_shown_as_it_is() -> None:
    """In ASCII, though the link stays."""
    facts = (replace(DEAL.facts[0], proof=Proof("Another sentence.", HOMOGRAPH, None)),)
    told = render.message("deal", "msg_1", "s", render.pack(replace(DEAL, facts=facts)), UTC)

    assert f'<a href="{HOMOGRAPH}"' in told.html
    assert ">xn--reni-45d.example</a>" in told.html
    assert "xn--reni-45d.example" in told.text


def test_there_are_enough() -> None:
    """Of each sort of trick."""
    assert len(TEXTS) >= 30
    assert len(LINKS) >= 20
