"""Mutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain import Kind, Status
from pipeline.models import Deal
from pipeline.store import Store, mutes, outbox
from tests.store.conftest import NOW

LATER = NOW + timedelta(days=7)


@pytest.fixture(autouse=True)
def deals(store: Store) -> None:
    """Deals 1 and 2 of the watch w."""
    said = datetime(2026, 3, 1, tzinfo=UTC)
    with store.write() as session:
        for number in (1, 2):
            names = {"watch": "w", "key": str(number), "anchor": str(number), "title": "A deal"}
            session.add(Deal(**names, kind=Kind.COMPUTE, status=Status.SIGNED, first=said, last=said, origins=1))


def add(store: Store, key: str, watch: str, deal_id: int | None, now: datetime = NOW) -> None:
    with store.write() as session:
        of = {"watch": watch, "deal_id": deal_id}
        outbox.add(session, key=key, channels=["desk"], kind="deal", subject=key, payload={}, now=now, **of)


def states(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {row.subject: row.state.value for row in outbox.listing(session)}


def test_what_comes_while_it_is_muted(store: Store) -> None:
    """Deliveries of the muted deal are written as muted, all else goes out; and so does the deal after its time."""
    with store.write() as session:
        mutes.mute(session, "w", 1, LATER, NOW)
    add(store, "muted deal", "w", 1)
    add(store, "other deal", "w", 2)
    add(store, "story", "w", None)
    add(store, "digest", "", None)
    add(store, "afterwards", "w", 1, LATER)

    assert states(store) == {
        "muted deal": "muted",
        "other deal": "pending",
        "story": "pending",
        "digest": "pending",
        "afterwards": "pending",
    }


def test_a_muted_watch(store: Store) -> None:
    """All deals and stories of the watch are covered, and those of no other."""
    with store.write() as session:
        mutes.mute(session, "w", None, LATER, NOW)
    for name, of in {"deal": ("w", 1), "story": ("w", None), "another": ("v", None)}.items():
        add(store, name, *of)

    assert states(store) == {"deal": "muted", "story": "muted", "another": "pending"}


def test_what_waits_is_kept_back_too(store: Store) -> None:
    """A mute covers what waits and was never tried; what was tried may have arrived and is tried on."""
    for name, deal in {"waits": 1, "tried": 1, "under way": 1, "other": 2}.items():
        add(store, name, "w", deal)
    with store.write() as session:
        for row in outbox.listing(session):
            row.attempts = 1 if row.subject == "tried" else 0
            row.lease_until = LATER if row.subject == "under way" else None
    with store.write() as session:
        count = mutes.mute(session, "w", 1, LATER, NOW)

    assert count == 1
    assert states(store) == {"waits": "muted", "tried": "pending", "under way": "pending", "other": "pending"}


def test_muting_again_and_ending(store: Store) -> None:
    """A second mute of the same takes the place of the first; ending it says whether there was one."""
    with store.write() as session:
        mutes.mute(session, "w", 1, NOW + timedelta(days=1), NOW)
        mutes.mute(session, "w", 1, LATER, NOW)
        mutes.mute(session, "w", None, NOW + timedelta(hours=1), NOW)
    with store.read() as session:
        held = [[(m.deal_id, m.until) for m in mutes.in_force(session, at)] for at in (NOW, LATER - timedelta(hours=1))]
    with store.write() as session:
        ended = [mutes.unmute(session, "w", 1), mutes.unmute(session, "w", 1), mutes.unmute(session, "w", 2)]

    assert held == [[(None, NOW + timedelta(hours=1)), (1, LATER)], [(1, LATER)]]
    assert ended == [True, False, False]


def test_a_muted_one_goes_out_by_hand(store: Store) -> None:
    """What a mute kept back is still there to be sent."""
    with store.write() as session:
        mutes.mute(session, "w", 1, LATER, NOW)
    add(store, "muted", "w", 1)
    before = states(store)
    with store.write() as session:
        outbox.retry(session, [row.id or 0 for row in outbox.listing(session)], NOW)

    assert (before, states(store)) == ({"muted": "muted"}, {"muted": "pending"})
