"""The real daemon with very many feeds that are all due at once.

    scripts/trial burst [COUNT]

Every feed must be polled, and no run of the scheduler missed or broken off; the exit code is 1 otherwise. Where all
threads of a stage are at work, a tick finds no room (max_instances), and one of the next does its work.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.flow.daemon import read
from tests.engine.daemon import Running, daemon
from tests.support.world import rss, write_config

_HOSTS = 100
_PATIENCE = 120.0
"""Seconds without any further feed polled after which the rest counts as never polled."""


@dataclass(frozen=True)
class Burst:
    """What came of it. `seconds` go from the first request to the last feed stored; `events` are the scheduler's."""

    feeds: int
    polled: int
    repeated: int
    failed: int
    seconds: float
    events: dict[str, int]
    code: int

    @property
    def holds(self) -> bool:
        bad = self.events.get("missed", 0) + self.events.get("error", 0)
        return self.polled == self.feeds and not (self.failed or bad or self.code)

    def __str__(self) -> str:
        events = ", ".join(f"{name} {self.events.get(name, 0)}" for name in ("missed", "error", "max_instances"))
        return (
            f"{self.polled:,} of {self.feeds:,} feeds polled in {self.seconds:.0f} s, "
            f"{self.polled / self.seconds:.0f} a second\n"
            f"scheduler: {events}\n"
            f"never polled: {self.feeds - self.polled}; polled twice: {self.repeated}; failed: {self.failed}"
        )


class Site:
    """Feeds of one entry each on many loopback hosts, and how often each was asked for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.began = float("inf")
        self.port = 0

    def urls(self, count: int) -> list[str]:
        return [f"http://{_host(number % _HOSTS)}:{self.port}/{number}" for number in range(count)]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                self.began = min(self.began, time.monotonic())
                self.asked[path] += 1
                body = rss([{"title": f"Nothing of note {path}", "guid": path}]).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(body)
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the daemon closes connections that it needs no more
        finally:
            writer.close()


def _host(number: int) -> str:
    return f"127.0.{number // 250}.{number % 250 + 1}"


@contextmanager
def served() -> Iterator[Site]:
    site = Site()
    loop = asyncio.new_event_loop()
    first = loop.run_until_complete(asyncio.start_server(site.answer, _host(0), 0, backlog=1000))
    site.port = first.sockets[0].getsockname()[1]
    others = [_host(number) for number in range(1, _HOSTS)]
    rest = loop.run_until_complete(asyncio.start_server(site.answer, others, site.port, backlog=1000))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield site
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for server in (first, rest):
            server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def run(folder: Path, count: int) -> Burst:
    with served() as site:
        config = write_config(
            folder / "config",
            site.urls(count),
            schedule={"poll_every": "24h"},
            http={"allow_private": ["127.0.0.0/8"], "concurrency": 64},
            extraction={"processes": 1},
            digest={"timezone": "UTC", "notify": []},
        )
        state = config.parent / "state"
        with daemon(config) as running:
            _wait(running, state, count)
            ended = time.monotonic()
            code, _ = running.terminate()
        said = read(state) or {}
        return Burst(
            feeds=count,
            polled=_polled(state),
            repeated=sum(times - 1 for times in site.asked.values()),
            failed=_count(state, "failures > 0"),
            seconds=max(ended - site.began, 0.001),
            events=said["scheduler"],
            code=code,
        )


def _wait(running: Running, state: Path, count: int) -> None:
    """Until all are polled, or nothing more comes of it."""
    polled, since = 0, time.monotonic()
    while polled < count and running.process.poll() is None and time.monotonic() - since < _PATIENCE:
        time.sleep(0.2)
        if (now := _polled(state)) > polled:
            polled, since = now, time.monotonic()


def _polled(state: Path) -> int:
    return _count(state, "last_poll IS NOT NULL AND lease_until IS NULL")


def _count(state: Path, condition: str) -> int:
    """Feeds of which this holds; 0 while there is no such table yet."""
    try:
        with closing(sqlite3.connect(f"{(state / 'dealwire.db').as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM feed WHERE {condition}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        burst = run(Path(folder), count)
    sys.stdout.write(f"{burst}\n")
    sys.exit(0 if burst.holds else 1)


if __name__ == "__main__":
    main()
