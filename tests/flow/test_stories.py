"""Events are told once, by the first article that tells of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pipeline import flow
from pipeline.deals.stories import alike
from pipeline.flow import Tools
from pipeline.flow.stories import Stories
from pipeline.models import Match
from pipeline.store import articles, feeds
from pipeline.store import stories as store
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, in_turn, ingest, poll
from tests.support.web import Answer, Web
from tests.support.world import WATCH, FixedClock, page, rss

FIRST = "OpenAI signs data center contract with Acme for $12 billion"
AGAIN = "OpenAI signs a $12bn data center contract with Acme"
OTHER = "OpenAI wins gigawatt contract in the far north"
TEXT = "OpenAI and its landlord agreed on a contract for a data center in the hills, they said. " * 5
FILLER = "Nothing else of note was said about it by anybody at all on that day. " * 40

Publish = Callable[..., None]


@pytest.fixture
def tools(web: Web, make: MakeTools) -> Callable[..., Tools]:
    """Tools of the test watch with these settings besides."""

    def made(**watch: Any) -> Tools:
        return make(web.set("/feed", rss([]), "application/rss+xml"), watches={"test-deals": {**WATCH, **watch}})

    return made


@pytest.fixture
def publish(web: Web, clock: FixedClock) -> Publish:
    """Publish a piece, so many hours from the clock's time, and ingest it."""

    def published(tools: Tools, title: str, text: str = "", hours: float = 0, host: str = "one.example") -> None:
        item = {"title": title, "link": f"http://{host}/{abs(hash((title, hours)))}", "description": text}
        item["pubDate"] = format_datetime(clock.now() + timedelta(hours=hours))
        web.set("/feed", rss([item]), "application/rss+xml")
        clock.advance(hours=1)
        with tools.store.write() as session:
            feeds.make_due(session, clock.now())
        poll(tools)
        ingest(tools)

    return published


def told(tools: Tools) -> list[str]:
    return [delivery.subject.removeprefix("Test deals: ") for delivery in all_deliveries(tools)]


def story_of(tools: Tools) -> dict[str, str | None]:
    """By title, the title of the article whose story each match joined."""
    titles = {article.id: article.title for article in all_articles(tools)}
    with tools.store.read() as session:
        found: dict[int, list[Match]] = articles.matches(session, [id_ for id_ in titles if id_])
    return {titles[m.article_id]: titles.get(m.story_of) for ms in found.values() for m in ms}


def test_the_same_event_is_told_once(tools: Callable[..., Tools], publish: Publish) -> None:
    """A second article on an event makes no alert, and is a match that knows which article was told."""
    made = tools()
    publish(made, FIRST)
    publish(made, AGAIN, host="two.example")
    publish(made, OTHER)

    assert told(made) == [FIRST, OTHER]
    assert story_of(made) == {FIRST: None, AGAIN: FIRST, OTHER: None}


def test_copies_under_another_headline(tools: Callable[..., Tools], publish: Publish) -> None:
    """A text that another outlet copies is not told again, whatever stands above it."""
    made = tools()
    publish(made, "ChatGPT maker finds a landlord", TEXT)
    publish(made, "Landlord for OpenAI in the hills", TEXT + "Subscribe now.", host="two.example")

    assert told(made) == ["ChatGPT maker finds a landlord"]


@pytest.mark.parametrize(
    ("window", "hours", "alerts"), [("72h", 71, 1), ("72h", 73, 2), ("12h", 11, 1), ("12h", 13, 2), (0, 0, 2)]
)
def test_within_the_window(
    tools: Callable[..., Tools], publish: Publish, window: Any, hours: float, alerts: int
) -> None:
    """An event is told again when the window has passed between the publications, and always where it is 0."""
    made = tools(story_window=window)
    publish(made, FIRST)
    publish(made, AGAIN, hours=hours - 1)

    assert len(told(made)) == alerts


def test_late_arrivals_join(tools: Callable[..., Tools], publish: Publish) -> None:
    """What was published before the article that was told, and found after it, joins its story too."""
    made = tools()
    publish(made, FIRST)
    publish(made, AGAIN, hours=-20)

    assert told(made) == [FIRST]


def test_what_was_below_the_level_was_not_told(tools: Callable[..., Tools], publish: Publish) -> None:
    """Where the first only mentions it and the watch alerts at `about`, the later one that is about it is told."""
    made = tools(alert="about")
    publish(made, "OpenAI and others, in brief", FILLER + FIRST + ". " + FILLER, host="three.example")
    publish(made, FIRST, "Nothing else of note was said about it by anybody at all on that day. " * 3 + FIRST)
    publish(made, AGAIN, TEXT, host="two.example")
    brief, first = (article for article in all_articles(made) if article.title != AGAIN)

    assert alike(brief.fingerprint, first.fingerprint)
    assert told(made) == [FIRST]
    assert story_of(made) == {"OpenAI and others, in brief": None, FIRST: None, AGAIN: FIRST}


def test_joining_does_not_prolong_a_story(tools: Callable[..., Tools], publish: Publish) -> None:
    """What comes within the window of an article that joined, and not of the one that was told, is told again."""
    made = tools()
    publish(made, FIRST)
    publish(made, AGAIN, hours=50)
    publish(made, FIRST + ", again", hours=100)

    assert told(made) == [FIRST, FIRST + ", again"]


def test_one_that_opened_a_story_stays(tools: Callable[..., Tools], publish: Publish) -> None:
    """An article that others joined is not attached to another one when it is weighed again."""
    made = tools(story_window=0)
    publish(made, FIRST)
    publish(made, AGAIN)
    publish(made, OTHER)
    again, other, first = sorted(all_articles(made), key=lambda article: [AGAIN, OTHER, FIRST].index(article.title))
    watch = made.settings.watches["test-deals"].model_copy(update={"story_window": timedelta(hours=72)})
    stories = Stories(made.settings.model_copy(update={"watches": {"test-deals": watch}}))

    with made.store.write() as session:
        assert not stories.join(session, other, "test-deals")
        store.join(session, "test-deals", other.id or 0, first.id or 0)
        assert not stories.join(session, first, "test-deals")
        assert stories.join(session, again, "test-deals")


def test_an_article_that_rises_is_weighed_again(
    web: Web, tools: Callable[..., Tools], clock: FixedClock, publish: Publish
) -> None:
    """One that only mentioned an event joins the story when a later try finds it to be about it."""
    made = tools(alert="about")
    publish(made, FIRST, TEXT)
    late = page("In brief: OpenAI", TEXT * 8)
    web.answers["/late"] = in_turn(Answer("", 503), Answer(late, headers={"Content-Type": "text/html"}))
    item = {"title": "In brief: OpenAI", "link": f"{web.base}/late", "description": FILLER + FIRST + "."}
    web.set("/feed", rss([item]), "application/rss+xml")
    clock.advance(hours=2)
    poll(made)
    ingest(made)
    before = story_of(made)["In brief: OpenAI"]
    clock.advance(minutes=6)
    ingest(made)

    assert before is None
    assert story_of(made)["In brief: OpenAI"] == FIRST
    assert told(made) == [FIRST]


def test_watches_do_not_share_stories(web: Web, make: MakeTools, publish: Publish) -> None:
    """What one watch was told, another one that flags it for the first time is told too."""
    narrow = {**WATCH, "title": "Narrow", "none": ["for $12 billion"]}
    made = make(web.set("/feed", rss([]), "application/rss+xml"), watches={"test-deals": WATCH, "narrow": narrow})
    publish(made, FIRST)
    publish(made, AGAIN)

    assert told(made) == [FIRST, f"Narrow: {AGAIN}"]


def test_the_fingerprint_is_stored(tools: Callable[..., Tools], publish: Publish) -> None:
    """Every ingested article has the fingerprint of its text, flagged or not; one without a text has none."""
    made = tools()
    publish(made, "Weather", FILLER)
    publish(made, "Wind")

    assert {article.title: bool(article.fingerprint) for article in all_articles(made)} == {
        "Weather": True,
        "Wind": False,
    }


def test_the_digest_has_each_story_once(tools: Callable[..., Tools], publish: Publish) -> None:
    """What joined a story does not stand by itself: its feed is named with the first."""
    used = tools()
    publish(used, FIRST)
    publish(used, AGAIN, hours=1, host="two.example")
    publish(used, OTHER, hours=2)

    with used.store.read() as session:
        now = used.clock.now()
        [section] = flow.gather(used.settings, session, now, flow.current_day(used.settings, now)).sections

    assert sorted(alert.title for alert in section.alerts) == sorted([FIRST, OTHER])
