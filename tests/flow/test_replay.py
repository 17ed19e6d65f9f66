"""replay: the ledger made anew from stored articles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import delete, update

from pipeline import flow
from pipeline.flow import Tools
from pipeline.flow.replay import Replay, replay
from pipeline.models import Article, Deal, DealChange, Delivery, Mentioned
from pipeline.store import ledger
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, ingest, poll
from tests.support.deals import COMPANIES, LEDGER_WATCH, STORIES, stories
from tests.support.web import Web
from tests.support.world import rss, write_config

WATCH = "test-deals"
NARROW = LEDGER_WATCH | {"none": ["Nvidia"]}


@pytest.fixture
def tools(web: Web, make: MakeTools) -> Tools:
    """After a first run over the sample stories, each deal told as it came."""
    feed = web.set("/feed", stories(web.base), "application/rss+xml")
    made = make(feed, watches={WATCH: LEDGER_WATCH}, companies=COMPANIES)
    poll(made)
    ingest(made)
    return made


def again(tools: Tools, watch: dict[str, Any] = LEDGER_WATCH, **how: Any) -> Replay:
    settings = flow.load_settings(write_config(tools.settings.folder, watches={WATCH: watch}, companies=COMPANIES))
    return replay(settings, tools.store, tools.clock.now(), **how)


def all_deals(tools: Tools) -> dict[str, Deal]:
    with tools.store.read() as session:
        return {deal.key: deal for deal in ledger.find(session, ledger.Filter())}


def kept(tools: Tools) -> list[dict[str, Any]]:
    """The deals, as far as they do not hang on when they were found."""
    return [deal.model_dump() for deal in all_deals(tools).values()]


def empty(tools: Tools) -> None:
    """Forget the ledger and what was told, as if the articles had been stored before there was one."""
    with tools.store.write() as session:
        for table in (Delivery, Mentioned, DealChange, Deal):
            session.exec(delete(table))


def test_the_first_run_finds_the_deals(tools: Tools) -> None:
    """The sample stories tell of three deals."""
    assert sorted(all_deals(tools)) == ["corewell", "nvidia", "oracle"]


def test_replay_reaches_the_same_deals(tools: Tools) -> None:
    """Over a ledger that is there nothing changes, no change is new, and nobody is told."""
    before, told = kept(tools), len(all_deliveries(tools))

    result = again(tools, apply=True)

    assert kept(tools) == before
    assert (result.deals, result.found, result.alerts) == ({WATCH: 3}, {WATCH: 0}, 0)
    assert len(all_deliveries(tools)) == told


@pytest.mark.parametrize("size", [1, 2, 200])
def test_a_ledger_is_made_from_what_is_stored(tools: Tools, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """The same deals as at the first run, whatever portions the articles come in; their changes count as told."""
    before = {deal["key"]: deal["data"] for deal in kept(tools)}
    empty(tools)
    monkeypatch.setattr("pipeline.flow.replay._PORTION", size)

    first = again(tools, apply=True)
    second = again(tools, apply=True, alert=True)

    assert {deal["key"]: deal["data"] for deal in kept(tools)} == before
    assert first.found[WATCH] >= 3
    assert (first.alerts, second.found, second.alerts) == (0, {WATCH: 0}, 0)


def test_replay_tells_only_where_asked(tools: Tools) -> None:
    """With `alert` each deal that is new in the ledger is told, once."""
    before = len(all_deliveries(tools))
    empty(tools)

    result = again(tools, apply=True, alert=True)

    assert result.alerts == len(all_deliveries(tools)) > 0
    assert {row.kind for row in all_deliveries(tools)} == {"deal"}
    assert result.alerts <= before


def test_what_is_flagged_no_more_leaves_the_ledger(tools: Tools) -> None:
    """Its deal is live no more; it keeps its number for when the watch is as before."""
    number = all_deals(tools)["nvidia"].id

    again(tools, NARROW, apply=True)
    without = sorted(all_deals(tools))
    again(tools, apply=True)

    assert without == ["corewell", "oracle"]
    assert all_deals(tools)["nvidia"].id == number


def test_nothing_changes_without_apply(tools: Tools) -> None:
    """The ledger stays as it is, and its figures are not given."""
    before = kept(tools)

    result = again(tools, NARROW)

    assert kept(tools) == before
    assert (result.deals, result.found) == ({}, {})


def test_articles_found_earlier_stay_in_the_ledger(web: Web, make: MakeTools, clock: Any) -> None:
    """With `since` only later articles are read anew; what the earlier ones said still counts."""
    feed = web.set("/feed", stories(web.base, STORIES[:1]), "application/rss+xml")
    tools = make(feed, watches={WATCH: LEDGER_WATCH}, companies=COMPANIES)
    poll(tools)
    ingest(tools)
    clock.advance(days=1)
    web.set("/feed", stories(web.base), "application/rss+xml")
    poll(replace(tools))
    ingest(tools)

    again(tools, LEDGER_WATCH | {"none": ["Oracle"]}, apply=True, since=clock.now())

    assert [source["article"] for source in all_deals(tools)["oracle"].data["sources"]] == [1]


def test_rulings_are_respected(tools: Tools) -> None:
    """A ledger made anew stands as people ruled."""
    from pipeline.domain import Verb
    from pipeline.flow.rulings import Wish, decide

    deals = all_deals(tools)
    wish = Wish(Verb.MERGE, deals["corewell"].id or 0, into=deals["oracle"].id or 0)
    decide(tools.settings, tools.store, [wish], tools.clock.now())
    before = kept(tools)

    again(tools, apply=True)

    assert kept(tools) == before
    assert sorted(all_deals(tools)) == ["nvidia", "oracle"]


def test_articles_of_an_older_store_get_their_sketch(web: Web, make: MakeTools) -> None:
    """Copies are known by it; what was stored before there was any would count as so many independent reports."""
    words = " ".join(f"Detail {number} of the long text is that it goes on." for number in range(20))
    deal = "OpenAI signs a compute contract with Oracle for $30 billion"
    urls = [
        web.set(f"/{name}", rss([item | {"description": f"{deal}. {words}"}]), "application/rss+xml")
        for name in "ab"
        for item in [{"title": f"{deal}, {name} says", "link": f"{web.base}/news/{name}", "guid": name}]
    ]
    tools = make(*urls, watches={WATCH: LEDGER_WATCH}, companies=COMPANIES)
    poll(tools)
    ingest(tools)
    first = all_deals(tools)["oracle"].origins
    empty(tools)
    with tools.store.write() as session:
        session.exec(update(Article).values(fingerprint=""))

    again(tools, apply=True)

    assert (first, all_deals(tools)["oracle"].origins) == (1, 1)
    assert all(article.fingerprint for article in all_articles(tools))
