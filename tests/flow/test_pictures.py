"""deliver: the chart of a digest, in mails and in files."""

from __future__ import annotations

import sys
from dataclasses import replace
from email.message import EmailMessage

import pytest

from pipeline.demo.catch import mail_server
from pipeline.flow import Tools
from pipeline.models import DeliveryState
from pipeline.notify import render
from pipeline.store import outbox
from tests.conftest import MakeTools
from tests.flow.conftest import all_deliveries, deliver
from tests.notify.samples import DIGEST, GROWTH, LEDGER
from tests.notify.smtp import mail_channel

EDITION = replace(DIGEST, sections=(LEDGER,), growth=GROWTH)


def put(tools: Tools, *channels: str) -> None:
    with tools.store.write() as session:
        subject, payload = render.digest_subject(EDITION), render.pack(EDITION)
        outbox.add(
            session, key="d", channels=channels, kind="digest", subject=subject, payload=payload, now=tools.clock.now()
        )


def mailed(make_tools: MakeTools) -> EmailMessage:
    with mail_server() as (mailbox, port):
        tools = make_tools(channels={"inbox": mail_channel(port)})
        put(tools, "inbox")
        deliver(tools)
    assert [row.state for row in all_deliveries(tools)] == [DeliveryState.DELIVERED]
    [mail] = mailbox.mails
    return mail


def test_the_digest_arrives_with_its_chart(make_tools: MakeTools) -> None:
    """As a picture that the page shows by its id."""
    pytest.importorskip("vl_convert")
    parts = {part.get_content_type(): part for part in mailed(make_tools).walk()}

    assert parts["image/png"].get_content().startswith(b"\x89PNG")
    assert f"cid:{parts['image/png']['Content-ID'].strip('<>')}" in parts["text/html"].get_content()


def test_without_vl_convert_it_arrives_all_the_same(make_tools: MakeTools, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the figures in words."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    parts = {part.get_content_type(): part for part in mailed(make_tools).walk()}

    assert "image/png" not in parts
    assert GROWTH.words in parts["text/html"].get_content()


def test_a_file_of_text_needs_no_chart(make_tools: MakeTools) -> None:
    """Only what shows pictures gets one; a folder's page holds it."""
    pytest.importorskip("vl_convert")
    tools = make_tools(channels={"folder": {"type": "local"}, "lines": {"type": "file", "path": "told.jsonl"}})
    put(tools, "folder", "lines")
    deliver(tools)

    [page] = tools.settings.state.rglob("digest-*.html")
    assert "data:image/png;base64," in page.read_text()
    assert "image/png" not in (tools.settings.state / "told.jsonl").read_text()
