"""The outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect

from pipeline.models import Delivery, DeliveryState
from pipeline.store import Store, outbox
from tests.store.conftest import NOW

LATER = NOW + timedelta(hours=1)


def add(store: Store, key: str, channels: Sequence[str]) -> int:
    with store.write() as session:
        return outbox.add(session, key=key, channels=channels, kind="alert", subject=key, payload={"a": 1}, now=NOW)


def mark(store: Store, state: DeliveryState, *rows: Delivery) -> None:
    with store.write() as session:
        for row in rows:
            row.state = state
            outbox.save(session, row)


def rows(store: Store) -> list[Delivery]:
    """All deliveries, oldest first."""
    with store.read() as session:
        return outbox.listing(session)[::-1]


def test_one_delivery_for_each_key_and_channel(store: Store) -> None:
    """What was written once is not written again; a new channel gets its own, and every one an id of its own."""
    added = [add(store, "alert:1:w", ["desk", "inbox"]), add(store, "alert:1:w", ["desk", "inbox", "late"])]
    added += [add(store, "alert:2:w", ["desk"]), add(store, "alert:3:w", [])]

    assert added == [2, 1, 1, 0]
    assert [(row.key, row.channel) for row in rows(store)] == [
        ("alert:1:w:desk", "desk"),
        ("alert:1:w:inbox", "inbox"),
        ("alert:1:w:late", "late"),
        ("alert:2:w:desk", "desk"),
    ]
    assert len({row.uid for row in rows(store)}) == 4


def test_has_looks_for_the_whole_key(store: Store) -> None:
    """A key that merely begins alike, or fits as a pattern, does not count."""
    add(store, "digest:2026-03-10", ["desk"])

    with store.read() as session:
        assert outbox.has(session, "digest:2026-03-10")
        assert not outbox.has(session, "digest:2026-03-1")
        assert not outbox.has(session, "digest:2026_03_10")


def test_leases_are_exclusive_until_they_end(store: Store) -> None:
    """What one has leased another does not get, until the lease ends or is given back."""
    add(store, "k", ["a", "b"])
    ids = [row.id or 0 for row in rows(store)]
    got = []
    for now in (NOW, NOW, LATER):
        with store.write() as session:
            taken = outbox.still_due(session, ids[::-1], now)
            outbox.take(taken, now + timedelta(minutes=10))
            got.append(([row.id for row in taken], outbox.due(session, now, 10)))
    with store.write() as session:
        outbox.release(session, ids[:1])
        freed = outbox.due(session, LATER, 10)

    assert got == [(ids[::-1], []), ([], []), (ids[::-1], [])]
    assert freed == ids[:1]


def test_retry_revives_the_dead_and_hastens_the_waiting(store: Store) -> None:
    """Sending again by hand starts the schedule anew, and never touches what was delivered."""
    add(store, "k", ["dead", "waiting", "delivered"])
    dead, waiting, delivered = rows(store)
    dead.attempts, waiting.attempts, waiting.next_try = 10, 2, LATER
    mark(store, DeliveryState.DEAD, dead)
    mark(store, DeliveryState.PENDING, waiting)
    mark(store, DeliveryState.DELIVERED, delivered)
    with store.read() as session:
        before = ([row.channel for row in outbox.dead(session)], outbox.counts(session))
    with store.write() as session:
        count = outbox.retry(session, [row.id or 0 for row in (dead, waiting, delivered)], NOW)

    assert before == (["dead"], {"dead": 1, "pending": 1, "delivered": 1})
    assert count == 2
    with store.read() as session:
        assert outbox.due(session, NOW, 10) == [dead.id, waiting.id]
        assert outbox.counts(session) == {"pending": 2, "delivered": 1}
        revived = outbox.get(session, dead.id or 0)
        assert revived
        assert (revived.attempts, revived.uid) == (1, dead.uid)


def test_listing_by_state(store: Store) -> None:
    """Newest first, of one state or all, at most so many."""
    add(store, "k", ["a", "b", "c"])
    mark(store, DeliveryState.DEAD, rows(store)[1])

    with store.read() as session:
        assert [row.channel for row in outbox.listing(session)] == ["c", "b", "a"]
        assert [row.channel for row in outbox.listing(session, "dead")] == ["b"]
        assert [row.channel for row in outbox.listing(session, most=1)] == ["c"]


def test_what_is_on_its_way_is_not_sent_again_by_hand(store: Store) -> None:
    """A retry leaves alone what another process holds at this moment."""
    add(store, "alert:1:w", ["desk"])
    with store.write() as session:
        [row] = outbox.still_due(session, [1], NOW)
        outbox.take([row], LATER)
    with store.write() as session:
        during = outbox.retry(session, [row.id or 0], NOW)
    with store.write() as session:
        after = outbox.retry(session, [row.id or 0], LATER)

    assert (during, after) == (0, 1)


def test_what_is_due_by_channel(store: Store) -> None:
    """One channel's share, and the names of those that have any; what is taken or waits is none of it."""
    add(store, "k", ["a", "b", "c"])
    a, b, c = rows(store)
    b.next_try = LATER
    c.lease_until = LATER
    mark(store, DeliveryState.PENDING, b, c)

    with store.read() as session:
        assert outbox.channels_due(session, NOW) == ["a"]
        assert [outbox.due(session, NOW, 10, name) for name in "abc"] == [[a.id], [], []]
        assert [row.channel for row in outbox.untried(session, "b", NOW)] == ["b"]
        assert outbox.channels_due(session, LATER) == ["a", "b", "c"]


def test_what_went_within_the_hour(store: Store) -> None:
    """Messages with alerts that arrived or are on their way count; digests, and what went within others, do not."""
    add(store, "k", ["a", "b"])
    for number in range(5):
        add(store, f"k{number}", ["a"])
    old, _, new, flying, digest, gathered, pending = rows(store)
    old.delivered_at, new.delivered_at = NOW - timedelta(hours=2), NOW - timedelta(minutes=5)
    digest.delivered_at, digest.kind = NOW, "digest"
    flying.lease_until = LATER
    mark(store, DeliveryState.DELIVERED, old, new, digest)
    mark(store, DeliveryState.GATHERED, gathered)
    mark(store, DeliveryState.PENDING, flying, pending)

    with store.read() as session:
        assert outbox.sent_since(session, "a", NOW - timedelta(hours=1), NOW) == [new.delivered_at, NOW]


def test_pages_of_deliveries(store: Store) -> None:
    """Newest first, of one state and channel or of all, each with how many there are; the payload is not loaded."""
    for key in ("k1", "k2"):
        add(store, key, ["a", "b"])
    mark(store, DeliveryState.DEAD, *rows(store)[1:3])

    def page(**wanted: Any) -> tuple[list[str], int]:
        with store.read() as session:
            found, total = outbox.page(session, **wanted)
            assert all("payload" in inspect(row).unloaded for row in found)
            return [row.key for row in found], total

    assert page() == (["k2:b", "k2:a", "k1:b", "k1:a"], 4)
    assert page(state="dead") == (["k2:a", "k1:b"], 2)
    assert page(channel="a") == (["k2:a", "k1:a"], 2)
    assert page(state="dead", channel="b") == (["k1:b"], 1)
    assert page(page=2, size=3) == (["k1:a"], 4)
    assert page(state="none such") == ([], 0)


def test_where_the_last_edition_left_off(store: Store) -> None:
    """The latest end before the given time: neither what is still to come, nor a preview, nor an alert counts."""
    with store.write() as session:
        for key, hours in (("digest:2026-03-09", -24), ("digest:2026-03-10", 0), ("preview:2026-03-10:1", -1)):
            payload = {"end": (NOW + timedelta(hours=hours)).isoformat()}
            outbox.add(session, key=key, channels=["a", "b"], kind="digest", subject="", payload=payload, now=NOW)
    with store.read() as session:
        found = [outbox.last_edition_end(session, NOW + timedelta(hours=hours)) for hours in (-30, -24, -1, 0, 1)]

    assert found == [None, None, NOW - timedelta(hours=24), NOW - timedelta(hours=24), NOW]


def test_all_dead_ones_go_out_again(store: Store) -> None:
    """Of one channel, then of all; what is in another state stays as it is."""
    for key in "abc":
        add(store, key, ["desk", "inbox"])
    mark(store, DeliveryState.DEAD, *[row for row in rows(store) if row.subject != "c"])
    mark(store, DeliveryState.MUTED, *[row for row in rows(store) if row.subject == "c"])
    with store.write() as session:
        counts = [outbox.retry_dead(session, LATER, "desk"), outbox.retry_dead(session, LATER)]

    assert counts == [2, 2]
    assert [row.state for row in rows(store)] == ["pending"] * 4 + ["muted"] * 2
    assert {row.next_try for row in rows(store)[:4]} == {LATER}
