"""Which articles opened a story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from pipeline.domain import Level
from pipeline.store import Store, stories
from tests.store.conftest import NOW
from tests.support.ledger import article

DAY = timedelta(days=1)


@pytest.mark.parametrize(("least", "found"), [(Level.MENTIONS, ["a", "b", "d"]), (Level.ABOUT, ["a", "d"])])
def test_stories_of_some_days_are_found(store: Store, least: Level, found: list[str]) -> None:
    """Those of the watch, whatever their number, the first one first; none before, after, or that joined another."""
    with store.write() as session:
        last = article(session, "d", NOW + DAY, "w")
        article(session, "early", NOW - 2 * DAY, "w")
        first = article(session, "a", NOW - DAY, "w")
        article(session, "b", NOW, "w", Level.MENTIONS)
        article(session, "late", NOW + 2 * DAY, "w")
        article(session, "other", NOW, "v")
        joined = article(session, "joined", NOW, "w")
        stories.join(session, "w", joined.id or 0, first.id or 0)
        first.origin = "www.wire.example"
    with store.read() as session:
        told = stories.told(session, "w", least, NOW - DAY, NOW + DAY)

    assert [one.title for one in told] == found
    assert (told[0].host, told[-1].host, told[-1].article) == ("wire.example", "news.example", last.id)


@pytest.mark.sqlite
def test_the_latest_headlines_are_found_without_all_others(store: Store) -> None:
    """Those of the articles that came last, as the index has them: not sorted out of all that it ever flagged."""
    plan: list[str] = []

    def note(connection: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            plan.extend(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))

    with store.write() as session:
        for title, watch in (("first", "w"), ("second", "w"), ("other", "v"), ("third", "w")):
            article(session, title, NOW, watch)
        session.flush()
        event.listen(session.connection(), "before_cursor_execute", note)
        found = stories.headlines(session, "w", 2)

    assert found == ["third", "second"]
    assert plan
    assert not [step for step in plan if "ORDER BY" in step]
