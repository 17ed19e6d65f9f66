"""How much waits in the queues."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from pipeline.models import Article, Delivery, DeliveryState, Disabled, Feed, Match
from pipeline.store import Store
from pipeline.store.pressure import Waiting, pressure
from tests.store.conftest import NOW


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def feed(name: str, next_poll: float, **more: object) -> Feed:
    return Feed(
        url=f"https://{name}.example/", name=name, tier="press", created_at=NOW, next_poll=at(next_poll), **more
    )


def article(name: str, found: float, next_try: float | None) -> Article:
    next_at = None if next_try is None else at(next_try)
    return Article(identity=name, url="", title=name, found_at=at(found), next_try=next_at)


def delivery(key: str, channel: str, created: float, next_try: float, **more: object) -> Delivery:
    return Delivery(
        key=key,
        uid=key,
        channel=channel,
        kind="alert",
        subject=key,
        created_at=at(created),
        next_try=at(next_try),
        **more,
    )


def filled(store: Store) -> None:
    """Something of each sort, due and not."""
    with store.write() as session:
        session.add_all([feed("a", -5), feed("b", 5, failures=2), feed("c", -50, active=False)])
        session.add_all([article("old", -500, None), article("x", -30, -20), article("y", -60, 20)])
        session.add_all(
            [
                delivery("1", "desk", -90, -70),
                delivery("2", "desk", -80, 5, attempts=1),
                delivery("3", "gone", -10, -10),
                delivery("4", "desk", -10, 30),
                delivery("5", "desk", -99, -99, state=DeliveryState.DEAD),
                delivery("6", "inbox", -99, -99, state=DeliveryState.DELIVERED),
            ]
        )
        session.add(Disabled(channel="gone", since=NOW, reason="410", address=""))
        session.flush()
        session.add(Match(article_id=1, watch="w", matched_at=NOW))


def test_pressure(store: Store) -> None:
    """Sizes, what is due and since when, deliveries by state and channel, and what is held back."""
    filled(store)
    with store.read() as session:
        found = pressure(session, NOW)

    assert found.queues == {
        "poll": Waiting(2, 1, at(-5), at(-5)),
        "ingest": Waiting(2, 1, at(-20), at(-60)),
        "deliver": Waiting(4, 2, at(-70), at(-90)),
    }
    assert found.deliveries == {
        ("pending", "desk"): 3,
        ("pending", "gone"): 1,
        ("dead", "desk"): 1,
        ("delivered", "inbox"): 1,
    }
    assert (found.held, found.overdue) == (2, {"desk": at(-70), "gone": at(-10)})
    assert (found.disabled, found.failing_feeds, found.matches) == ({"gone"}, 1, {"w": 1})


def test_pressure_on_nothing(store: Store) -> None:
    """An empty store weighs nothing."""
    with store.read() as session:
        found = pressure(session, NOW)

    assert set(found.queues.values()) == {Waiting(0, 0, None, None)}
    assert (found.deliveries, found.held, found.overdue, found.matches) == ({}, 0, {}, {})


@pytest.mark.sqlite
def test_no_table_that_grows_is_walked(store: Store) -> None:
    """Of articles and deliveries only those that wait are looked at; to count deliveries by state takes an index."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)
            given.append(parameters)

    given: list[object] = []
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with store.read() as session:
            pressure(session, NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    engine = create_engine(f"sqlite:///{store.name}")
    with engine.connect() as connection:
        plans = [
            row[3]
            for statement, parameters in zip(statements, given, strict=True)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
        ]
    engine.dispose()

    by_age = "ix_article_found_at"  # to find the oldest that waits by it, all that wait no more are passed
    walked = [plan for plan in plans if plan.startswith(("SCAN article", "SCAN delivery")) or by_age in plan]
    assert len(statements) > 8
    assert walked == ["SCAN delivery USING COVERING INDEX ix_delivery_due"]
