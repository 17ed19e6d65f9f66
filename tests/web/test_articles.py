"""Finding articles, and reading one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.domain import Entry, Hit, Passage
from pipeline.models import Article, BodySource, Earlier, Match
from pipeline.store import articles, entries, feeds, labels, ledger
from pipeline.watch.piece import Piece
from pipeline.web import marking
from pipeline.web.marking import Depth
from pipeline.web.site import Site
from tests.web.conftest import Browser
from tests.web.visits import words

TITLE = re.compile(r'class="title"><a href="/articles/(\d+)"')
WATCH = "openai-infrastructure-deals"


def found(browser: Browser, **asked: Any) -> list[int]:
    """The numbers of the articles on the page."""
    return [int(id_) for id_ in TITLE.findall(browser.get("/articles", params=asked).text)]


def stored(site: Site, **wanted: Any) -> list[Article]:
    with site.store.read() as session:
        return articles.find(session, articles.Filter(most=1000, **wanted))


def test_words_are_found_and_marked(browser: Browser) -> None:
    """In titles and texts, by word and phrase; what is ruled out is left out."""
    page = browser.get("/articles", params={"q": "oracle gigawatt"}).text
    phrase = found(browser, q='"letter of intent"')

    assert "<mark>Oracle</mark>" in page
    assert "<mark>gigawatts</mark>" in page
    assert "2 articles" in words(page)
    assert phrase
    assert set(found(browser, q='"letter of intent" -binding')) < set(phrase)
    assert found(browser, q="zeppelin") == []


def test_filters_narrow(browser: Browser, site: Site) -> None:
    """By watch, by whether any flags it, by feed, and by the day of finding, alone and together."""
    everything, flagged = found(browser), found(browser, flagged="1")
    of_feed = found(browser, feed="Harbour Wire (sample)")
    today = f"{site.now().astimezone(site.zone):%Y-%m-%d}"
    day_before = f"{site.now().astimezone(site.zone) - timedelta(days=1):%Y-%m-%d}"

    assert len(everything) == len(stored(site)) == 31
    assert sorted(flagged) == sorted(row.id or 0 for row in stored(site, flagged=True))
    assert found(browser, watch=WATCH) == flagged
    assert found(browser, watch="no-such-watch") == []
    assert 0 < len(found(browser, feed="Harbour Wire (sample)", flagged="1")) < len(of_feed) < len(everything)
    assert len(found(browser, since=day_before, until=today)) == 31
    assert found(browser, until="2020-01-01") == []
    assert found(browser, since="2099-01-01") == []


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"until": "2026-02-30"}, {"page": "0"}, {"sort": "x"}, {"q": "x" * 301}]
)
def test_what_cannot_be_asked_is_told(browser: Browser, asked: dict[str, str]) -> None:
    """On a page that says so."""
    answer = browser.get("/articles", params=asked)

    assert answer.status_code == 400
    assert "That cannot be" in answer.text


@pytest.mark.parametrize("q", ['"', "OR", "-", "*", "a* OR", "NEAR(x", "^:{}", "\0", "-only", "'; drop table article"])
def test_odd_words_do_no_harm(browser: Browser, q: str) -> None:
    """Whatever is typed, the page comes."""
    assert browser.get("/articles", params={"q": q}).status_code == 200


def test_fifty_a_page(browser: Browser, site: Site) -> None:
    """With the way on and back, the filter kept."""
    listed = [Entry(f"g{n}", f"https://x.example/{n}", f"Zeppelin {n}", "") for n in range(60)]
    with site.store.write() as session:
        entries.add_entries(session, {feeds.all_active(session)[0].id or 0: listed}, site.now())
    first, second = (found(browser, q="zeppelin", page=page) for page in (1, 2))
    text = browser.get("/articles", params={"q": "zeppelin"}).text

    assert (len(first), len(second)) == (50, 10)
    assert not set(first) & set(second)
    assert 'rel="next" href="/articles?q=zeppelin&amp;page=2"' in text
    assert "Page 1 of 2" in words(text)
    assert found(browser, q="zeppelin", page=99) == []


def test_an_article_tells_all_of_itself(browser: Browser, site: Site) -> None:
    """Its text with the terms marked, why it was flagged, the deal it tells of, and what was told of it."""
    with site.store.read() as session:
        deal = ledger.find(session, ledger.Filter())[0]
        id_ = deal.data["sources"][0]["article"]
        title = articles.get(session, id_).title  # type: ignore[union-attr]
    html = browser.get(f"/articles/{id_}").text
    said = words(html)

    assert title in said
    assert '<mark class="term">' in html
    assert "OpenAI infrastructure deals about it" in said
    assert "who: @openai" in said
    assert "The certainty of the best passage, in log-odds" in said
    assert f'href="/deals/{deal.id}"' in html
    assert deal.title in said


def test_an_article_that_is_not_flagged_says_what_it_lacks(browser: Browser, site: Site) -> None:
    """What came nearest, or that nothing did."""
    with site.store.write() as session:
        listed = [Entry("g", "https://x.example/", "A zeppelin", "")]
        entries.add_entries(session, {feeds.all_active(session)[0].id or 0: listed}, site.now())
    flagged = {row.id for row in stored(site, flagged=True)}
    said = [words(browser.get(f"/articles/{row.id}").text) for row in stored(site) if row.id not in flagged]

    assert all("No watch flags it." in text for text in said)
    assert any("Nearest came a passage that" in text for text in said)
    assert any("None of its terms occurs" in text for text in said)


def test_edits_and_stories_are_shown(browser: Browser, site: Site) -> None:
    """What it said before, and who joined the story that it opened."""
    first, second = stored(site, flagged=True)[:2]
    with site.store.write() as session:
        session.add(Earlier(article_id=first.id or 0, title="What it was called", body="It said so.", until=site.now()))
        match = articles.matches(session, [second.id or 0])[second.id or 0][0]
        match.story_of = first.id
        session.add(match)
    opened, joined = (words(browser.get(f"/articles/{row.id}").text) for row in (first, second))

    assert "What it was called It said so." in opened
    assert "The story 2" in opened
    assert second.title in opened
    assert first.title in joined


def test_a_dropped_text_leaves_its_passages(browser: Browser, site: Site) -> None:
    """And no watch is asked what it makes of nothing."""
    [row] = stored(site, flagged=True)[:1]
    with site.store.write() as session:
        row.body, row.summary, row.body_source = "", "", BodySource.PRUNED
        session.merge(row)
    said = words(browser.get(f"/articles/{row.id}").text)

    assert "The text was dropped to save room" in said
    assert "about it" in said


def test_a_label_is_put_changed_and_taken_back(browser: Browser, site: Site, folder: Path) -> None:
    """It shows on the page, and `dealwire eval` counts it."""
    from pipeline.cli.app import app

    id_ = stored(site, flagged=True)[0].id or 0
    answers = []
    for answer in ("no", "about"):
        page = browser.post(f"/articles/{id_}/label", {"watch": WATCH, "answer": answer}).text
        answers.append(re.findall(r'value="(\w+)" aria-pressed="true"', page))
    ran = CliRunner().invoke(app, ["--config", str(folder / "config"), "eval", "--json"])
    back = browser.post(f"/articles/{id_}/label", {"watch": WATCH, "answer": "none"}).text
    with site.store.read() as session:
        left = labels.of_article(session, id_)

    assert answers == [["no"], ["about"]]
    assert '"n": 1' in ran.output
    assert "is taken back" in back
    assert "aria-pressed" not in back
    assert left == {}


def test_labels_need_a_token_a_watch_and_an_answer(browser: Browser, site: Site) -> None:
    """And an article; nothing is kept otherwise."""
    fine = {"watch": WATCH, "answer": "no"}
    refused = [
        browser.session.post(f"{browser.base}/articles/1/label", data=fine, timeout=60).status_code,
        browser.post("/articles/1/label", {**fine, "watch": "other"}).status_code,
        browser.post("/articles/1/label", {**fine, "answer": "perhaps"}).status_code,
        browser.post("/articles/99999/label", fine).status_code,
    ]
    with site.store.read() as session:
        kept = labels.of_article(session, 1)

    assert refused == [403, 400, 400, 404]
    assert kept == {}


@pytest.mark.parametrize("path", ["/articles/99999", "/articles/abc", "/articles/-1", "/articles/0"])
def test_there_is_no_such_article(browser: Browser, path: str) -> None:
    """The page says so."""
    assert browser.get(path).status_code == 404


def test_a_number_beyond_all_is_refused(browser: Browser) -> None:
    """One that the database cannot know."""
    assert browser.get(f"/articles/{2**64}").status_code == 400


PIECE = Piece("OpenAI signs", "First line.\nOpenAI signs with Oracle. It is big.", "A summary.")
QUOTED = Passage("body", 12, 37, "OpenAI signs with Oracle.", (Hit("who", "OpenAI", 12, 18), Hit("x", "y", 30, 36)))


def depths(pieces: marking.Marked) -> list[tuple[str, int]]:
    return [(text, int(depth)) for text, depth in pieces]


def test_terms_are_marked_within_their_passage() -> None:
    """Each where it stands in its part."""
    shown = marking.shown(PIECE, [QUOTED], 1000)

    assert depths(shown.body) == [
        ("First line.\n", Depth.NONE),
        ("OpenAI", Depth.TERM),
        (" signs with ", Depth.PASSAGE),
        ("Oracle", Depth.TERM),
        (".", Depth.PASSAGE),
        (" It is big.", Depth.NONE),
    ]
    assert depths(shown.title) == [("OpenAI signs", Depth.NONE)]
    assert depths(shown.feed) == [("A summary.", Depth.NONE)]


def test_overlapping_passages_keep_all_terms() -> None:
    """Whichever comes first."""
    other = Passage("body", 25, 50, "with Oracle. It is big.", (Hit("z", "big", 44, 47),))
    shown = [marking.shown(PIECE, both, 1000).body for both in ([QUOTED, other], [other, QUOTED])]

    assert shown[0] == shown[1]
    assert [text for text, depth in shown[0] if depth is Depth.TERM] == ["OpenAI", "Oracle", "big"]
    assert "".join(text for text, _ in shown[0]) == PIECE.body


def test_a_passage_of_all_of_it_is_marked_in_each_part() -> None:
    """Offsets of an `article` passage run over title, feed and body."""
    whole = Passage("article", 7, 18, PIECE.text[7:18], (Hit("x", "y", 7, 12), Hit("x", "y", 13, 14)))
    shown = marking.shown(PIECE, [whole], 1000)

    assert depths(shown.title) == [("OpenAI ", Depth.NONE), ("signs", Depth.TERM)]
    assert depths(shown.feed)[0] == ("A", Depth.TERM)


@pytest.mark.parametrize(
    ("body", "marked"),
    [
        ("New first line.\nFirst line.\nOpenAI signs with Oracle. It is big.", "OpenAI signs with Oracle."),
        ("OpenAI signs with Oracle.", "OpenAI signs with Oracle."),
        ("Something else altogether.", ""),
        ("", ""),
    ],
)
def test_a_text_that_changed_since(body: str, marked: str) -> None:
    """What moved is marked where it is now, and what is gone not at all."""
    shown = marking.shown(replace(PIECE, body=body), [QUOTED], 1000)

    assert "".join(text for text, depth in shown.body if depth) == marked
    assert "".join(text for text, _ in shown.body) == body


def test_a_long_text_is_cut() -> None:
    """And marks beyond the cut do no harm."""
    shown = marking.shown(PIECE, [QUOTED], 20)

    assert "".join(text for text, _ in shown.body) == PIECE.body[:20]


def test_hits_that_lie_outside_their_quote_are_left_out() -> None:
    """As a stored match may be of an older form."""
    odd = replace(QUOTED, hits=(Hit("a", "b", 0, 5), Hit("a", "b", 30, 400), Hit("a", "b", 20, 10)))

    assert "".join(text for text, _ in marking.quoted(odd)) == QUOTED.quote
    assert [text for text, depth in marking.quoted(odd) if depth] == ["Oracle."]


def test_matches_of_watches_that_are_gone_are_shown(browser: Browser, site: Site) -> None:
    """By name, without a label to give."""
    id_ = stored(site)[0].id or 0
    with site.store.write() as session:
        session.add(Match(article_id=id_, watch="gone-watch", matched_at=site.now(), passages=[], reasons={}))
    said = words(browser.get(f"/articles/{id_}").text)

    assert "gone-watch mentions it" in said
