"""The digest as a mail with a chart: sent over SMTP, and read by Python's own parser."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.domain import Digest, DigestSection, Message, Picture, Proof
from pipeline.flow.pictures import drawn
from pipeline.notify import render
from pipeline.notify.email import EmailChannel
from pipeline.notify.local import LocalChannel
from tests.notify.samples import DIGEST, GROWTH, LEDGER, alert
from tests.notify.smtp import Grumpy, smtp
from tests.support.world import FixedClock

WHOLE = replace(DIGEST, sections=(LEDGER,), growth=GROWTH)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
"""Begins like a picture, and holds every byte, line ends and dots among them."""


def message(edition: Digest, *pictures: Picture) -> Message:
    return render.message("digest", "msg_7", "A digest", render.pack(edition), UTC, pictures=pictures)


def picture(name: str = "growth.msg_7@dealwire") -> Picture:
    return Picture(name, GROWTH.words, 560, PNG)


def received(sent: Message) -> EmailMessage:
    """The mail as it arrives over a real connection."""
    server = Grumpy("250 kept")
    with smtp(server) as port:
        EmailChannel("127.0.0.1", port, "none", "wire@example.org", ["desk@example.org"], FixedClock()).send(sent)
    [raw] = server.mails
    mail = cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))
    assert not [part.defects for part in mail.walk() if part.defects]
    return mail


def types(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


def page(mail: EmailMessage) -> str:
    part = cast(Any, mail.get_body(("html",)))
    return str(part.get_content())


def test_the_chart_stands_beside_the_page_that_shows_it() -> None:
    """Text first, then the page with the picture in one part; the page calls it by the id it has there."""
    mail = received(message(WHOLE, picture()))

    assert types(mail) == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    image = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<growth.msg_7@dealwire>"
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == PNG
    assert re.findall(r'src="([^"]*)"', page(mail)) == ["cid:growth.msg_7@dealwire"]


def test_the_text_lacks_nothing() -> None:
    """What the page says stands in the text too: the figures of the chart, the deals, and what went quiet."""
    mail = received(message(WHOLE, picture()))
    text = " ".join(cast(Any, mail.get_body(("plain",))).get_content().split())

    for said in (GROWTH.words, LEDGER.new[0].title, LEDGER.changed[0].happened, LEDGER.gone_quiet[0].title):
        assert said in text
    assert "<" not in text.replace("<feed>", "")


def test_without_a_chart_the_mail_is_as_ever() -> None:
    """Two parts, and the figures in words."""
    mail = received(message(WHOLE))

    assert types(mail) == ["multipart/alternative", "text/plain", "text/html"]
    assert GROWTH.words in page(mail)
    assert "cid:" not in page(mail)


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No address in the page but those of links; no style sheet, script or picture of others."""
    html = page(received(message(WHOLE, picture())))
    links = re.findall(r'href="([^"]*)"', html)

    addresses = re.findall(r"https?://[^\"'\s<)]+", html)
    assert sorted(addresses) == sorted(links)
    assert not re.search(r"url\(|@import|<link|<script|<style|background-image|flex|grid", html)


def test_a_huge_day_stays_below_what_gmail_shows() -> None:
    """Its page has less than 100 kB also as it is sent, the picture aside."""
    entry = replace(LEDGER.new[0], title="T" * 90, proof=Proof("Wört " * 100, "https://wire.example/" + "x" * 90, None))
    full = DigestSection("w", "W", (alert(title="Schlagzeile ß " * 9),) * 300, True, (entry,) * 300, (entry,) * 300)
    mail = received(message(replace(WHOLE, sections=(full, full)), picture()))
    part = cast(Any, mail.get_body(("html",)))

    assert len(part.get_content().encode()) < 90_000
    assert types(mail)[-1] == "image/png"


def test_every_try_sends_the_same() -> None:
    """The chart is drawn of what lies in the outbox."""
    pytest.importorskip("vl_convert")
    payload = render.pack(WHOLE)
    first, again = drawn("digest", "msg_7", payload), drawn("digest", "msg_7", payload)

    assert first == again
    [made] = first
    assert made.png.startswith(b"\x89PNG")
    assert (made.id, made.words) == ("growth.msg_7@dealwire", GROWTH.words)


def test_what_has_no_growth_has_no_picture() -> None:
    """A digest from before there were charts, one without dollars, and alerts."""
    payload = render.pack(WHOLE)
    old = {name: value for name, value in payload.items() if name != "growth"}

    assert drawn("digest", "msg_7", old) == ()
    assert drawn("digest", "msg_7", {**payload, "growth": None}) == ()
    assert drawn("deal", "msg_7", payload) == ()


def test_a_file_holds_its_picture(tmp_path: Path) -> None:
    """What is written to a folder needs no mail around it."""
    LocalChannel(tmp_path, lambda _: None).send(message(WHOLE, picture()))
    html = (tmp_path / "digest-msg_7.html").read_text()

    assert 'src="data:image/png;base64,iVBORw0KGgo' in html
    assert "cid:" not in html
