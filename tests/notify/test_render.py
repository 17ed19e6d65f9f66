"""An alert or a digest as a message."""

from __future__ import annotations

import json
from datetime import UTC
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Alert, Digest, DigestSection, Hit, Level, Passage
from pipeline.notify import render
from tests.notify.samples import ALERT, DIGEST, PASSAGE, QUOTE, alert, digest

HOSTILE = "<script>alert('x')</script> & \"more\""


def passage(quote: str, *hits: tuple[int, int], start: int = 0, where: str = "body") -> Passage:
    return Passage(where, start, start + len(quote), quote, tuple(Hit("g", "t", s, e) for s, e in hits))


def test_alert_in_text() -> None:
    """Title, feeds, local time, address, quote and the reason for it, in plain text."""
    text, _ = render.render(ALERT, ZoneInfo("Europe/Berlin"))

    assert text.splitlines() == [
        "A contract for 2 gigawatts",
        "Example News, Other News | 10 Mar 2026, 12:30",
        "https://news.example/a",
        "",
        f'  "{QUOTE}"',
        "    (body; who: OpenAI; deal: contract)",
        "",
        "Watch: Test deals | article 7: dealwire show 7",
    ]


def test_alert_in_html() -> None:
    """The title links the page, and the terms of the quote are bold."""
    _, html = render.render(ALERT, UTC)

    assert '<a href="https://news.example/a"' in html
    assert "<b>OpenAI</b> signs a <b>contract</b> for 2 gigawatts." in html
    assert "10 Mar 2026, 11:30" in html


def test_alert_without_date_or_address() -> None:
    """An entry that gives neither is told all the same."""
    text, html = render.render(alert(published=None, url=""), UTC)

    assert "date unknown" in text
    assert "date unknown" in html
    assert "<a " not in html


@pytest.mark.parametrize(
    "value",
    [
        alert(title=HOSTILE, watch_title=HOSTILE, sources=(HOSTILE,), passages=(passage(HOSTILE, (0, 8), (28, 40)),)),
        digest(sections=(DigestSection("w", HOSTILE, (alert(title=HOSTILE, passages=(passage(HOSTILE),)),)),)),
    ],
    ids=["alert", "digest"],
)
def test_html_escapes_markup(value: Alert | Digest) -> None:
    """Nothing a feed or page says becomes markup, while the text shows it as it is."""
    text, html = render.render(value, UTC)

    assert "<script" not in html
    assert "&lt;script" in html or "<b>&lt;script</b>" in html
    assert "<script>alert('x')" in text
    assert "&lt;" not in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//news.example/a", "ftp://x.example/", ""])
def test_only_web_addresses_are_linked(url: str) -> None:
    """An address that is not http(s) makes no link, in alert and digest."""
    page = alert(url=url)
    section = DigestSection("w", "W", (page,))

    assert "href" not in render.render(page, UTC)[1]
    assert "href" not in render.render(digest(sections=(section,)), UTC)[1]


def test_an_address_cannot_leave_its_attribute() -> None:
    """Quotation marks in an address stay inside it."""
    _, html = render.render(alert(url='https://x.example/" onclick="alert(1)'), UTC)

    assert '" onclick="' not in html


@given(title=st.text(max_size=400), watch=st.text(max_size=40))
def test_alert_subject_is_one_bounded_line(title: str, watch: str) -> None:
    """Whatever the title is, the subject has no line end and at most 150 characters."""
    subject = render.alert_subject(alert(title=title, watch_title=watch))

    assert len(subject.splitlines()) == 1
    assert len(subject) <= 150


def test_a_long_subject_says_that_it_is_cut() -> None:
    """A subject that is too long ends with an ellipsis; one that fits is whole."""
    assert render.alert_subject(ALERT) == "Test deals: A contract for 2 gigawatts"
    assert render.alert_subject(alert(title="word " * 50)).endswith("word wo…")


def test_digest_subject() -> None:
    """The day of the edition and how much it flags."""
    assert render.digest_subject(DIGEST) == "Dealwire digest, Wed 11 Mar 2026: 1 flagged"
    assert render.digest_subject(digest(sections=(), flagged=0)) == "Dealwire digest, Wed 11 Mar 2026: nothing flagged"


def test_digest_in_text() -> None:
    """Span, numbers, every section with its alerts, what was not delivered and which feeds fail."""
    text, _ = render.render(DIGEST, UTC)

    assert text.splitlines() == [
        "DEALWIRE DIGEST  Wednesday 11 March 2026",
        "10 Mar 2026, 07:00 to 11 Mar 2026, 07:00",
        "1 flagged of 40 articles from 3 feeds",
        "",
        "TEST DEALS (1)",
        "",
        "* A contract for 2 gigawatts",
        "  Example News, Other News | 10 Mar 2026, 11:30",
        "  https://news.example/a",
        f'  "{QUOTE}"',
        "",
        "NOT DELIVERED (1)",
        "* Test deals: lost & found",
        "  desk: 550 no | dealwire deliveries retry 12",
        "",
        "FEEDS (1)",
        "",
        "* Dead <feed> does not answer: HTTP 500, since 09 Mar 2026, 00:00",
    ]


def test_digest_in_html() -> None:
    """The same in HTML, escaped."""
    _, html = render.render(DIGEST, UTC)

    assert "Wednesday, 11 March 2026" in html
    assert "Test deals: lost &amp; found" in html
    assert "dealwire deliveries retry 12" in html
    assert "Dead &lt;feed&gt;" in html
    assert "<b>contract</b>" in html


def test_digest_with_nothing_in_it() -> None:
    """A quiet day says so, and leaves the sections on troubles out."""
    quiet = digest(
        sections=(DigestSection("w", "W", ()),), articles=0, flagged=0, feed_news=(), undelivered=(), complete=False
    )
    text, html = render.render(quiet, UTC)

    for form in (text, html):
        assert "Nothing flagged." in form
        assert "0 flagged of 0 articles" in form
        assert "(so far)" in form
        assert "delivered" not in form.lower()
        assert "feeds (" not in form.lower()


@pytest.mark.parametrize(
    ("hits", "html"),
    [
        ((), "a&lt;b c"),
        (((0, 1),), "<b>a</b>&lt;b c"),
        (((4, 5), (0, 3)), "<b>a&lt;b</b> <b>c</b>"),
        (((0, 2), (1, 3)), "<b>a&lt;b</b> c"),
        (((0, 1), (90, 99)), "<b>a</b>&lt;b c"),
    ],
)
@pytest.mark.parametrize("start", [0, 17])
def test_marked(hits: tuple[tuple[int, int], ...], html: str, start: int) -> None:
    """Terms are bold wherever the window begins, overlaps joined, and one beyond the quote is left out."""
    shifted = [(a + start, b + start) for a, b in hits]

    assert render.marked(passage("a<b c", *shifted, start=start)) == html


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda p: (p[0], p[0] + p[1]))))
def test_merged_covers_the_same_without_overlap(spans: list[tuple[int, int]]) -> None:
    """Joined spans are in order, apart, and hold exactly the positions of the given ones."""
    joined = render.merged(spans)

    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert {at for s, e in joined for at in range(s, e)} == {at for s, e in spans for at in range(s, e)}


def test_short_is_one_bounded_line() -> None:
    """A quote over several lines is told on one, cut where it is very long."""
    assert render.short(passage("one\n  two\tthree")) == "one two three"
    assert len(render.short(passage("word " * 500))) <= 600
    assert render.short(passage("word " * 500)).endswith("…")


def test_terms_name_each_once() -> None:
    """Each group with its terms, each named once, in the order of the text."""
    hits = (Hit("b", "x", 0, 1), Hit("a", "y", 2, 3), Hit("b", "x", 4, 5), Hit("b", "z", 6, 7))

    assert render.terms(Passage("body", 0, 9, "x y x z", hits)) == "b: x, z; a: y"


@pytest.mark.parametrize(("kind", "value"), [("alert", ALERT), ("digest", DIGEST)])
def test_packed_data_renders_the_same(kind: str, value: Alert | Digest) -> None:
    """What went through the outbox as JSON comes out as the same text and HTML."""
    data = json.loads(json.dumps(render.pack(value)))
    message = render.message(kind, "msg_1", "A subject", data, UTC)

    assert (message.text, message.html) == render.render(value, UTC)
    assert (message.id, message.kind, message.subject, message.data) == ("msg_1", kind, "A subject", data)
    assert PASSAGE.quote in message.text


def test_what_is_mentioned_in_passing_says_so() -> None:
    """In the digest such alerts stand apart, after those that are about the matter; an alert says it of itself."""
    passing = alert(level=Level.MENTIONS, title="An aside")
    section = DigestSection("test-deals", "Test deals", (ALERT, passing))
    digest_text, digest_html = render.render(digest(sections=(section,)), UTC)
    alert_text, alert_html = render.render(passing, UTC)

    for whole, heading in ((digest_text, "Mentioned in passing:"), (digest_html, "Mentioned in passing")):
        assert whole.index(ALERT.title) < whole.index(heading) < whole.index("An aside")
    assert "(mentioned in passing)" in alert_text
    assert "mentioned in passing" in alert_html
    assert "passing" not in "".join(render.render(ALERT, UTC))
