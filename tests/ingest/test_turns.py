"""Whose turn it is at a host."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pipeline.errors import FetchError
from pipeline.ingest.fetch import Fetcher, Limits
from pipeline.ingest.turns import Turns
from tests.ingest.servers import AGENT, LOOPBACK
from tests.support.web import Answer, Request, Web


def at_once(count: int, work: Callable[[], object]) -> None:
    """Do the work in so many threads."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def noted(web: Web) -> list[float]:
    """When each request to `/` came, once some have."""
    times: list[float] = []

    def answer(_: Request) -> Answer:
        times.append(time.monotonic())
        return Answer(b"x")

    web.answers["/"] = answer
    return times


def test_one_host_is_not_stormed(web: Web) -> None:
    """No more requests run at a host at one time than `per_host`."""
    running: list[int] = []
    most: list[int] = []

    def answer(_: Request) -> Answer:
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        return Answer(b"x")

    web.answers["/"] = answer
    fetcher = Fetcher(AGENT, Limits(per_host=2, allow_private=LOOPBACK))
    at_once(10, lambda: fetcher.get(web.base + "/"))

    assert len(web.requests) == 10
    assert max(most) <= 2


def test_requests_to_a_host_are_spaced(web: Web) -> None:
    """So long lies between the starts of two, whoever asks; waiting for it does not count against the deadline."""
    times = noted(web)
    fetcher = Fetcher(AGENT, Limits(timeout=20, per_host=4, allow_private=LOOPBACK, spacing=0.2))
    began = time.monotonic()
    at_once(6, lambda: fetcher.get(web.base + "/"))

    assert len(times) == 6
    # The server may see one late and the next in time, but all of them never sooner than their turns.
    assert all(came - began >= 0.2 * number for number, came in enumerate(sorted(times)))


def test_waiting_is_not_fetching() -> None:
    """The wait for a turn is put on top of the deadline."""
    fetcher = Fetcher(AGENT, Limits(timeout=20, spacing=0.3))
    began = time.monotonic()
    with fetcher._deadline():
        for _ in range(3):
            with fetcher._turn("a.example"):
                left = fetcher._bounds.remaining()
        passed = time.monotonic() - began

    assert left + passed > 20.5


def test_webhooks_wait_for_nobody(web: Web) -> None:
    """A POST goes to the user's own receiver: it waits for no spacing, and for no place that others hold there."""
    hanging, free = threading.Event(), threading.Event()

    def hang(_: Request) -> Answer:
        hanging.set()
        free.wait(60)
        return Answer("")

    web.answers["/slow"] = hang
    web.set("/", "")
    fetcher = Fetcher(AGENT, Limits(timeout=90, per_host=1, allow_private=LOOPBACK, spacing=3600))
    slow = threading.Thread(target=fetcher.get, args=[f"{web.base}/slow"])
    slow.start()
    assert hanging.wait(60)
    for _ in range(3):
        fetcher.post(web.base + "/", b"x", {})
    free.set()
    slow.join()

    assert [(request.method, request.path) for request in web.requests] == [("GET", "/slow")] + [("POST", "/")] * 3


def test_hosts_do_not_wait_for_each_other() -> None:
    """Spacing is by host."""
    turns = Turns(per_host=1, spacing=3600)
    for number in range(5):
        with turns.turn(f"{number}.example"):
            pass

    assert len(turns) == 5


def test_redirects_are_spaced_by_their_host(web: Web) -> None:
    """Every request counts at the host that it goes to, also one that a redirect leads to."""
    times = noted(web)
    web.answers["/go"] = Answer(b"", 302, {"Location": "/"})
    fetcher = Fetcher(AGENT, Limits(allow_private=LOOPBACK, spacing=0.3))
    began = time.monotonic()
    fetcher.get(web.base + "/go")

    assert times[0] - began >= 0.3


def test_a_host_may_ask_for_more() -> None:
    """`pace` widens the spacing of one host, and never narrows that of the configuration."""
    turns = Turns(per_host=1, spacing=0.2)
    began = time.monotonic()
    turns.pace("slow.example", 0.5)
    turns.pace("fast.example", 0.01)
    for host in ("slow.example", "fast.example"):
        for _ in range(2):
            with turns.turn(host):
                pass

    assert time.monotonic() - began >= 0.7


def test_closing_sends_waiters_away() -> None:
    """Whoever waits for a turn is sent away at once when the fetcher is closed."""
    fetcher = Fetcher(AGENT, Limits(per_host=4, spacing=3600))
    with fetcher._turn("a.example"):
        pass
    sent: list[Exception] = []

    def wait() -> None:
        try:
            with fetcher._turn("a.example"):
                pass
        except FetchError as error:
            sent.append(error)

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    fetcher.close()
    for thread in threads:
        thread.join(60)

    assert [str(error) for error in sent] == ["the fetcher has been closed"] * 4
    assert all(error.retry for error in sent if isinstance(error, FetchError))


def test_hosts_are_forgotten() -> None:
    """However many hosts are seen, only those of late are remembered."""
    at = 0.0
    turns = Turns(per_host=1, spacing=1, now=lambda: at)
    for number in range(20_000):
        at += 0.01
        with turns.turn(f"{number}.example"):
            pass

    assert len(turns) < 2000


def test_a_host_in_use_is_not_forgotten() -> None:
    """Hosts that someone stands at, or that must not be asked yet, outlive any number of others."""
    at = 0.0
    turns = Turns(per_host=1, spacing=0, now=lambda: at)
    turns.pace("rests.example", 10_000)

    def wait() -> None:
        with turns.turn("busy.example"):
            pass

    with turns.turn("rests.example"), turns.turn("busy.example"):
        for number in range(5000):
            with turns.turn(f"{number}.example"):
                pass
        other = threading.Thread(target=wait, daemon=True)
        other.start()
        other.join(0.2)

        assert other.is_alive()

    other.join(60)
