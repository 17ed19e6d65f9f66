"""From a feed on a web server to a message told."""

from __future__ import annotations

from pipeline.domain import Message
from pipeline.engine.stages import once
from pipeline.store import articles, outbox
from tests.conftest import MakeTools
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, page, rss


def test_a_flagged_article_is_told_once(web: Web, make_tools: MakeTools, said: list[Message]) -> None:
    """One article that matches makes one message, however often the feed is polled."""
    web.set("/a", page("Big news", DEAL))
    web.set("/b", page("Small news", OTHER))
    items = [
        {"title": "Big news", "link": f"{web.base}/a", "guid": "a"},
        {"title": "Small news", "link": f"{web.base}/b", "guid": "b"},
    ]
    tools = make_tools(web.set("/feed", rss(items), "application/rss+xml", ETag='"1"'))

    once(tools, lambda *_: None)
    once(tools, lambda *_: None)

    assert [message.subject for message in said] == ["Test deals: Big news"]
    with tools.store.read() as session:
        assert articles.bodies(session) == {"page": 2}
        assert outbox.counts(session) == {"delivered": 1}
