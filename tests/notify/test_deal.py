"""An alert of a deal as a message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import FactLine, PartyLine, Proof, RelatedDeal
from pipeline.notify import render
from tests.notify.samples import CUT, DEAL, RIVAL, SIZE, deal

HOSTILE = "<script>alert('x')</script> & \"more\""


def test_a_deal_in_text() -> None:
    """What happened, the facts with what they were, how sure, what is around it, and each sentence once, numbered."""
    text, _ = render.render(DEAL, ZoneInfo("Europe/Berlin"))

    assert text.splitlines() == [
        "OpenAI and Oracle (compute): amount changed, $300 billion to $250 billion;",
        "signed (was: announced)",
        "",
        "  Parties   Oracle (supplier) [1];",
        "            Crusoe (host) [2];",
        "            Vantablack Power (not in companies.yaml) [2]",
        "  Amount    $250 billion (was $300 billion) [1]",
        "            others say $280 billion [3]",
        "  Capacity  4.5 GW [2]",
        "  Term      5 years [2]",
        "  Status    signed (was announced) [1]",
        "  Told by   3 independent sources, confirmed by openai.example",
        "  Part of   Stargate (deal 1)",
        "  Part      OpenAI: Abilene (datacenter) (deal 9)",
        "",
        '[1] "OpenAI has cut its order with Oracle to $250 billion, and the contract is',
        '    signed, it said on Tuesday."',
        "    OpenAI trims its order with Oracle",
        "    OpenAI newsroom, Example News | 10 Mar 2026, 12:00",
        "    https://openai.example/news/order",
        "",
        '[2] "The five-year deal covers 4.5 gigawatts of capacity that Oracle will rent',
        '    from Crusoe and Vantablack Power."',
        "    wire.example, 20 Jan 2026",
        "    https://www.wire.example/oracle-openai",
        "",
        '[3] "People close to the talks put it at $280 billion."',
        "    paper.example, 02 Mar 2026",
        "    https://paper.example/a",
        "",
        "Watch: Test deals | deal 3: dealwire deals show 3",
    ]


def test_a_deal_in_html() -> None:
    """The old figure is struck through before the new one, and each sentence links its page."""
    _, html = render.render(DEAL, UTC)
    plain = " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", html.partition("<body")[2]).split())

    assert re.search(r"<s [^>]*>\$300 billion</s> &rarr; <b>\$250 billion</b>", html)
    assert re.search(r"<s [^>]*>announced</s> &rarr; <b>signed</b>", html)
    assert html.count("<s ") == 2
    assert "others say $280 billion [3]" in plain
    assert "Vantablack Power not in companies.yaml [2]" in plain
    assert "3 independent sources, confirmed by openai.example" in plain
    assert "Part of Stargate deal 1" in plain
    for proof in (CUT, SIZE, RIVAL):
        assert f'href="{proof.url}"' in html


def test_what_happened_is_the_preview_of_the_mail() -> None:
    """The subject stays the same in a thread, so that mail clients show what happened beside it."""
    _, html = render.render(DEAL, UTC)

    hidden = html.index("display:none")
    assert hidden < html.index(DEAL.happened, html.index("<body")) < html.index('id="message"')


def test_a_deal_that_little_is_known_of() -> None:
    """Without date, address, parties, figures, relatives or another source, nothing is said of them."""
    bare = deal(
        happened="New deal: A and B", url="", published=None, parties=(), related=(), origins=1, official="",
        facts=(FactLine("status", "rumoured", "", Proof("", "", None)),), quote="They talk.", headline="They talk.",
    )  # fmt: skip
    text, html = render.render(bare, UTC)

    assert text.splitlines() == [
        "New deal: A and B",
        "",
        "  Status    rumoured",
        "  Told by   1 independent source, not officially confirmed",
        "",
        '[1] "They talk."',
        "    OpenAI newsroom, Example News | date unknown",
        "",
        "Watch: Test deals | deal 3: dealwire deals show 3",
    ]
    assert "<a " not in html
    assert "<s " not in html
    assert "Parties" not in html
    assert "not officially confirmed" in html


def test_many_relatives_are_cut() -> None:
    """A programme of forty sites does not fill the page."""
    many = deal(related=tuple(RelatedDeal("part", n, f"Site {n}") for n in range(40)))

    for form in render.render(many, UTC):
        assert "Site 5" in form
        assert "Site 6" not in form
        assert "and 34 more" in form


words = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=300)


@given(happened=words, name=words, value=words, quote=words, title=words)
def test_no_line_of_text_is_longer_than_a_mail_client_shows(
    happened: str, name: str, value: str, quote: str, title: str
) -> None:
    """78 columns, but for a single word that is longer than that."""
    told = deal(
        happened=happened,
        parties=(PartyLine(name, "supplier", False, Proof(quote, "", None)),),
        facts=(FactLine("amount", value, value, Proof(quote, "", None)),),
        related=(RelatedDeal("superseded by", 1, title),),
        watch_title=title,
        headline=title,
    )
    for line in render.render(told, UTC)[0].splitlines():
        assert len(line) <= 78 or len(max(line.split(), key=len)) > 60 or len(line.split()) == 1


def test_markup_of_strangers_is_escaped() -> None:
    """Nothing that a page says becomes markup, wherever it stands."""
    proof = Proof(HOSTILE, "javascript:alert(1)", None)
    told = deal(
        happened=HOSTILE,
        title=HOSTILE,
        headline=HOSTILE,
        quote=HOSTILE + "!",
        url='https://x.example/" onclick="alert(1)',
        official=HOSTILE,
        parties=(PartyLine(HOSTILE, HOSTILE, False, proof),),
        facts=(replace(DEAL.facts[0], value=HOSTILE, before=HOSTILE, proof=proof),),
        related=(RelatedDeal("part of", 1, HOSTILE),),
    )
    text, html = render.render(told, UTC)

    assert "<script" not in html
    assert "javascript:" not in html
    assert '" onclick="' not in html
    assert "&lt;" not in text


def test_the_subject_says_what_happened() -> None:
    """On one line of at most 150 characters."""
    assert render.deal_subject(DEAL) == DEAL.happened
    assert len(render.deal_subject(deal(happened="word\n" * 90))) == 150
    assert "\n" not in render.deal_subject(deal(happened="word\n" * 90))


@pytest.mark.parametrize("topic", ["Re: OpenAI and Oracle (compute)", "A\r\nBcc: b"])
def test_packed_data_renders_the_same(topic: str) -> None:
    """What went through the outbox as JSON is the same message, in its thread, with a topic of one line."""
    told = deal(topic=topic)
    data = json.loads(json.dumps(render.pack(told)))
    message = render.message("deal", "msg_1", "A subject", data, UTC)

    assert (message.text, message.html) == render.render(told, UTC)
    assert (message.subject, message.thread) == ("A subject", DEAL.thread)
    assert message.data == {**data, "topic": message.topic}
    assert message.topic == " ".join(topic.split())
