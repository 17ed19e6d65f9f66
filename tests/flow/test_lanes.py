"""Lanes: no host holds more threads than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import closing
from functools import partial

import pytest

from pipeline.flow.lanes import Lanes

PATIENCE = 60


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    with closing(Lanes(4, 2, "test")) as made:
        yield made


def test_a_full_lane_holds_up_no_other(lanes: Lanes) -> None:
    """While one host's work hangs in all of its places, another's is done."""
    go = threading.Event()
    hanging = [lanes.submit("slow", lambda: go.wait(PATIENCE)) for _ in range(50)]
    others = [lanes.submit("quick", lambda: 1) for _ in range(50)]
    done, _ = wait(others, PATIENCE)
    running = sum(future.running() for future in hanging)
    go.set()
    ended, _ = wait(hanging, PATIENCE)

    assert len(done) == 50
    assert running <= 2
    assert len(ended) == 50


def test_never_more_at_a_time_than_the_width(lanes: Lanes) -> None:
    """However much is submitted, from however many threads."""
    counting, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with counting:
            now += 1
            most = max(most, now)
        with counting:
            now -= 1

    submitters = [
        threading.Thread(target=lambda: wait([lanes.submit("a", work) for _ in range(200)])) for _ in range(4)
    ]
    for thread in submitters:
        thread.start()
    for thread in submitters:
        thread.join(PATIENCE)

    assert 1 <= most <= 2


def test_what_is_urgent_goes_first() -> None:
    """Before all that waits, in its lane and in others, and then in the order in which it came."""
    go, done = threading.Event(), []
    with closing(Lanes(1, 1, "test")) as lanes:
        futures = [lanes.submit("a", lambda: go.wait(PATIENCE))]
        for number, (lane, urgent) in enumerate([("a", False), ("b", False), ("a", True), ("b", True)]):
            futures.append(lanes.submit(lane, partial(done.append, number), urgent))
        go.set()
        wait(futures, PATIENCE)

    assert done == [2, 3, 0, 1]


def test_some_threads_are_kept_for_what_is_urgent() -> None:
    """It is done while all else hangs, however much there is; and takes the other threads too when they are free."""
    go = threading.Event()
    with closing(Lanes(4, 1, "test", kept=1)) as lanes:
        hanging = [lanes.submit(f"host {n}", lambda: go.wait(PATIENCE)) for n in range(9)]
        lanes.submit("urgent", lambda: None, urgent=True).result(PATIENCE)
        running = sum(future.running() for future in hanging)
        go.set()
        wait(hanging, PATIENCE)
        together = threading.Barrier(4, timeout=PATIENCE)
        wait([lanes.submit(f"host {n}", together.wait, urgent=True) for n in range(4)], PATIENCE)

    assert running == 3
    assert not together.broken


def test_how_much_more_there_should_be() -> None:
    """Two pieces for each thread, no lane counting for more than it does at a time; and none while that is little."""
    go = threading.Event()

    def hang(lane: str, *, urgent: bool = False) -> Future[bool]:
        return lanes.submit(lane, lambda: go.wait(PATIENCE), urgent)

    with closing(Lanes(4, 2, "test")) as lanes:
        empty = lanes.room(), lanes.urgent_room(), lanes.full()
        futures = [hang("slow", urgent=n == 0) for n in range(5)]
        slow = lanes.room(), lanes.urgent_room(), lanes.full()
        futures += [hang(f"host {n}") for n in range(4)]
        some = lanes.room()
        futures.append(hang("one more"))
        little = lanes.room()
        go.set()
        wait(futures, PATIENCE)

    assert empty == (8, 8, frozenset())
    assert slow == (6, 7, {"slow"})
    assert (some, little) == (2, 0)


def test_what_waits_can_be_cancelled(lanes: Lanes) -> None:
    """And what is cancelled is not done."""
    go, done = threading.Event(), []
    for _ in range(2):
        lanes.submit("a", lambda: go.wait(PATIENCE))
    cancelled = [lanes.submit("a", lambda: done.append(1)) for _ in range(3)]
    kept = lanes.submit("a", lambda: done.append(2))

    assert all(future.cancel() for future in cancelled)
    go.set()
    kept.result(PATIENCE)
    assert done == [2]


def test_an_error_is_for_whoever_waits(lanes: Lanes) -> None:
    """It reaches the future, and the lane goes on."""
    failed = lanes.submit("a", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        failed.result(PATIENCE)
    assert lanes.submit("a", lambda: 3).result(PATIENCE) == 3


def test_lanes_in_no_use_are_forgotten(lanes: Lanes) -> None:
    """A daemon that sees many hosts does not keep them."""
    wait([lanes.submit(f"host {number}", lambda: None) for number in range(500)], PATIENCE)
    last = threading.Event()
    lanes.submit("last", last.set)
    last.wait(PATIENCE)

    assert len(lanes) <= 4
