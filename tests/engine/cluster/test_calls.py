"""Calls for workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest

from pipeline.engine.cluster.calls import DELIVER, INGEST, POLL, PROMISING, Calls, set_up
from pipeline.errors import StoreError
from pipeline.store import Store, calls, feeds
from tests.engine.daemon import eventually

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PATIENCE = 90


@pytest.fixture(autouse=True)
def _tables(store: Store) -> None:
    set_up(store)
    set_up(store)  # a second time changes nothing


def waiting(store: Store, *names: str) -> set[str]:
    with store.read() as session:
        return calls.waiting(session, names)


def test_a_call_waits_once(store: Store) -> None:
    """What is called for again while it waits stays one, and each of several has its number."""
    made = Calls()
    for times in (1, 1, 3):
        with store.write() as session:
            made.call(session, POLL, times)

    assert waiting(store, "poll#0", "poll#1", "poll#2", "poll#3") == {"poll#0", "poll#1", "poll#2"}


def test_a_call_stands_or_falls_with_its_transaction(store: Store) -> None:
    """What a transaction makes work for is called for in it, or not at all."""
    store.before_commit = Calls().of_what_was_made
    with suppress(StoreError), store.write() as session:
        calls.note(session, INGEST)
        store.before_commit(session)
        raise StoreError("no more")
    before = waiting(store, "ingest#0")
    with store.write() as session:
        calls.note(session, "deliver inbox")

    assert before == set()
    assert waiting(store, "deliver inbox#0", "ingest#0") == {"deliver inbox#0"}


def test_deliveries_go_first_and_then_what_is_promising(store: Store) -> None:
    """In whatever order they were called for."""
    with store.write() as session:
        for what in (INGEST, POLL, PROMISING, f"{DELIVER} inbox"):
            Calls().call(session, what)
    with store.read() as session:
        order = calls.in_order(session)

    assert order == ["deliver", "promising", "ingest", "poll"]


def test_what_two_call_for_at_once_costs_neither_its_transaction(store: Store, url: str) -> None:
    """Of two that make the same call at the same moment one makes none, and commits all else."""
    made, feed = Calls(), feeds.Known("https://n.example/feed", "news", "press")

    def second() -> None:
        with Store(url) as another, another.write(aside=True) as session:
            feeds.sync(session, [feed], NOW)
            made.call(session, POLL)

    with ThreadPoolExecutor(1) as other:
        with store.write() as session:
            made.call(session, POLL)
            second_done = other.submit(second)
            eventually(lambda: _held_up(url), "the second waits for the first")
        second_done.result(PATIENCE)

    with store.read() as session:
        assert [each.name for each in feeds.all_active(session)] == ["news"]
    assert waiting(store, "poll#0") == {"poll#0"}


def _held_up(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall())
