"""prune: old texts go, and nothing comes back as new for it."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from sqlmodel import select

from pipeline.engine.stages import INGEST, batch
from pipeline.flow import Tools, prune
from pipeline.flow.labels import from_store
from pipeline.flow.replay import replay
from pipeline.models import Article, BodySource
from pipeline.store import articles, feeds, labels
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, deliver, ingest, poll
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, FixedClock, page, rss

RSS = "application/rss+xml"


def publish(web: Web, other: str = OTHER) -> str:
    """A feed of an article that the watch flags, and one that it does not; its URL."""
    web.set("/a", page("Big news", DEAL))
    web.set("/b", page("Small news", other))
    items = [
        {"title": "Big news", "link": f"{web.base}/a", "guid": "a", "description": "A deal."},
        {"title": "Small news", "link": f"{web.base}/b", "guid": "b", "description": f"No deal. {other[:20]}"},
    ]
    return web.set("/feed", rss(items), RSS)


@pytest.fixture
def tools(web: Web, make: MakeTools, clock: FixedClock) -> Tools:
    """With both articles read, told and grown old."""
    made = make(publish(web))
    poll(made)
    ingest(made)
    deliver(made)
    clock.advance(days=91)
    return made


def run(tools: Tools, **how: bool) -> dict[str, int]:
    return prune(tools.settings, tools.store, tools.clock.now(), **how).counts


def test_what_is_flagged_is_kept_and_the_rest_goes(tools: Tools) -> None:
    """The flagged article keeps its text; of the other one is known what it was. Twice does no more."""
    size = sum(len((a.body + a.summary).encode()) for a in all_articles(tools) if a.title == "Small news")
    first, again = run(tools), run(tools)
    big, small = all_articles(tools)

    assert (first, again) == ({"pruned": 1, "bytes": size}, {})
    assert (big.body_source, DEAL in big.body) == (BodySource.PAGE, True)
    assert (small.body_source, small.body, small.summary) == (BodySource.PRUNED, "", "")
    assert (small.title, small.url.endswith("/b"), small.body_note) == ("Small news", True, "pruned on 2026-06-09")


def test_a_dry_run_counts_and_changes_nothing(tools: Tools) -> None:
    """It says what a run then does."""
    would = run(tools, dry_run=True)

    assert BodySource.PRUNED not in [article.body_source for article in all_articles(tools)]
    assert would == run(tools)


@pytest.mark.parametrize("bodies", ["365d", 0])
def test_what_is_to_be_kept_is_kept(web: Web, make: MakeTools, clock: FixedClock, bodies: str | int) -> None:
    """What is younger than `retention.bodies`, and everything where that is 0."""
    tools = make(publish(web), retention={"bodies": bodies})
    poll(tools)
    ingest(tools)
    clock.advance(days=100)

    assert run(tools) == {}


def test_a_stop_ends_it_between_portions(tools: Tools) -> None:
    """Nothing is begun once a stop is asked for."""
    stop = Event()
    stop.set()

    assert prune(tools.settings, tools.store, tools.clock.now(), stop).counts == {}


def test_many_go_in_portions(make: MakeTools, clock: FixedClock) -> None:
    """All of them, however many."""
    tools = make()
    with tools.store.write() as session:
        for n in range(1201):
            session.add(
                Article(identity=f"{n}", url="", title="", found_at=clock.now() - timedelta(days=100), body="12345")
            )

    assert run(tools) == {"pruned": 1201, "bytes": 6005}


def test_what_is_pruned_does_not_come_back_as_new(tools: Tools, web: Web) -> None:
    """Listed again, by the same feed or by another, it is the article that it was; nothing is read or told."""
    run(tools)
    told = len(all_deliveries(tools))
    web.set("/other", web.answers["/feed"].body, RSS)  # type: ignore[union-attr]
    with tools.store.write() as session:
        known = [feeds.Known(f"{web.base}/{name}", name, "press") for name in ("feed", "other")]
        feeds.sync(session, known, tools.clock.now())
    poll(tools)

    assert [article.title for article in all_articles(tools)] == ["Big news", "Small news"]
    assert batch(tools, INGEST) is None
    assert len(all_deliveries(tools)) == told
    assert all_articles(tools)[1].body_source is BodySource.PRUNED


def test_an_edit_reads_it_again(tools: Tools, web: Web) -> None:
    """It is the same article with its text back, no version of nothing is kept, and what it now says is judged."""
    run(tools)
    before = all_articles(tools)[1]
    publish(web, f"Now mended. {DEAL}")
    poll(tools)
    ingest(tools)
    after = all_articles(tools)[1]

    assert (after.id, after.identity, after.edits) == (before.id, before.identity, 1)
    assert (after.body_source, DEAL in after.body) == (BodySource.PAGE, True)
    with tools.store.read() as session:
        assert articles.earlier(session, after.id or 0) == []
    assert [row.article_id for row in all_deliveries(tools)][-1] == after.id


def test_an_edit_whose_page_is_gone(tools: Tools, web: Web) -> None:
    """Its text is then the feed's, and said to be."""
    run(tools)
    publish(web, "Something else entirely.")
    web.set("/b", "")
    poll(tools)
    ingest(tools)

    assert all_articles(tools)[1].body_source is BodySource.FEED


def test_replay_leaves_it_out_and_says_so(tools: Tools) -> None:
    """A title alone is no piece to judge: the pruned are counted instead."""
    run(tools)
    result = replay(tools.settings, tools.store, tools.clock.now(), apply=True)

    assert (result.judged, result.pruned, result.flagged) == (1, 1, {"test-deals": 1})


def test_a_label_of_it_teaches_nothing(tools: Tools) -> None:
    """Nor is the watch measured on it."""
    run(tools)
    with tools.store.write() as session:
        for article in session.exec(select(Article)).all():
            labels.put(session, article.id or 0, "test-deals", mentions=True, about=True, now=tools.clock.now())

    assert [item.title for item, _ in from_store(tools.store, "test-deals")] == ["Big news"]


def test_what_a_person_labelled_is_kept(tools: Tools) -> None:
    """It is what watches are measured on."""
    with tools.store.write() as session:
        labels.put(
            session, all_articles(tools)[1].id or 0, "test-deals", mentions=False, about=False, now=tools.clock.now()
        )

    assert run(tools) == {}
