"""ingest: pending articles to bodies, matches and deliveries."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import pytest

from pipeline import flow
from pipeline.domain import Mention
from pipeline.flow import Tools
from pipeline.flow.ledger import Ledger
from pipeline.flow.rules import Rules
from pipeline.ingest.extract import Extracted
from pipeline.models import Article, BodySource
from pipeline.store import articles
from pipeline.watch.piece import Piece
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, deliver, in_turn, ingest, poll
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.web import Answer, Request, Web
from tests.support.world import DEAL, OTHER, WATCH, FixedClock, page, rss

LONG = "This sentence makes the text of the feed a good deal longer than the page. " * 40


@pytest.fixture
def ready(web: Web, make: MakeTools) -> Callable[..., Tools]:
    """Tools with one polled entry each of these items."""

    def polled(*items: dict[str, str]) -> Tools:
        tools = make(web.set("/feed", rss(items), "application/rss+xml"))
        poll(tools)
        return tools

    return polled


def only(tools: Tools) -> Article:
    [article] = all_articles(tools)
    return article


def test_the_body_is_the_page(web: Web, ready: Callable[..., Tools]) -> None:
    """The page's text is the body, nothing is left to do, and its match is told with the sentence."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": "A teaser."})
    web.set("/a", page("News", DEAL))
    report = ingest(tools)

    article = only(tools)
    assert report.counts == {"ingested": 1, "from page": 1, "flagged": 1, "alerts": 1}
    assert (article.body_source, article.body_note, article.next_try) == (BodySource.PAGE, "", None)
    assert DEAL in article.body
    [told] = all_deliveries(tools)
    assert (told.channel, told.kind, told.article_id, told.subject) == (
        "local",
        "alert",
        article.id,
        "Test deals: News",
    )
    assert DEAL in told.payload["passages"][0]["quote"]
    assert told.payload["sources"] == ["feed 1"]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (Answer("gone", 404), "HTTP 404 Not Found"),
        (
            Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
            "a PDF document, not to a web page",
        ),
        (Answer("<html><body></body></html>"), "no article text was found on the page"),
        (Answer("", 302, {"Location": "http://10.0.0.1/"}), "not a public address"),
    ],
    ids=["404", "PDF", "empty", "private"],
)
def test_the_feeds_text_where_the_page_cannot_be_had(
    web: Web, ready: Callable[..., Tools], answer: Answer, note: str
) -> None:
    """The feed's own text is judged, the reason is stored, and where later is no better nothing is tried again."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": DEAL})
    web.answers["/a"] = answer
    report = ingest(tools)

    article = only(tools)
    assert (article.body, article.body_source, article.next_try) == (DEAL, BodySource.FEED, None)
    assert note in article.body_note
    assert report.counts["alerts"] == 1


def test_a_page_shorter_than_the_feeds_text(web: Web, ready: Callable[..., Tools]) -> None:
    """A page behind a wall gives less than the feed; then the feed's text is the body."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": f"{DEAL} {LONG}"})
    web.set("/a", page("News", OTHER))
    ingest(tools)

    article = only(tools)
    assert article.body_source is BodySource.FEED
    assert DEAL in article.body
    assert "the page gave" in article.body_note
    assert article.next_try is None


def test_an_entry_without_a_link(ready: Callable[..., Tools]) -> None:
    """The feed's text is all there is."""
    tools = ready({"title": "News", "guid": "x", "description": DEAL})
    ingest(tools)

    article = only(tools)
    assert (article.body_source, article.body_note) == (BodySource.FEED, "the entry has no link")
    assert len(all_deliveries(tools)) == 1


def test_no_text_at_all(web: Web, ready: Callable[..., Tools]) -> None:
    """With neither page nor feed text the reason is stored, and the title is judged."""
    tools = ready({"title": DEAL, "link": web.base + "/a"}, {"title": "zzz", "guid": "x"})
    ingest(tools)

    first, second = all_articles(tools)
    assert (first.body, first.body_source, first.body_note) == ("", BodySource.NONE, "HTTP 404 Not Found")
    assert (second.body_source, second.body_note) == (BodySource.NONE, "the entry has no link")
    assert [row.article_id for row in all_deliveries(tools)] == [first.id]


def test_a_page_that_comes_later(web: Web, ready: Callable[..., Tools], clock: FixedClock) -> None:
    """A busy server's page is replaced by the feed's text at once, and by itself later, with no second delivery."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": DEAL})
    web.answers["/a"] = in_turn(Answer("busy", 503), Answer(page("News", DEAL)))
    ingest(tools)
    at_once, told = only(tools), all_deliveries(tools)
    idle = ingest(tools)
    clock.advance(minutes=5)
    ingest(tools)

    assert (at_once.body_source, at_once.body_note) == (BodySource.FEED, "HTTP 503 Service Unavailable")
    assert len(told) == 1
    assert idle.counts == {}
    later = only(tools)
    assert (later.body_source, later.body_note, later.attempts, later.next_try) == (BodySource.PAGE, "", 2, None)
    assert len(later.body) > len(at_once.body)
    assert [row.uid for row in all_deliveries(tools)] == [row.uid for row in told]


def test_a_late_match_is_told_once(web: Web, ready: Callable[..., Tools], clock: FixedClock) -> None:
    """What only the page says is told when the page came, and never again."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": OTHER})
    web.answers["/a"] = in_turn(Answer("busy", 503), Answer(page("News", DEAL)))
    ingest(tools)
    before = all_deliveries(tools)
    for _ in range(3):
        clock.advance(minutes=5)
        ingest(tools)
        deliver(tools)

    assert before == []
    assert [(row.kind, row.state) for row in all_deliveries(tools)] == [("alert", "delivered")]


def test_a_match_outlives_a_page_without_it(web: Web, ready: Callable[..., Tools], clock: FixedClock) -> None:
    """Where the feed says it and the page does not (a wall, a correction), the match stays, told once."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": DEAL})
    web.answers["/a"] = in_turn(Answer("busy", 503), Answer(page("News", OTHER, OTHER)))
    ingest(tools)
    clock.advance(minutes=5)
    ingest(tools)

    with tools.store.read() as session:
        [match] = articles.matches(session, [only(tools).id or 0])[only(tools).id or 0]
    assert {passage["where"] for passage in match.passages} == {"feed"}
    assert only(tools).body_source == "page"
    assert len(all_deliveries(tools)) == 1


def test_invisible_characters_hide_nothing(ready: Callable[..., Tools]) -> None:
    """A soft hyphen or a zero-width joiner inside a word of the title does not keep it from matching."""
    tools = ready({"title": DEAL.replace("OpenAI", "Open\u00adA\u200dI"), "guid": "1"})
    ingest(tools)

    assert len(all_deliveries(tools)) == 1


def test_trying_ends(web: Web, ready: Callable[..., Tools], clock: FixedClock) -> None:
    """A page that never comes is asked for four times over some hours, and then left."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": DEAL})
    web.answers["/a"] = Answer("busy", 503)
    for _ in range(10):
        ingest(tools)
        clock.advance(hours=3)

    assert [request.path for request in web.requests].count("/a") == 4
    assert (only(tools).attempts, only(tools).next_try) == (4, None)


@pytest.mark.parametrize(
    "answer",
    [Answer("", 302, {"Location": "http://[not-an-address"}), Answer("", 503, {"Retry-After": "\xb2"})],
    ids=["redirect", "wait"],
)
def test_one_absurd_page_harms_no_other(web: Web, ready: Callable[..., Tools], answer: Answer) -> None:
    """A server that answers nonsense costs its own page only."""
    tools = ready(
        {"title": "bad", "link": web.base + "/bad", "description": DEAL}, {"title": "good", "link": web.base + "/good"}
    )
    web.answers["/bad"] = answer
    web.set("/good", page("good", DEAL))
    ingest(tools)

    bad, good = all_articles(tools)
    assert (bad.body_source, good.body_source) == (BodySource.FEED, BodySource.PAGE)
    assert bad.body_note
    assert len(all_deliveries(tools)) == 2


def test_notify_lists(web: Web, make: MakeTools) -> None:
    """A watch tells the channels it names; one with an empty list flags and tells nobody."""
    watch = {"title": "T", "all": {"who": ["OpenAI"]}}
    tools = make(
        web.set("/feed", rss([{"title": "OpenAI", "guid": "1"}]), "application/rss+xml"),
        channels={"a": {"type": "local"}, "b": {"type": "local"}},
        watches={"every": watch, "one": {**watch, "notify": ["b"]}, "quiet": {**watch, "notify": []}},
    )
    poll(tools)
    report = ingest(tools)

    told = [(row.payload["watch"], row.channel) for row in all_deliveries(tools)]
    assert sorted(told) == [("every", "a"), ("every", "b"), ("one", "b")]
    assert (report.counts["alerts"], report.counts["flagged"]) == (3, 1)
    with tools.store.read() as session:
        assert articles.flagged_counts(session) == {"every": 1, "one": 1, "quiet": 1}


def test_a_stop_in_the_middle_hands_leases_back(web: Web, ready: Callable[..., Tools]) -> None:
    """What is done stays done; what a stop finds under way or not begun is pending again, with no lease."""
    items = [{"title": f"News {n:02}", "link": f"{web.base}/{n}"} for n in range(40)]
    tools = ready(*items)
    begun, go = threading.Semaphore(0), threading.Event()

    def hang(_: Request) -> Answer:
        begun.release()
        go.wait(90)
        return Answer(page("late", DEAL))

    for n in range(40):
        web.answers[f"/{n}"] = hang if n % 2 else Answer("gone", 404)
    with tools.store.read() as session:
        ids = articles.pending(session, tools.clock.now(), 100)
    running = threading.Thread(target=flow.ingest, args=(tools, ids))
    running.start()
    begun.acquire(timeout=30)
    tools.stop.set()
    running.join(30)
    ended = not running.is_alive()
    stored = all_articles(tools)
    go.set()
    running.join()

    assert ended
    assert all(article.lease_until is None for article in stored)
    left = [article for article in stored if article.ingested_at is None]
    assert 20 <= len(left) <= 40
    with tools.store.read() as session:
        pending = articles.pending(session, tools.clock.now(), 100)
    assert sorted(pending) == sorted(article.id or 0 for article in left)
    assert all_deliveries(tools) == []


def test_an_article_is_ingested_by_one_at_a_time(web: Web, ready: Callable[..., Tools]) -> None:
    """A second ingest with the same ids does nothing."""
    tools = ready({"title": DEAL, "link": web.base + "/a"})
    ids = [only(tools).id or 0]
    flow.ingest(tools, ids)

    assert flow.ingest(tools, ids).counts == {}
    assert len(all_deliveries(tools)) == 1


@pytest.mark.parametrize(
    ("alert", "told"), [("about", ["News of the day"]), ("mentions", ["Asides", "News of the day"])]
)
def test_the_least_level_that_alerts(web: Web, make: MakeTools, alert: str, told: list[str]) -> None:
    """A mention in passing is flagged, and told only where the watch alerts at mentions."""
    aside = page("Asides", *(f"Nothing of the kind is said in chapter {number}." for number in range(20)), DEAL)
    items = [{"title": "Asides", "link": f"{web.base}/a"}, {"title": "News of the day", "link": f"{web.base}/b"}]
    web.set("/a", aside)
    web.set("/b", page("News of the day", DEAL, DEAL))
    tools = make(web.set("/feed", rss(items), "application/rss+xml"), watches={"test-deals": {**WATCH, "alert": alert}})
    poll(tools)
    report = ingest(tools)

    assert report.counts["flagged"] == 2
    assert sorted(row.payload["title"] for row in all_deliveries(tools)) == told


class Unreadable(Ledger):
    """A ledger that cannot read anything."""

    def read(self, piece: Piece) -> list[Mention]:
        raise RecursionError(piece.title)


class OfNoUse(Rules):
    """Rules whose ledgers cannot read anything."""

    @cached_property
    def ledgers(self) -> dict[str, Ledger]:
        return {"test-deals": Unreadable(self.settings, "test-deals")}


def test_what_a_ledger_cannot_read_is_told_by_itself(web: Web, make: MakeTools) -> None:
    """The article is kept, the fault is reported, and no other article waits for it."""
    feed = web.set("/feed", rss([{"title": DEAL}]), "application/rss+xml")
    used = make(feed, watches={"test-deals": LEDGER_WATCH}, companies=COMPANIES)
    tools = replace(used, rules=OfNoUse(used.settings))
    poll(tools)
    report = ingest(tools)

    assert [(what, "RecursionError" in why) for what, why in report.failures] == [(DEAL, True)]
    assert [told.kind for told in all_deliveries(tools)] == ["alert"]
    assert only(tools).ingested_at is not None


WALL = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'


def test_what_is_open_of_a_paywalled_page(web: Web, ready: Callable[..., Tools]) -> None:
    """Its beginning is the body, and the reason why that is not all is kept."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": "A teaser."})
    web.set("/a", page("News", DEAL).replace("</head>", f"{WALL}</head>"))
    ingest(tools)

    article = only(tools)
    assert (article.body_source, article.body_note) == (BodySource.PAGE, "only the beginning: a paywall follows")
    assert DEAL in article.body


def test_a_bot_check_is_not_the_article(web: Web, ready: Callable[..., Tools], clock: FixedClock) -> None:
    """The feed's text is judged meanwhile, and the page is tried again later."""
    tools = ready({"title": "News", "link": web.base + "/a", "description": DEAL})
    web.set(
        "/a",
        "<title>Just a moment...</title><h1>Checking your browser before you proceed</h1>"
        "<p>Enable JavaScript and cookies to continue.</p>",
    )
    ingest(tools)
    shut = only(tools)
    web.set("/a", page("News", DEAL))
    clock.advance(minutes=5)
    ingest(tools)

    assert (shut.body, shut.body_source) == (DEAL, BodySource.FEED)
    assert "bot check" in shut.body_note
    assert (only(tools).body_source, only(tools).next_try) == (BodySource.PAGE, None)


def test_robots_txt_is_minded_for_pages_and_not_for_feeds(web: Web, make: MakeTools) -> None:
    """A page that its site does not allow is not fetched; the feed's text is taken, and the reason kept."""
    web.set("/robots.txt", "User-agent: dealwire\nDisallow: /", "text/plain")
    web.set("/a", page("News", DEAL))
    items = [{"title": "News", "link": web.base + "/a", "description": DEAL}]
    tools = make(web.set("/feed", rss(items), "application/rss+xml"), http={"robots": True})
    poll(tools)
    ingest(tools)

    article = only(tools)
    assert [request.path for request in web.requests] == ["/feed", "/robots.txt"]
    assert (article.body, article.body_source, article.next_try) == (DEAL, BodySource.FEED, None)
    assert article.body_note == "robots.txt of 127.0.0.1 does not allow this page"


def test_a_link_that_hides_its_page_is_not_followed(web: Web, make: MakeTools) -> None:
    """A search feed's own text is judged, and its outlet counts as where the piece was published."""
    link = "https://news.google.com/rss/articles/CBMiAU_yqLN1?oc=5"
    source = '<source url="https://www.chips.example">Chips Daily</source>'
    document = rss([{"title": f"{DEAL} - Chips Daily", "link": link, "guid": "1"}])
    tools = make(web.set("/feed", document.replace("</item>", f"{source}</item>"), "application/rss+xml"))
    poll(tools)
    ingest(tools)

    article = only(tools)
    assert (article.title, article.url, article.host) == (DEAL, link, "chips.example")
    assert article.body_note == "the feed's link hides the page of chips.example"
    assert len(all_deliveries(tools)) == 1


class Odd:
    """An extractor that gives what no database takes."""

    def read(self, html: bytes, *, urgent: bool = False) -> Extracted:  # noqa: ARG002
        return Extracted("\ud800" if b"odd" in html else html.decode())


def test_an_article_that_cannot_be_stored_costs_itself_only(web: Web, ready: Callable[..., Tools]) -> None:
    """The others of its batch are told, and it is set aside with the reason."""
    tools = ready({"title": "Odd", "link": web.base + "/odd"}, {"title": "Good", "link": web.base + "/good"})
    web.set("/odd", "odd")
    web.set("/good", DEAL)
    report = ingest(replace(tools, extractor=Odd()))

    good, odd = all_articles(tools)
    assert (report.counts["failed"], report.counts["alerts"]) == (1, 1)
    assert (good.body, good.next_try, odd.body, odd.next_try) == (DEAL, None, "", None)
    assert odd.body_note.startswith("it cannot be taken in (TypeError: ")
    assert odd.ingested_at is not None
