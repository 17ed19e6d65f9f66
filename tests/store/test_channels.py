"""Disabled channels and mutes."""

from __future__ import annotations

from datetime import timedelta

from pipeline.models import Disabled, Mute
from pipeline.store import Store, channels
from tests.store.conftest import NOW


def test_disabled_channels_and_mutes_in_force(store: Store) -> None:
    """Every disabled channel is listed by name, and of the mutes those that still run, the first to end first."""
    with store.write() as session:
        session.add_all(Disabled(channel=name, since=NOW, reason="410", address="x") for name in ("b", "a"))
        session.add_all(
            Mute(watch=f"w{hours}", created_at=NOW, until=NOW + timedelta(hours=hours)) for hours in (2, 0, 1)
        )
    with store.read() as session:
        disabled, mutes = channels.disabled(session), channels.mutes(session, NOW)

    assert [row.channel for row in disabled] == ["a", "b"]
    assert [mute.watch for mute in mutes] == ["w1", "w2"]
