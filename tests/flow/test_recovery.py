"""Making due again what a clock that was wrong put off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pipeline import flow
from pipeline.models import Article, Delivery, Feed
from pipeline.store import Store, articles, feeds, outbox
from tests.conftest import MakeTools
from tests.support.world import FixedClock

Mend = Callable[[Store, datetime], None]


@pytest.fixture
def store(make_tools: MakeTools) -> Store:
    return make_tools("https://a.example/feed").store


def put(store: Store, row: Feed | Article | Delivery) -> int:
    with store.write() as session:
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def feed(now: datetime, **times: datetime | None) -> Feed:
    return Feed(url="https://b.example/feed", name="b", tier="press", created_at=now, interval=900.0, **times)


@pytest.mark.parametrize(
    ("polled", "next_poll", "due"),
    [
        ({"minutes": -5}, {"minutes": 10}, False),
        ({"minutes": 1}, {"minutes": 10}, True),
        ({"days": 365}, {"days": 365, "minutes": 15}, True),
        ({"minutes": -20}, {"minutes": 16}, True),
    ],
    ids=["as it should be", "polled in the future", "a year ahead", "leased by a clock ahead"],
)
@pytest.mark.parametrize("mend", [flow.recover, flow.mend_times])
def test_feeds_do_not_wait_for_a_wrong_time(
    store: Store,
    clock: FixedClock,
    mend: Mend,
    polled: dict[str, float],
    next_poll: dict[str, float],
    due: bool,
) -> None:
    """A feed polled in the future, or put off for longer than its interval, is due now; another one waits."""
    now = clock.now()
    id_ = put(store, feed(now, last_poll=now + timedelta(**polled), next_poll=now + timedelta(**next_poll)))
    mend(store, now)

    with store.read() as session:
        assert (id_ in feeds.due(session, now, 10)) is due


@pytest.mark.parametrize(("hours", "due"), [(2.9, False), (3.1, True)])
def test_articles_do_not_wait_for_a_wrong_time(store: Store, clock: FixedClock, hours: float, due: bool) -> None:
    """An article to be tried again further ahead than its longest wait is due now."""
    now = clock.now()
    id_ = put(store, Article(identity="i", url="", title="t", found_at=now, next_try=now + timedelta(hours=hours)))
    flow.mend_times(store, now)

    with store.read() as session:
        assert (id_ in articles.pending(session, now, 10)) is due


def delivery(now: datetime, **times: datetime | None) -> Delivery:
    """One that was tried before."""
    return Delivery(key="k", uid="u", channel="c", kind="alert", subject="s", attempts=1, created_at=now, **times)


@pytest.mark.parametrize(("hours", "due"), [(47, False), (49, True)])
def test_deliveries_do_not_wait_for_a_wrong_time(store: Store, clock: FixedClock, hours: float, due: bool) -> None:
    """A delivery put off for longer than anything puts one off is due now."""
    now = clock.now()
    id_ = put(store, delivery(now, next_try=now + timedelta(hours=hours)))
    flow.mend_times(store, now)

    with store.read() as session:
        assert (id_ in outbox.due(session, now, 10)) is due


@pytest.mark.parametrize(("minutes", "kept"), [(29, 29), (300, 30)])
def test_leases_are_cut(store: Store, clock: FixedClock, minutes: float, kept: float) -> None:
    """While work goes on, a lease keeps its time, but none runs longer than one taken now."""
    now = clock.now()
    until = now + timedelta(minutes=minutes)
    ids = (
        put(store, feed(now, next_poll=now, lease_until=until)),
        put(store, Article(identity="i", url="", title="t", found_at=now, next_try=now, lease_until=until)),
        put(store, delivery(now, next_try=now, lease_until=until)),
    )
    flow.mend_times(store, now)

    with store.read() as session:
        rows = feeds.get(session, ids[:1])[0], articles.get(session, ids[1]), outbox.get(session, ids[2])
    assert [row and row.lease_until for row in rows] == [now + timedelta(minutes=kept)] * 3


def test_recovery_gives_leases_back(store: Store, clock: FixedClock) -> None:
    """Who holds the store alone takes what another process had, whatever its lease says."""
    now = clock.now()
    id_ = put(store, delivery(now, next_try=now, lease_until=now + timedelta(minutes=29)))
    flow.recover(store, now)

    with store.read() as session:
        assert id_ in outbox.due(session, now, 10)
