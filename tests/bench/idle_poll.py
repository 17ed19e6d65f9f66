"""All real feeds polled again, with nothing changed: as one command, and in a daemon that has run for a while."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.commands import in_turn
from tests.bench.figures import Figure
from tests.bench.peers import Newswatcher, Poller, installed
from tests.bench.polling import FEEDS, Dealwire, beside, database, polled, real_feeds, runnable
from tests.bench.site import Site
from tests.engine.daemon import daemon, eventually

_ROUNDS = 5
_MOST = {"newsboat": Fraction(1)}
_MOST_CPU = 2.0
"""Milliseconds that a feed may take."""

_BEFORE = 2
"""Polls beforehand: newsboat asks on condition from the third on."""


def figures() -> Iterator[Figure]:
    if not FEEDS.is_dir():
        yield Figure("idle_poll", "the real feeds", "s", (), note=f"there are none at {FEEDS}")
        return
    with real_feeds() as site:
        yield _in_a_daemon(site)
        yield from _as_a_command(site)


def _as_a_command(site: Site) -> Iterator[Figure]:
    asking = (peer for peer in installed() if not isinstance(peer, Newswatcher))  # which always gets all anew
    peers, missing = runnable(asking, next(iter(site.urls.values())))
    with ExitStack() as stack:
        again = {
            poller: partial(polled, poller, _prepared(poller, site, stack), site) for poller in (Dealwire(), *peers)
        }
        found = in_turn(again, _ROUNDS)
    what = f"{len(site.urls)} feeds again, nothing changed, as a command"
    yield from beside(Figure("idle_poll", what, "s", ()), found, missing, _MOST)


def _prepared(poller: Poller, site: Site, stack: ExitStack) -> Path:
    """A folder in which it has polled all feeds."""
    folder = Path(stack.enter_context(TemporaryDirectory()))
    poller.prepare(folder, list(site.urls.values()))
    for _ in range(_BEFORE):
        poller.poll(folder).output()
    return folder


def _in_a_daemon(site: Site) -> Figure:
    """The CPU time of the daemon and its processes while it polls all feeds again, for each of them."""
    with ExitStack() as stack:
        folder = _prepared(Dealwire(), site, stack)
        feeds = stack.enter_context(closing(sqlite3.connect(database(folder), timeout=60, isolation_level=None)))
        feeds.execute("UPDATE article SET next_try = NULL")  # their pages lie outside
        running = stack.enter_context(daemon(folder / "config"))
        _poll_again(feeds)  # so that starting is over
        runs: list[float] = []
        before = site.asked()
        for _ in range(_ROUNDS):
            began = cpu_seconds(running.process.pid)
            _poll_again(feeds)
            runs.append((cpu_seconds(running.process.pid) - began) / len(site.urls) * 1000)
        unchanged = (site.asked() - before).unchanged / _ROUNDS
        running.terminate()
    return Figure(
        "idle_poll",
        "CPU of a running daemon, for each feed that did not change",
        "ms",
        runs,
        bar=f"at most {_MOST_CPU:g} ms",
        holds=median(runs) <= _MOST_CPU,
        note=f"{unchanged:g} of {len(site.urls)} feeds answered 304 in each round",
    )


_LONG_AGO = "2000-01-01 00:00:00.000000"


def _poll_again(feeds: sqlite3.Connection) -> None:
    """Make all feeds due, and wait until the daemon has polled them."""

    def over() -> bool:
        waiting = "SELECT count(*) FROM feed WHERE next_poll = ? OR lease_until IS NOT NULL"
        return int(feeds.execute(waiting, (_LONG_AGO,)).fetchone()[0]) == 0

    feeds.execute("UPDATE feed SET next_poll = ?", (_LONG_AGO,))
    eventually(over, "all feeds polled again")
    time.sleep(0.5)  # what it does once they are stored counts too


_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children, those that have ended too."""
    process = Path(f"/proc/{pid}")
    try:
        spent = spent_in((process / "stat").read_text(encoding="utf-8"))
        children = [child for task in process.glob("task/*/children") for child in task.read_text().split()]
    except OSError:  # it has just ended, and counts with its parent
        return 0.0
    return spent + sum(cpu_seconds(int(child)) for child in children)


def spent_in(stat: str) -> float:
    """Seconds of user and system time, its own and of the children that it waited for, of a line of /proc/PID/stat."""
    fields: Sequence[str] = stat.rpartition(")")[2].split()  # a name may hold anything
    return sum(map(int, fields[11:15])) / _TICK
