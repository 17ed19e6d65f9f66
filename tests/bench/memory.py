"""What the processes of a daemon hold while 100,000 articles of 5,000 feeds go through it.

A real daemon with the shipped watches, over loopback. Extracting 100,000 real pages alone takes an hour; so
5,000 of the entries have a page, a real one, and the others come with their text, as those of many feeds do.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pipeline.config.shipped import shipped_folder
from pipeline.store.sqlite import FILE
from tests.bench.figures import Figure
from tests.engine.daemon import Running, daemon
from tests.support.world import write_config

FEEDS, ENTRIES_EACH, NEW_EACH, ONE_IN = 5_000, 20, 10, 20
_EVERY = 1.0
_PATIENCE = 3600.0
_MOST, _STEADY = 250.0, 1.1
_MIB = 2**20
_WORKER = "spawn_main"
"""What a command line of a worker holds."""


@dataclass(frozen=True)
class Held:
    """Bytes of a process in memory; `share`: of pages that it shares its part only."""

    resident: int
    share: int


@dataclass
class Curve:
    """What the main process and the largest worker held, and how many articles had been read by then."""

    articles: list[int] = field(default_factory=list)
    main: list[Held] = field(default_factory=list)
    worker: list[Held] = field(default_factory=list)

    def between(self, first: float, last: float) -> list[Held]:
        """Of the main process, while the number of articles was within these shares of all."""
        whole = self.articles[-1]
        return [held for count, held in zip(self.articles, self.main, strict=True) if first <= count / whole <= last]


def figures() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder, _wire() as port:
        feeds = [f"http://127.0.0.1:{port}/feed/{number}" for number in range(FEEDS)]
        config = write_config(
            Path(folder) / "config",
            feeds,
            schedule={"poll_every": "2m", "ticks": "0.5s"},
            channels={"inbox": {"type": "file", "path": "told.jsonl"}},
        )
        for file in shipped_folder().glob("*.yaml"):
            if file.name not in ("dealwire.yaml", "feeds.yaml"):
                shutil.copyfile(file, config / file.name)
        with daemon(config) as running:
            curve = _followed(running, Path(folder) / "state" / FILE)
            running.terminate()
    yield from _judged(curve)


def _judged(curve: Curve) -> Iterator[Figure]:
    note = f"{curve.articles[-1]:,} articles, {curve.articles[-1] // ONE_IN:,} of them with a real page"
    for name, held in (("the main process", curve.main), ("the largest worker", curve.worker)):
        sizes = [each.resident / _MIB for each in held]
        share = max(each.share for each in held) / _MIB
        yield Figure(
            "memory",
            f"{name}, at its largest",
            "MiB",
            [max(sizes)],
            f"at most {_MOST:g} MiB",
            max(sizes) <= _MOST,
            note=f"{note}; PSS {share:.0f} MiB",
        )
    early, late = (_level(curve.between(*part)) for part in ((0.08, 0.15), (0.95, 1.0)))
    yield Figure(
        "memory",
        "the main process, at the end against after the first tenth",
        "times",
        [late / early],
        f"at most {_STEADY:g}",
        late <= _STEADY * early,
        note=f"{early:.0f} MiB, then {late:.0f} MiB",
    )


def _level(held: Sequence[Held]) -> float:
    return median(each.resident for each in held) / _MIB


def _followed(running: Running, database: Path) -> Curve:
    """The curve until all entries have been read."""
    curve, end, shown = Curve(), time.monotonic() + _PATIENCE, 0
    while not curve.articles or curve.articles[-1] < FEEDS * ENTRIES_EACH:
        assert time.monotonic() < end, f"only {curve.articles[-1]:,} articles were read in {_PATIENCE:g} s"
        assert running.process.poll() is None, running.errors.read_text(encoding="utf-8")[-2000:]
        curve.articles.append(_read(database))
        curve.main.append(held_by(running.process.pid))
        workers = [held_by(pid) for pid in _workers(running.process.pid)]
        curve.worker.append(max(workers, key=lambda held: held.resident, default=Held(0, 0)))
        if curve.articles[-1] >= shown:
            shown = curve.articles[-1] + 5_000
            main, worker = curve.main[-1], curve.worker[-1]
            sys.stderr.write(
                f"memory: {curve.articles[-1]:>7,} articles: main {main.resident / _MIB:.0f} MiB (PSS"
                f" {main.share / _MIB:.0f}), largest of {len(workers)} workers {worker.resident / _MIB:.0f} MiB\n"
            )
        time.sleep(_EVERY)
    return curve


def _read(database: Path) -> int:
    """How many articles have been read."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            query = "SELECT count(*) FROM article WHERE ingested_at IS NOT NULL"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # it is not there yet


def held_by(pid: int) -> Held:
    """What a process holds; nothing where it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            lines = {line.split(":")[0]: line.split()[1] for line in rollup if ":" in line and line.endswith("kB\n")}
        return Held(int(lines["Rss"]) * 1024, int(lines["Pss"]) * 1024)
    except (OSError, KeyError):
        return Held(0, 0)


def _workers(pid: int) -> list[int]:
    """The processes that a daemon has its documents read in."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid and _WORKER in (folder / "cmdline").read_text():
                    found.append(int(folder.name))
            except OSError:
                continue  # it has just ended
    return found


@contextmanager
def _wire() -> Iterator[int]:
    """A server of feeds and pages; its port."""
    command = [sys.executable, "-m", "tests.bench.wire", *map(str, (ENTRIES_EACH, NEW_EACH, ONE_IN))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()
