"""Alerts that go out as one message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

import jsonschema
import pytest

from pipeline.domain import Bundle, Part
from pipeline.notify import render
from pipeline.notify.schemas import schema
from tests.notify.samples import ALERT, DEAL, alert

BOTH = Bundle((Part("msg_a", "deal", DEAL), Part("msg_b", "alert", ALERT)))


def of_deals(*deals: int) -> Bundle:
    return Bundle(
        tuple(
            Part(f"msg_{at}", "deal", replace(DEAL, deal=deal, thread=f"deal-{deal}")) for at, deal in enumerate(deals)
        )
    )


def test_each_stands_in_it_with_its_words() -> None:
    """Headline, what says so, where, and how sure it is, in text and in HTML."""
    text, html = render.render(BOTH, UTC)

    for said in (DEAL.happened, DEAL.url, ALERT.title, ALERT.url, f"deal {DEAL.deal}"):
        assert said in " ".join(text.split())
        assert said in html
    assert text.startswith("2 alerts\n")


def test_packed_and_unpacked() -> None:
    """What the outbox keeps is what was put in, and satisfies the published schema."""
    data = json.loads(json.dumps(render.pack(BOTH)))

    assert render.unpack("bundle", data) == BOTH
    body = {"version": 1, "type": "bundle", "timestamp": "2026-03-10T12:00:00+00:00", "data": data}
    for whole in (schema("bundle"), schema()):
        jsonschema.validate(body, whole)


def test_a_long_one_is_cut_and_says_so() -> None:
    """A mail stays below what Gmail shows; how many are left out, and where they stand, is told."""
    many = Bundle(tuple(Part(f"msg_{n}", "alert", alert(title=f"Alert {n} " + "x" * 400)) for n in range(300)))
    text, html = render.render(many, UTC)

    assert len(html.encode()) <= 90_000
    assert "300 alerts" in html
    for page in (text, html):
        assert "more: " in page
        assert "dealwire articles --flagged" in page


@pytest.mark.parametrize(
    ("bundle", "thread"), [(of_deals(1, 1), "deal-1"), (of_deals(1, 2), ""), (BOTH, "")], ids=["one", "two", "mixed"]
)
def test_its_thread(bundle: Bundle, thread: str) -> None:
    """What tells of one deal only is of its thread; all else stands alone."""
    message = render.message("bundle", "msg_1", "A subject", render.pack(bundle), UTC)

    assert (message.thread, bool(message.topic)) == (thread, bool(thread))


def test_its_subject() -> None:
    """How many there are, and what the first tells."""
    assert render.bundle_subject(BOTH) == f"2 alerts: {DEAL.happened}"[:150]
