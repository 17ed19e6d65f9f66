"""Channels that are disabled."""

from __future__ import annotations

from pipeline.store import Store, channels, outbox
from tests.store.conftest import NOW
from tests.store.test_outbox import add


def test_disabled_until_enabled(store: Store) -> None:
    """What is for a disabled channel waits, and is due once the channel is enabled; the reason is kept once."""
    add(store, "k", ["a", "b"])
    with store.write() as session:
        first = channels.disable(session, "a", "HTTP 410 Gone", "x", NOW)
        again = channels.disable(session, "a", "another reason", "x", NOW)
    with store.read() as session:
        during = outbox.channels_due(session, NOW)
        listed = [(row.channel, row.since, row.reason, waiting) for row, waiting in channels.disabled(session)]
    with store.write() as session:
        ended = [channels.enable(session, name) for name in ("a", "a", "b")]

    assert (first, again) == (True, False)
    assert (during, listed) == (["b"], [("a", NOW, "HTTP 410 Gone", 1)])
    assert ended == [True, False, False]
    with store.read() as session:
        assert outbox.channels_due(session, NOW) == ["a", "b"]
        assert channels.disabled(session) == []


def test_one_that_leads_elsewhere_is_enabled(store: Store) -> None:
    """A channel with another address than the one that was gone is another channel; so is one that is no more."""
    with store.write() as session:
        for name in ("same", "moved", "removed"):
            channels.disable(session, name, "gone", f"address of {name}", NOW)
        moved = channels.enable_moved(session, {"same": "address of same", "moved": "another"})

    assert sorted(moved) == ["moved", "removed"]
    with store.read() as session:
        assert [row.channel for row, _ in channels.disabled(session)] == ["same"]
