"""Feeds in the store."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from pipeline.models import Listing
from pipeline.store import Store, copied, feeds
from pipeline.store.feeds import Known, Listed
from tests.store.conftest import NOW, add, entry, feed_ids

A, B = "https://a.example/feed", "https://b.example/feed"
LATER = NOW + timedelta(hours=1)


def test_sync_adds_renames_rests_and_revives(store: Store) -> None:
    """The stored feeds follow the configuration, and one that comes back finds its state again."""
    with store.write() as session:
        feeds.sync(session, [Known(A, "a", "press"), Known(B, "b", "press")], NOW)
    with store.write() as session:
        [feed] = [f for f in feeds.all_active(session) if f.url == B]
        feed.etag = '"1"'
        feeds.save(session, [feed])
    with store.write() as session:
        feeds.sync(session, [Known(A, "renamed", "official")], LATER)
    with store.read() as session:
        alone = feeds.all_active(session)
        due = feeds.due(session, LATER, 10)
    with store.write() as session:
        feeds.sync(session, [Known(A, "renamed", "official"), Known(B, "b", "press")], LATER)

    assert [(f.name, f.tier, f.created_at) for f in alone] == [("renamed", "official", NOW)]
    assert due == [alone[0].id]
    with store.read() as session:
        back = next(f for f in feeds.all_active(session) if f.url == B)
        assert (back.etag, back.created_at) == ('"1"', NOW)


def test_due_is_longest_waiting_first_and_bounded(store: Store) -> None:
    """Only feeds whose time has come are due, at most as many as asked for."""
    with store.write() as session:
        first, second, third = feed_ids(session, A, B, "https://c.example/feed")
        for id_, minutes in ((first, -5), (second, -50), (third, 5)):
            feeds.get(session, [id_])[0].next_poll = NOW + timedelta(minutes=minutes)

    with store.read() as session:
        assert feeds.due(session, NOW, 10) == [second, first]
        assert feeds.due(session, NOW, 1) == [second]
        assert feeds.next_due(session) == NOW - timedelta(minutes=50)


def test_make_due(store: Store) -> None:
    """Every active feed can be made due at once."""
    with store.write() as session:
        ids = feed_ids(session, A, B)
        for feed in feeds.get(session, ids):
            feed.next_poll = LATER
    with store.write() as session:
        feeds.make_due(session, NOW)

    with store.read() as session:
        assert sorted(feeds.due(session, NOW, 10)) == sorted(ids)


def test_leases_are_exclusive_until_they_end(store: Store) -> None:
    """What one has leased another does not get, until the lease ends or is given back."""
    with store.write() as session:
        ids = feed_ids(session, A)
    got = []
    for now in (NOW, NOW, LATER):
        with store.write() as session:
            got.append(len(feeds.lease(session, ids, now, now + timedelta(minutes=10))))
    with store.write() as session:
        feeds.release(session, ids)
        got.append(len(feeds.lease(session, ids, LATER, LATER + timedelta(minutes=10))))

    assert got == [1, 0, 1, 1]


def test_failing_lists_the_worst_first(store: Store) -> None:
    """Feeds with so many failures in a row, worst first; resting ones are left out."""
    with store.write() as session:
        ids = feed_ids(session, A, B, "https://c.example/feed")
        for feed, failures in zip(sorted(feeds.get(session, ids), key=lambda f: f.url), (1, 4, 9), strict=True):
            feed.failures = failures
    with store.write() as session:
        feeds.sync(session, [Known(A, "a", "press"), Known(B, "b", "press")], NOW)

    with store.read() as session:
        assert [f.name for f in feeds.failing(session)] == ["b", "a"]
        assert feeds.first_created(session) == NOW


def test_a_poll_under_way_does_not_bring_back_a_removed_feed(store: Store) -> None:
    """Storing how a poll went leaves alone what the configuration decided meanwhile."""
    with store.write() as session:
        feeds.sync(session, [feeds.Known("https://a.example/f", "Old", "press")], NOW)
    with store.write() as session:
        [polled] = feeds.lease(session, [1], NOW, NOW)
    with store.write() as session:
        feeds.sync(session, [], NOW)
        polled.etag = "new"
        feeds.save(session, [polled])
    with store.read() as session:
        [stored] = feeds.get(session, [1])

    assert (stored.active, stored.etag) == (False, "new")


def test_what_feeds_list_is_counted(store: Store) -> None:
    """Each entry once, with how many had been listed before; polling that is saved meanwhile does not undo it."""
    with store.write() as session:
        feed_ids(session, A, B)
        stale = copied(next(feed for feed in feeds.all_active(session) if feed.url == B))
    one, two = entry("1", "https://x.example/1"), entry("2", "https://x.example/2")
    add(store, (A, [one]), (B, [one, two]), (B, [two]))
    with store.write() as session:
        feeds.save(session, [stale])
    with store.read() as session:
        ids = {feed.url: feed.id or 0 for feed in feeds.all_active(session)}

        assert feeds.listed_counts(session) == {ids[A]: Listed(1, 0), ids[B]: Listed(2, 1)}


def test_entries_by_day(store: Store) -> None:
    """For each of the last days, the oldest first; what came before, and a feed that brought nothing, is left out."""
    seen = {1: 0.5, 2: 1.5, 3: 1.6, 4: 2.0, 5: 3.1}
    add(store, (A, [entry(str(n), f"https://x.example/{n}") for n in seen]), (B, []))
    with store.write() as session:
        [feed] = [feed.id or 0 for feed in feeds.all_active(session) if feed.url == A]
        for listing in session.exec(select(Listing)):
            listing.seen_at = NOW - timedelta(days=seen[listing.article_id])

        assert feeds.daily_counts(session, 3, NOW) == {feed: [0, 3, 1]}
        assert feeds.daily_counts(session, 4, NOW) == {feed: [1, 0, 3, 1]}


def test_some_are_made_due(store: Store) -> None:
    """Those that are named; one that rests stays at rest."""
    with store.write() as session:
        a, b = feed_ids(session, A, B)
    with store.write() as session:
        for feed in feeds.get(session, [a, b]):
            feed.next_poll = LATER
    with store.write() as session:
        feeds.make_due(session, NOW, [a])
    with store.read() as session:
        due = feeds.due(session, NOW, 10)

    assert due == [a]


def test_what_happened_to_a_feed(store: Store) -> None:
    """The latest first, at most as many as asked for, and nothing of others."""
    with store.write() as session:
        a, b = feed_ids(session, A, B)
        for feed, note in ((a, "first"), (b, "other"), (a, "second"), (a, "third")):
            feeds.report(session, feeds.get(session, [feed])[0], note, NOW)
    with store.read() as session:
        notes = [event.note for event in feeds.events(session, a, 2)]

    assert notes == ["third", "second"]
