"""Articles that were edited after they had been read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.flow import Tools
from pipeline.models import Article, BodySource
from pipeline.store import articles, ledger
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, ingest, poll
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.web import Answer, Web
from tests.support.world import DEAL, OTHER, FixedClock, page, rss

RSS = "application/rss+xml"


@pytest.fixture
def publish(web: Web) -> Callable[..., str]:
    """Put an entry and its page on the web as they stand now; the feed's URL."""

    def put(title: str, text: str, teaser: str = "A teaser.") -> str:
        web.set("/a", page(title, text))
        return web.set(
            "/feed", rss([{"title": title, "link": f"{web.base}/a", "guid": "1", "description": teaser}]), RSS
        )

    return put


def read(tools: Tools, clock: FixedClock) -> Article:
    """Poll and ingest what is due, an hour later; the only article."""
    clock.advance(hours=1)
    poll(tools)
    ingest(tools)
    [article] = all_articles(tools)
    return article


def earlier(tools: Tools) -> list[str]:
    with tools.store.read() as session:
        return [one.body for one in articles.earlier(session, 1)]


def test_what_an_edit_brings_is_judged_and_told(
    make: MakeTools, clock: FixedClock, publish: Callable[..., str]
) -> None:
    """A piece that names the deal only after an edit alerts then; what it said before is kept."""
    tools = make(publish("News", OTHER))
    before = read(tools, clock)
    silent = len(all_deliveries(tools))
    publish("News, with a deal", DEAL)
    after = read(tools, clock)

    assert silent == 0
    assert (after.title, after.edits, after.next_try) == ("News, with a deal", 1, None)
    assert DEAL in after.body
    assert earlier(tools) == [before.body]
    assert [row.kind for row in all_deliveries(tools)] == ["alert"]


def test_what_was_told_is_not_told_again(make: MakeTools, clock: FixedClock, publish: Callable[..., str]) -> None:
    """An edit of a piece that was told of brings no second alert, whether it still names the deal or not."""
    tools = make(publish("News", DEAL))
    read(tools, clock)
    for title, text in (("News, mended", f"{DEAL} More of it."), ("News, taken back", OTHER)):
        publish(title, text)
        read(tools, clock)

    assert len(all_deliveries(tools)) == 1
    assert len(earlier(tools)) == 2


def test_an_edit_of_the_teaser_alone_leaves_no_trace(
    make: MakeTools, clock: FixedClock, publish: Callable[..., str]
) -> None:
    """Where title and page stay, there is nothing to keep."""
    tools = make(publish("News", DEAL))
    read(tools, clock)
    publish("News", DEAL, "Another teaser.")
    article = read(tools, clock)

    assert (article.edits, article.summary, earlier(tools)) == (1, "Another teaser.", [])


@pytest.mark.parametrize("answer", [Answer("gone", 404), Answer("busy", 503), Answer("<html></html>")])
def test_the_page_once_read_is_not_lost(
    web: Web, make: MakeTools, clock: FixedClock, publish: Callable[..., str], answer: Answer
) -> None:
    """Where the page of an edited piece cannot be had, the body is what it was."""
    tools = make(publish("News", DEAL))
    body = read(tools, clock).body
    publish("News, mended", DEAL)
    web.answers["/a"] = answer
    article = read(tools, clock)

    assert (article.body, article.body_source) == (body, BodySource.PAGE)
    assert article.body_note


def test_a_figure_that_is_edited_changes_the_deal(
    make: MakeTools, clock: FixedClock, publish: Callable[..., str]
) -> None:
    """A corrected amount is a change of the deal, told once, in its thread."""
    said = "OpenAI signed a contract with Oracle for data centers worth ${} billion, the companies said."
    tools = make(publish("News", said.format(300)), watches={"test-deals": LEDGER_WATCH}, companies=COMPANIES)
    read(tools, clock)
    publish("News, corrected", said.format(30))
    read(tools, clock)

    with tools.store.read() as session:
        [deal] = ledger.find(session, ledger.Filter())
    assert deal.amount_usd == 30e9
    assert [row.kind for row in all_deliveries(tools)] == ["deal", "deal"]
