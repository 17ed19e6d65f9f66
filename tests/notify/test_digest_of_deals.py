"""A digest with deals in it, as a message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC

import pytest

from pipeline.domain import ChangeLine, Corroboration, DigestSection, Level, Picture, Proof, QuietDeal, Status
from pipeline.notify import render
from tests.notify.samples import ALERT, DIGEST, GROWTH, LEDGER, alert, digest

DEALS = digest(sections=(LEDGER,), feed_news=(), undelivered=(), flagged=54)
HOSTILE = "<script>alert('x')</script> & \"more\""


def test_deals_in_text() -> None:
    """New deals and changes with the words that say so, corroboration and other mentions without."""
    text, _ = render.render(DEALS, UTC)

    assert text.splitlines() == [
        "DEALWIRE DIGEST  Wednesday 11 March 2026",
        "10 Mar 2026, 07:00 to 11 Mar 2026, 07:00",
        "54 flagged of 40 articles from 3 feeds",
        "",
        "TEST DEALS",
        "",
        "New deals (1)",
        "",
        "* OpenAI and Llano Ridge (power): $2 billion, 1.2 GW, 15 years",
        "  signed | 40 articles from 6 sources | deal 7",
        '  "OpenAI signs a 15-year agreement for 1.2 GW."',
        "  https://wire.example/p",
        "",
        "Changes (1)",
        "",
        "* OpenAI and Oracle (compute): amount changed, $300 billion to $250 billion",
        "  signed, officially confirmed | 1 article from 1 source | deal 3",
        '  "OpenAI has cut its order with Oracle to $250 billion, and the contract is',
        '   signed, it said on Tuesday."',
        "  https://openai.example/news/order",
        "",
        "Corroborated (2)",
        "",
        "* OpenAI and Broadcom (chips): 12 more from 5 sources",
        "* OpenAI and AMD (chips): 1 more from 1 source",
        "",
        "Gone quiet (1)",
        "",
        "* OpenAI and Nscale (compute): announced, last heard of 09 Feb 2026",
        "",
        "Other mentions (1)",
        "",
        "* A contract for 2 gigawatts",
        "  Example News, Other News | 10 Mar 2026, 11:30",
        "  https://news.example/a",
    ]


def test_deals_in_html() -> None:
    """The same, in the same order, with links."""
    _, html = render.render(DEALS, UTC)
    plain = " ".join(re.sub(r"<[^>]*>|&middot;", " ", html.partition('id="message"')[2]).split())

    parts = ["New deals 1", "OpenAI and Llano Ridge (power) $2 billion, 1.2 GW, 15 years signed 40 articles"]
    parts += ["Changes 1", "Amount: $300 billion &rarr; $250 billion signed, officially confirmed 1 article"]
    parts += ["Corroborated 2", "OpenAI and Broadcom (chips) 12 more from 5 sources"]
    parts += ["Gone quiet 1", "OpenAI and Nscale (compute) announced, since 09 Feb 2026"]
    parts += ["Other mentions 1", ALERT.title]
    places = [plain.index(part) for part in parts]
    assert places == sorted(places)
    assert 'href="https://wire.example/p"' in html
    assert re.search(r"<s [^>]*>\$300 billion</s>", html)
    assert "<b>contract</b>" not in html


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (ChangeLine("status", "announced", "signed"), "Status: announced &rarr; signed"),
        (ChangeLine("capacity", "", "2 GW"), "Capacity: 2 GW"),
        (ChangeLine("party", "Microsoft", ""), "No longer a party: Microsoft"),
        (ChangeLine("party", "Microsoft", "Oracle"), "Party: Microsoft &rarr; Oracle"),
        (
            ChangeLine("contradicted", "$1 billion", "$2 billion", "amount"),
            "Amount disputed: $1 billion against $2 billion",
        ),
        (ChangeLine("confirmed", "", "openai.example"), "First confirmed by an official source"),
        (ChangeLine("part", "", "cancelled"), "A part of it: cancelled"),
    ],
)
def test_each_change_has_its_line(line: ChangeLine, words: str) -> None:
    """In place of the sentence that says all at once, which stays where nobody knows the changes one by one."""
    [entry] = LEDGER.changed
    section = replace(LEDGER, changed=(replace(entry, changes=(line, line)),))
    plain, before = (
        " ".join(re.sub(r"<[^>]*>", " ", render.render(replace(DEALS, sections=(each,)), UTC)[1]).split())
        for each in (section, replace(LEDGER, changed=(replace(entry, changes=()),)))
    )

    assert f" {words} {words} " in plain
    assert before.count(entry.happened) == 2  # in the preview too


def test_the_summary_counts_over_all_ledgers() -> None:
    """New, changed, corroborated and gone quiet; a digest without a ledger has none."""
    _, html = render.render(replace(DEALS, sections=(LEDGER, LEDGER)), UTC)
    plain = " ".join(re.sub(r"<[^>]*>", " ", html).split())

    assert "2 new deals 2 changed 4 corroborated 2 gone quiet" in plain
    assert "gone quiet" not in render.render(DIGEST, UTC)[1]


def test_the_growth_of_the_ledger_stands_in_words() -> None:
    """In both forms, for who sees no picture; with one, the words are its description."""
    whole = replace(DEALS, growth=GROWTH)
    text, html = render.render(whole, UTC)
    picture = Picture("growth.msg_1@dealwire", GROWTH.words, 560, b"png")
    _, shown = render.render(whole, UTC, [picture])

    assert GROWTH.words in " ".join(text.split())
    assert f"<div>{GROWTH.words}</div>" in html
    assert "<img" not in html
    assert re.search(rf'<img src="cid:growth.msg_1@dealwire" width="560" alt="{re.escape(GROWTH.words)}"', shown)
    assert "<div>The deals" not in shown


@pytest.mark.parametrize(
    ("section", "subject"),
    [
        (LEDGER, "1 new deal, 1 deal changed"),
        (replace(LEDGER, new=LEDGER.new * 2, changed=()), "2 new deals"),
        (replace(LEDGER, new=(), changed=LEDGER.changed * 3), "3 deals changed"),
        (replace(LEDGER, new=(), changed=()), "54 flagged"),
    ],
)
def test_the_subject_counts_deals(section: DigestSection, subject: str) -> None:
    """What is new comes first; where nothing is, how much was flagged."""
    whole = render.digest_subject(replace(DEALS, sections=(section,)))

    assert whole == f"Dealwire digest, Wed 11 Mar 2026: {subject}"


def test_parts_without_anything_are_left_out() -> None:
    """A ledger in which nothing happened says so once, and asides of a ledger are mentions like others."""
    still = replace(LEDGER, new=(), changed=(), corroborated=(), alerts=(), gone_quiet=())
    aside = replace(still, alerts=(alert(level=Level.MENTIONS),))
    deals = replace(LEDGER, alerts=())

    for form in render.render(replace(DEALS, sections=(still,)), UTC):
        assert form.count("Nothing flagged.") == 1
        assert not re.search(r"New deals|Changes|Corroborated|Gone quiet|Other mentions", form)
    for form in render.render(replace(DEALS, sections=(aside,)), UTC):
        assert "Other mentions" in form
        assert "in passing" not in form
        assert "Nothing flagged." not in form
    for form in render.render(replace(DEALS, sections=(deals,)), UTC):
        assert "Nothing flagged." not in form


def test_a_very_full_day_fits_in_a_mail() -> None:
    """Each part is cut where the page would pass what Gmail shows, and says how many more there are, and where."""
    entry = replace(LEDGER.new[0], title="T" * 90, proof=Proof("word " * 100, "https://wire.example/" + "x" * 90, None))
    article = alert(title="Headline " * 10)
    full = DigestSection(
        "w", "W", (article,) * 90, True, (entry,) * 90, (entry,) * 90, (Corroboration(1, "C" * 60, 2, 1),) * 90,
        (QuietDeal(1, "Q" * 60, Status.SIGNED, DIGEST.start),) * 90,
    )  # fmt: skip
    text, html = render.render(replace(DEALS, sections=(full, full)), UTC)

    assert len(html.encode()) < 90_000
    assert len(text.encode()) < 100_000
    shown = text.count("40 articles") // 4
    assert 5 <= shown < 40
    for form in (text, html):
        assert f"and {90 - shown} more: " in form
        assert form.count("dealwire articles --flagged") == 2
        assert form.count("dealwire deals") == 8


def test_an_ordinary_day_is_whole() -> None:
    """Forty entries of a part are shown, and nothing is said of more."""
    text, html = render.render(replace(DEALS, sections=(replace(LEDGER, new=LEDGER.new * 40),)), UTC)

    page = html.partition('id="message"')[2]
    assert text.count("Llano Ridge") == page.count("Llano Ridge") == 40
    assert " more:" not in text + html


def test_markup_of_strangers_is_escaped() -> None:
    """Nothing that a page says becomes markup."""
    entry = replace(LEDGER.new[0], title=HOSTILE, happened=HOSTILE, proof=Proof(HOSTILE, "javascript:alert(1)", None))
    section = replace(LEDGER, new=(entry,), changed=(), corroborated=(Corroboration(1, HOSTILE, 1, 1),))
    text, html = render.render(replace(DEALS, sections=(section,)), UTC)

    assert "<script" not in html
    assert "javascript:" not in html
    assert "&lt;" not in text


def test_packed_data_renders_the_same() -> None:
    """What went through the outbox as JSON comes out as the same text and HTML."""
    data = json.loads(json.dumps(render.pack(DEALS)))
    message = render.message("digest", "msg_1", "A subject", data, UTC)

    assert (message.text, message.html) == render.render(DEALS, UTC)
    assert (message.thread, message.topic) == ("", "")


def test_a_digest_written_before_deals_were_told_still_renders() -> None:
    """One that waits in the outbox over an upgrade lacks the newer fields."""
    data = json.loads(json.dumps(render.pack(DIGEST)))
    del data["flagged"]
    del data["growth"]
    for name in ("ledger", "new", "changed", "corroborated", "gone_quiet"):
        del data["sections"][0][name]

    message = render.message("digest", "msg_1", "A subject", data, UTC)

    assert ALERT.title in message.text
    assert message.data == {**render.pack(DIGEST), "flagged": 0}  # a receiver gets every field
