"""A thread for each channel."""

from __future__ import annotations

from threading import Barrier, Event, Lock, Thread

import pytest

from pipeline.engine.couriers import Couriers


def test_none_waits_for_another() -> None:
    """While one channel hangs, all others are served; the one that hangs is looked at again once it hangs no more."""
    hanging, done, lock, free = Event(), [], Lock(), Event()

    def work(channel: str) -> None:
        if channel == "slow":
            hanging.set()
            free.wait(60)
        with lock:
            done.append(channel)

    couriers = Couriers(work)
    couriers.rouse(["slow"])
    assert hanging.wait(60)
    for _ in range(3):
        couriers.rouse(["slow", *(f"channel {n}" for n in range(40))])
    while not {f"channel {n}" for n in range(40)} <= set(done):
        free.wait(0.01)
    before = done.count("slow")
    free.set()
    couriers.join()

    assert (before, done.count("slow")) == (0, 2)


def test_side_by_side() -> None:
    """All channels are at work at the same time."""
    together = Barrier(8, timeout=60)
    couriers = Couriers(lambda _: together.wait() and None)
    couriers.rouse(f"channel {n}" for n in range(8))
    couriers.join()

    assert not together.broken


def test_an_idle_channel_can_be_roused_again() -> None:
    """What comes up after a courier has ended is brought by the next."""
    done: list[str] = []
    couriers = Couriers(done.append)
    for _ in range(3):
        couriers.rouse(["desk"])
        couriers.join()

    assert done == ["desk"] * 3


def test_a_machine_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A channel whose thread could not begin is roused again later."""

    def fail(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    done: list[str] = []
    couriers = Couriers(done.append)
    with monkeypatch.context() as patched:
        patched.setattr(Thread, "start", fail)
        with pytest.raises(RuntimeError):
            couriers.rouse(["desk"])
    couriers.join()
    couriers.rouse(["desk"])
    couriers.join()

    assert done == ["desk"]
