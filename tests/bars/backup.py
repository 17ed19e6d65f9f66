"""A backup while another process goes on storing articles, and whether all of it can be put back.

    scripts/trial backup [ARTICLES]

What must hold is in `Verdict`; it is printed, and the exit code is 1 where it does not hold.
"""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count, pairwise
from multiprocessing.synchronize import Event
from pathlib import Path

from pipeline import flow
from pipeline.domain import Entry, Page, ParsedFeed
from pipeline.store import Store, feeds
from tests.engine.daemon import COMMAND, config, eventually

_FEEDS = 8
_ENTRIES = 25
_TEXT = "A sentence of about the length that sentences have in the news of a day, and then one more. " * 40
_LEAST_RATE = 100
_BEFORE = 10.0
"""Seconds of storing that the rate before the backup is taken from."""


@dataclass(frozen=True)
class Verdict:
    """What came of it. Rates are in articles a second, `pause` is the longest time between two of the storer's rounds.

    The articles of the restored database must be those of the backup, each with its listing, and its faults none.
    """

    before: float
    during: float
    pause: float
    seconds: float
    size: int
    copied: int
    restored: int
    unlisted: int
    faults: list[str]

    @property
    def holds(self) -> bool:
        fast = min(self.before, self.during) >= _LEAST_RATE
        return fast and self.copied == self.restored and not self.unlisted and not self.faults


class Endless:
    """Feeds that bring new entries at every poll, in place of the web and of the parser."""

    def __init__(self) -> None:
        self._numbers = count()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:  # noqa: ARG002  (of the seam)
        return Page(url, 200, {"content-type": "application/rss+xml"}, b"<rss>")

    def parse(self, body: bytes, url: str) -> ParsedFeed:  # noqa: ARG002  (of the seam)
        links = [f"{url}/{next(self._numbers)}" for _ in range(_ENTRIES)]
        return ParsedFeed(url, tuple(Entry(link, link, f"The piece at {link}", _TEXT) for link in links))


def store_on(folder: Path, told: Path, stop: Event) -> None:
    """Poll all feeds again and again; a line for each round says when it ended, and how many articles were stored."""
    settings, endless, stored = flow.load_settings(folder), Endless(), 0
    with (
        told.open("w", buffering=1) as say,
        flow.open_store(settings) as store,
        flow.open_tools(settings, store, lambda _: None) as opened,
    ):
        tools = replace(opened, fetcher=endless, parser=endless)
        while not stop.is_set():
            with store.write() as session:
                feeds.make_due(session, tools.clock.now())
            with store.read() as session:
                due = feeds.due(session, tools.clock.now(), _FEEDS)
            stored += flow.poll(tools, due).counts["new"]
            say.write(f"{time.monotonic()} {stored}\n")


@contextmanager
def storing(folder: Path) -> Iterator[Path]:
    """A process that stores articles; the file that it tells its rounds in."""
    processes, told = multiprocessing.get_context("spawn"), folder.parent / "rounds"
    told.touch()
    stop = processes.Event()
    storer = processes.Process(target=store_on, args=(folder, told, stop))
    storer.start()
    try:
        yield told
    finally:
        stop.set()
        storer.join()


def rounds(told: Path) -> list[tuple[float, int]]:
    """When each round ended, and how many articles were stored by then."""
    lines = [line.split() for line in told.read_text().split("\n")[:-1]]
    return [(float(at), int(stored)) for at, stored in lines]


def rate(of: list[tuple[float, int]], start: float, end: float) -> float:
    """Articles a second in the rounds that ended between the two times."""
    within = [each for each in of if start <= each[0] <= end]
    if len(within) < 2:
        return 0.0
    (first, had), (last, has) = within[0], within[-1]
    return (has - had) / (last - first)


def run(folder: Path, articles: int) -> Verdict:
    own = config(folder / "own", *(f"https://feed{n}.example/feed" for n in range(_FEEDS)))
    fresh = config(folder / "fresh", "https://feed.example/feed")
    file = folder / "backup.db"
    with storing(own) as told:
        eventually(lambda: _is_stored(told, articles), f"{articles} articles stored", 3600)
        time.sleep(_BEFORE)
        began = time.monotonic()
        copied = _articles(_dealwire(own, "backup", str(file)))
        ended = time.monotonic()
        eventually(lambda: rounds(told)[-1][0] > ended, "another round after the backup")
    restored = _articles(_dealwire(fresh, "restore", str(file)))
    found = rounds(told)
    return Verdict(
        before=rate(found, began - _BEFORE, began),
        during=rate(found, began, ended),
        pause=max(after - at for (at, _), (after, _) in pairwise(found) if after >= began and at <= ended),
        seconds=ended - began,
        size=file.stat().st_size,
        copied=copied,
        restored=restored,
        unlisted=_unlisted(flow.load_settings(fresh).state / "dealwire.db"),
        faults=_faults(flow.load_settings(fresh).state / "dealwire.db"),
    )


def _is_stored(told: Path, articles: int) -> bool:
    found = rounds(told)
    return bool(found) and found[-1][1] >= articles


def _dealwire(folder: Path, *words: str) -> str:
    """What the command says."""
    return subprocess.run([*COMMAND, str(folder), *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def _articles(said: str) -> int:
    """The number of articles in what `backup` or `restore` says."""
    found = re.search(r"([\d,]+) articles", said)
    assert found, said
    return int(found[1].replace(",", ""))


def _unlisted(database: Path) -> int:
    query = "SELECT count(*) FROM article WHERE id NOT IN (SELECT article_id FROM listing)"
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _faults(database: Path) -> list[str]:
    """What SQLite's own checks find, once this Dealwire has opened the database."""
    with Store(database.parent), closing(sqlite3.connect(database)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"a row of {row[0]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")]


def main() -> None:
    articles = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(Path(folder), articles)
    sys.stdout.write(
        f"stored before the backup: {verdict.before:,.0f} articles a second\n"
        f"stored during the backup: {verdict.during:,.0f} articles a second, longest pause {verdict.pause:.2f} s\n"
        f"backup: {verdict.copied:,} articles, {verdict.size / 2**20:,.0f} MiB in {verdict.seconds:.1f} s, checked\n"
        f"restored: {verdict.restored:,} articles, {verdict.unlisted:,} without a listing, "
        f"{len(verdict.faults)} faults\n"
        + "".join(f"  {fault}\n" for fault in verdict.faults[:10])
        + ("It holds.\n" if verdict.holds else "It does not hold.\n")
    )
    sys.exit(0 if verdict.holds else 1)


if __name__ == "__main__":
    main()
