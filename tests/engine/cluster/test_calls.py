"""Calls for workers."""

from __future__ import annotations

from contextlib import suppress

import pytest

from pipeline.engine.cluster.calls import DELIVER, INGEST, POLL, PROMISING, Calls, set_up
from pipeline.errors import StoreError
from pipeline.store import Store, calls


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
