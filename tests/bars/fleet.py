"""100,000 simulated feeds on workers with a PostgreSQL store: how many units a second, and whether they keep up.

    scripts/trial fleet [SECONDS [FEEDS]]

First all feeds are due at once, with 1, 2 and 4 workers: what they can do. Then each is due every 15 minutes, for the
time asked for. Of all this only the network is simulated, in the workers' own processes; feeds are parsed, pages are
extracted, judged and stored as ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from pipeline import flow
from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.domain import Page
from pipeline.engine.cluster.worker import Worker
from pipeline.flow import Tools
from pipeline.store.locks import WRITES
from tests.support import postgresql
from tests.support.postgresql import Server

FEEDS = 100_000
_INTERVAL, _EDITION = 900.0, 1_800.0
"""Seconds between two polls of a feed, and between two entries of it."""
_LISTED, _OFFSET = 1, 7.3
"""Entries in a feed, all of them new when it has changed; and the seconds by which feeds are apart in that."""
_CAPACITY_SECONDS, _WARM_SECONDS, _LOOK_EVERY = 30.0, 15.0, 5.0
_MOST_WAITING = 2_000
"""Feeds and articles, where they keep up."""
_LEAST = 150.0
"""Units a second."""


class Simulated:
    """The network: each feed has a new entry from time to time, and else has not changed."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        parts = urlsplit(url)
        number = int((parts.hostname or "f0").split(".")[0][1:])
        if parts.path.startswith("/news/"):
            return Page(url, 200, {"content-type": "text/html"}, _page(number, int(parts.path.rpartition("/")[2])))
        edition = int((time.time() + number * _OFFSET) / _EDITION)
        tag = f'"{edition}"'
        if (headers or {}).get("If-None-Match") == tag:
            return Page(url, 304, {"etag": tag}, b"")
        return Page(url, 200, {"etag": tag, "content-type": "application/rss+xml"}, _feed(number, edition))


def _feed(number: int, edition: int) -> bytes:
    items = "".join(
        f"<item><title>Story {at} of site {number} on the day's business</title><guid>{number}-{at}</guid>"
        f"<link>https://f{number}.example/news/{at}</link><description>What happened, in a line.</description></item>"
        for at in range(edition, edition - _LISTED, -1)
    )
    return f'<rss version="2.0"><channel><title>Site {number}</title>{items}</channel></rss>'.encode()


def _page(number: int, at: int) -> bytes:
    told = "OpenAI signs a data center contract with Oracle. " if at % 500 == number % 500 else ""
    lines = "".join(
        f"<p>{told if part == 2 else ''}Paragraph {part} of story {at} tells at length of business in town {number}"
        ", of what the mayor said about it, and of what the neighbours think of all that.</p>"
        for part in range(12)
    )
    title = f"Story {at} of site {number} on the day's business"
    body = f"<body><article><h1>{title}</h1>{lines}</article></body>"
    return f"<html><head><title>{title}</title></head>{body}</html>".encode()


class SimulatedWorker(Worker):
    @contextmanager
    def _open(self, settings: Settings) -> Iterator[Tools]:
        with super()._open(settings) as tools:
            yield replace(tools, fetcher=Simulated(), pages=Simulated())


@dataclass(frozen=True)
class Rate:
    """Over some seconds: units a second, what waited at the end, and the shares of the processors that were busy."""

    polls: float
    ingests: float
    feeds_due: int
    articles_due: int
    busy: float
    turn: float
    """Of the time, in which a transaction wrote that others had to wait for."""

    @property
    def units(self) -> float:
        return self.polls + self.ingests


class Fleet:
    def __init__(self, folder: Path, server: Server, feeds: int) -> None:
        self.url = server.make()
        self.config = folder / "config"
        self.config.mkdir()
        for file in shipped_folder().glob("*.yaml"):
            (self.config / file.name).write_bytes(file.read_bytes())
        general = {"store": self.url, "schedule": {"poll_every": f"{_INTERVAL:.0f}s"}, "extraction": {"processes": 1}}
        general |= {"digest": {"timezone": "UTC"}, "channels": {"log": {"type": "file", "path": "told.jsonl"}}}
        (self.config / "dealwire.yaml").write_text(json.dumps(general), encoding="utf-8")
        listed = [{"name": f"site {n}", "url": f"https://f{n}.example/feed"} for n in range(feeds)]
        (self.config / "feeds.yaml").write_text(json.dumps({"feeds": listed}), encoding="utf-8")
        self._log = (folder / "log").open("ab")

    @contextmanager
    def workers(self, count: int) -> Iterator[None]:
        command = [sys.executable, "-m", "tests.bars.fleet", "--worker", str(self.config)]
        running = [subprocess.Popen(command, stderr=self._log) for _ in range(count)]
        try:
            yield
        finally:
            for each in running:
                each.terminate()
            for each in running:
                each.wait(90)

    def wait_for(self, feeds: int) -> None:
        """Until so many feeds are stored."""
        while True:
            try:
                if self.rows("SELECT count(*) FROM feed") == [(feeds,)]:
                    return
            except psycopg.Error:
                pass  # there is no such table yet
            time.sleep(0.5)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(query.encode())
            return found.fetchall() if found.description else []

    def watch(self, seconds: float) -> Iterator[Rate]:
        """The rate of each few seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before, at = _ticks(), time.monotonic()
            turns = list(self._turns(at + _LOOK_EVERY))
            took = time.monotonic() - at
            busy, idle = (now - then for now, then in zip(_ticks(), before, strict=True))
            [(polls,)] = self.rows(f"SELECT count(*) FROM feed WHERE last_poll > now() - interval '{took} s'")
            [(ingests,)] = self.rows(f"SELECT count(*) FROM article WHERE ingested_at > now() - interval '{took} s'")
            [(feeds,)] = self.rows("SELECT count(*) FROM feed WHERE next_poll <= now() AND lease_until IS NULL")
            [(waits,)] = self.rows("SELECT count(*) FROM article WHERE next_try IS NOT NULL")
            yield Rate(polls / took, ingests / took, feeds, waits, busy / (busy + idle), sum(turns) / len(turns))

    def _turns(self, end: float) -> Iterator[bool]:
        """Whether a transaction writes that others have to wait for, at one moment after the other."""
        number = "(classid::bigint << 32) | objid::bigint"
        taken = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND {number} = %s"
        with psycopg.connect(self.url, autocommit=True) as connection:
            while time.monotonic() < end:
                yield bool(connection.execute(taken.encode(), [WRITES]).fetchall())
                time.sleep(0.1)


def _ticks() -> tuple[int, int]:
    """Of the processors, busy and idle, since the machine was started."""
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return sum(fields[:8]) - idle, idle


def _mean(rates: Sequence[Rate]) -> str:
    units, polls, ingests, busy, turn = (
        sum(of) / len(rates) for of in zip(*((r.units, r.polls, r.ingests, r.busy, r.turn) for r in rates), strict=True)
    )
    bounds = f"processors {busy:.0%} busy, the writer's turn taken {turn:.0%} of the time"
    return f"{units:.0f} units/s ({polls:.0f} polls, {ingests:.0f} articles), {bounds}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _work(folder: Path) -> None:
    """Be a worker, until told to stop."""
    from pipeline.cli.logs import configure
    from pipeline.cli.run import stop_on_signal

    stop: threading.Event = stop_on_signal()
    configure()
    settings = flow.load_settings(folder)
    with flow.open_store(settings) as store:
        SimulatedWorker(settings, store, stop, ["poll", "ingest", "deliver"], 4).run()
    os._exit(0)


def _capacity(folder: Path, server: Server, feeds: int) -> None:
    """What workers can do where all feeds are new, and so due at once, each with an entry."""
    for count in (1, 2, 4):
        (folder / str(count)).mkdir()
        fleet = Fleet(folder / str(count), server, feeds)
        with fleet.workers(count):
            fleet.wait_for(feeds)
            list(fleet.watch(_WARM_SECONDS))
            _say(f"{count} workers, all feeds due: {_mean(list(fleet.watch(_CAPACITY_SECONDS)))}")


def _sustained(folder: Path, server: Server, feeds: int, seconds: float) -> bool:
    """Whether two workers keep up with feeds that are due every 15 minutes.

    They begin as if all had been polled in the last 15 minutes, one after the other, and all their pages been read.
    """
    fleet = Fleet(folder, server, feeds)
    with fleet.workers(1):
        fleet.wait_for(feeds)
    fleet.rows(f"UPDATE feed SET next_poll = now() + random() * interval '{_INTERVAL} s', lease_until = NULL")
    asked = f"extract(epoch FROM next_poll) - {_INTERVAL} + {_OFFSET} * split_part(name, ' ', 2)::int"
    edition = f"floor(({asked}) / {_EDITION})"
    fleet.rows(f"""UPDATE feed SET etag = '"' || {edition} || '"'""")
    fleet.rows("UPDATE article SET next_try = NULL, lease_until = NULL WHERE next_try IS NOT NULL")
    fleet.rows("ANALYZE")
    rates = []
    with fleet.workers(2):
        while not fleet.rows("SELECT 1 FROM feed WHERE last_poll > now() - interval '2 s' LIMIT 1"):
            time.sleep(0.5)
        list(fleet.watch(_WARM_SECONDS))
        for rate in fleet.watch(seconds):
            rates.append(rate)
            if len(rates) % 6 == 0:
                waits = f"{rate.feeds_due:,} feeds due, {rate.articles_due:,} articles waiting"
                _say(f"  {_mean(rates[-6:])}; {waits}")
    _say(f"2 workers, {feeds:,} feeds due every {_INTERVAL / 60:.0f} minutes: {_mean(rates)}")
    slow = sum(rate.units for rate in rates) / len(rates) < _LEAST
    return not slow and rates[-1].feeds_due + rates[-1].articles_due < _MOST_WAITING


def main() -> None:
    if sys.argv[1:2] == ["--worker"]:
        _work(Path(sys.argv[2]))
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    feeds = int(sys.argv[2]) if len(sys.argv) > 2 else FEEDS
    with tempfile.TemporaryDirectory() as folder, postgresql.server(postgresql.DURABLE) as server:
        _capacity(Path(folder), server, feeds // 5)
        holds = _sustained(Path(folder), server, feeds, seconds)
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
