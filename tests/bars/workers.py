"""Workers of which one is killed every two seconds, while their database is restarted and one is cut off.

    scripts/trial workers [SECONDS [SEED]]

What must hold is in `Verdict`; it is printed, and the exit code is 1 where it does not hold. Each worker has a network
of its own where that can be had; else none is cut off.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import psycopg

from pipeline.errors import StoreError
from pipeline.flow import distribution
from pipeline.models import DeliveryState
from pipeline.store import Store, outbox
from tests.bars.kills import headline
from tests.engine.daemon import COMMAND, eventually
from tests.support import networks, postgresql
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.moody import Receptions, hook
from tests.support.networks import Machine
from tests.support.postgresql import Server
from tests.support.web import Web, serve
from tests.support.world import page, rss, write_config

FEEDS, WORKERS = 24, 4
_EVERY = 30
_LISTED = 40
_KILL_EVERY, _LOOK_EVERY = 2.0, 0.5
_EDIT_EVERY = 15.0
_LATE, _MIXED = 2.0, 10.0
"""Within how many intervals each feed must be polled, and within how many seconds all must work by an edit."""


@dataclass
class Verdict:
    """What came of it. From `lost` on there must be none.

    `latest`: the most intervals between two polls of a feed. `mixed`: the most seconds for which workers went by
    different versions of the configuration, of which there were `edits`.
    """

    seconds: float
    kills: int
    restarts: int
    cut_off: int
    stories: int
    under_way: int
    duplicates: int
    latest: float
    edits: int
    mixed: float
    lost: list[str] = field(default_factory=list)
    rows_not_one: list[str] = field(default_factory=list)
    articles_not_one: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.rows_not_one or self.articles_not_one or self.unexplained or self.late)


@dataclass
class _Running:
    machine: Machine | None
    process: subprocess.Popen[bytes]


class Ordeal:
    """Feeds whose stories each tell of a deal of their own, workers, and two webhooks."""

    def __init__(
        self, folder: Path, web: Web, server: Server, machines: list[Machine], hooks: dict[str, Receptions], seed: int
    ) -> None:
        self.web, self.server, self.machines, self.channels = web, server, machines, hooks
        self.dice = random.Random(seed)
        self.url = server.make()
        self.titles: dict[int, list[str]] = {number: [] for number in range(FEEDS)}
        self.taken: Counter[str] = Counter()
        self.kills = self.restarts = self.cut_off = 0
        self.latest: dict[str, float] = {}
        self.edits, self.mixed = 0, 0.0
        self._differ_since: float | None = None
        self.workers: list[_Running] = []
        self._log = (folder / "log").open("ab")
        self.folder = write_config(
            folder / "config",
            [web.set(f"/feed/{number}", rss([]), "application/rss+xml") for number in range(FEEDS)],
            store=self.url,
            schedule={"poll_every": f"{_EVERY}s", "ticks": "0.5s"},
            extraction={"processes": 1},
            http={"allow_private": ["127.0.0.0/8", "10.64.0.0/10"]},
            watches=_watches(0)["watches"],
            companies=COMPANIES,
            digest={"timezone": "UTC", "notify": []},
            channels={name: {"type": "webhook", "url": hook(web, f"/{name}", each)} for name, each in hooks.items()},
        )

    def publish(self, feed: int) -> None:
        """Put a story on top of a feed."""
        titles = self.titles[feed]
        number = feed + FEEDS * len(titles)
        title = headline(number)
        titles.append(title)
        self.web.set(f"/news/{number}", page(title, f"{title}."))
        first = max(len(titles) - _LISTED, 0)
        items = [
            {"title": title, "link": f"{self.web.base}/news/{feed + FEEDS * at}", "guid": str(at)}
            for at, title in enumerate(titles[first:], first)
        ]
        self.web.set(f"/feed/{feed}", rss(items[::-1]), "application/rss+xml")

    def start(self, machine: Machine | None) -> None:
        command = [*COMMAND, str(self.folder), "worker"]
        started = subprocess.Popen(
            machine.command(command) if machine else command,
            stderr=self._log,
            env={**os.environ, "DEALWIRE_LOG": "json"},
        )
        self.workers.append(_Running(machine, started))

    def kill_one(self) -> None:
        running = self.dice.choice(self.workers)
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        self.kills += 1
        self._count_under_way(running)
        self.workers.remove(running)
        self.start(running.machine)

    def restart_the_database(self) -> None:
        self.server.stop()
        self.server.start()
        self.restarts += 1
        self._count_under_way(*self.workers)

    def plug(self, into: bool) -> None:
        """Pull the cable of the first machine, or put it in again."""
        if self.machines:
            self.machines[0].plug(into)
            self.cut_off += not into
        if not into:
            self._count_under_way(*(each for each in self.workers if each.machine in self.machines[:1]))

    def _count_under_way(self, *held_up: _Running) -> None:
        """Count the messages that these workers were sending: each of them may go out once more."""
        held = "SELECT uid FROM delivery WHERE state = 'pending' AND lease_until IS NOT NULL AND lease_by LIKE %s"
        for each in held_up:
            self.taken.update(self.ask(held, f"%-{each.process.pid}-%"))

    def look(self) -> None:
        """How long ago each feed was polled, in its intervals."""
        ago = "extract(epoch FROM now() - coalesce(last_poll, created_at)) / interval"
        for name, intervals in self.rows(f"SELECT name, {ago} FROM feed"):
            self.latest[name] = max(self.latest.get(name, 0.0), float(intervals))
        self._look_at_versions()

    def edit(self) -> None:
        """Publish another state of the watches, which judges as the one before."""
        self.edits += 1
        (self.folder / "watches.yaml").write_text(json.dumps(_watches(self.edits)), encoding="utf-8")
        with suppress(StoreError), Store(self.url) as store:
            distribution.publish(self.folder, store)

    def _look_at_versions(self) -> None:
        """For how long those who work have gone by different versions."""
        at = time.monotonic()
        versions = self.ask("SELECT version FROM worker WHERE version > 0 AND seen_at > now() - interval '2.5 s'")
        if len(set(versions)) < 2:
            self._differ_since = None
            return
        self._differ_since = self._differ_since or at
        self.mixed = max(self.mixed, at - self._differ_since)

    def finish(self) -> None:
        """Let everything arrive, with receivers that are well."""
        for receptions in self.channels.values():
            receptions.healthy = True
        count = sum(map(len, self.titles.values()))
        eventually(lambda: self.ask("SELECT count(*) FROM article") == [count], f"all {count} stories stored", 300)
        unread = "SELECT count(*) FROM article WHERE ingested_at IS NULL"
        eventually(lambda: self.ask(unread) == [0], "all stories read", 300)
        eventually(self._all_delivered, "all deliveries out", 300)

    def stop(self) -> None:
        for running in self.workers:
            running.process.send_signal(signal.SIGTERM)
        for running in self.workers:
            try:
                running.process.wait(60)
            except subprocess.TimeoutExpired:
                running.process.kill()
        self._log.close()

    def verdict(self, seconds: float) -> Verdict:
        with Store(self.url) as store, store.read() as session:
            rows = outbox.listing(session, most=10**6)
            assert {row.state for row in rows} <= {DeliveryState.DELIVERED, DeliveryState.GATHERED}
            told = [(row.channel, row.payload.get("headline", ""), row.uid) for row in rows]
        accepted = {name: Counter(each.accepted) for name, each in self.channels.items()}
        titles = [title for each in self.titles.values() for title in each]
        stored = Counter(self.ask("SELECT title FROM article"))
        verdict = Verdict(
            seconds=seconds,
            kills=self.kills,
            restarts=self.restarts,
            cut_off=self.cut_off,
            stories=len(titles),
            under_way=self.taken.total(),
            duplicates=sum(count - 1 for each in accepted.values() for count in each.values()),
            latest=max(self.latest.values(), default=0.0),
            edits=self.edits,
            mixed=self.mixed,
            articles_not_one=[f"{title}: {stored[title]}" for title in titles if stored[title] != 1],
            lost=[f"{channel}: {headline}" for channel, headline, uid in told if not accepted[channel][uid]],
            late=[f"{name}: {count:.2f} intervals" for name, count in self.latest.items() if count > _LATE],
        )
        for name in self.channels:
            own = Counter(headline for channel, headline, _ in told if channel == name)
            verdict.rows_not_one += [f"{name}: {title}: {own[title]}" for title in titles if own[title] != 1]
            verdict.unexplained += [
                f"{name}: {uid} {count} times, under way at {self.taken[uid]} kills, restarts and cuts"
                for uid, count in accepted[name].items()
                if count > 1 + self.taken[uid]
            ]
        return verdict

    def ask(self, query: str, *values: Any) -> list[Any]:
        """The first column; nothing while the database is away, or has no such table yet."""
        return [row[0] for row in self.rows(query, *values)]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                return connection.execute(query.encode(), values or None).fetchall()
        except psycopg.Error:
            return []

    def _all_delivered(self) -> bool:
        waiting = self.ask("SELECT id FROM delivery WHERE state IN ('pending', 'dead') AND attempts > 0")
        if waiting:
            with Store(self.url) as store, store.write() as session:
                outbox.retry(session, waiting, datetime.now(UTC))
        return self.ask("SELECT count(*) FROM delivery WHERE state IN ('pending', 'dead')") == [0]


def _watches(edits: int) -> dict[str, Any]:
    return {"watches": {"test-deals": {**LEDGER_WATCH, "title": f"Deals, as edited {edits} times"}}}


@contextmanager
def ordeal(folder: Path, seed: int) -> Iterator[Ordeal]:
    with ExitStack() as stack:
        apart = networks.possible()
        machines = stack.enter_context(networks.machines(WORKERS)) if apart else []
        host = networks.HOST if apart else "127.0.0.1"
        web = stack.enter_context(serve(host))
        server = stack.enter_context(postgresql.server(host=host))
        channels = {name: Receptions(random.Random(seed + n)) for n, name in enumerate(("one", "other"))}
        trial = Ordeal(folder, web, server, machines, channels, seed)
        stack.callback(trial.stop)
        for number in range(WORKERS):
            trial.start(machines[number] if machines else None)
        yield trial


def run(folder: Path, seconds: float, seed: int, show: Callable[[int], None] = lambda _: None) -> Verdict:
    """The database is restarted at a third and two thirds of the time; from a half on a worker is cut off.

    That for a minute, or a fifth of the time.
    """
    with ordeal(folder, seed) as trial:
        eventually(lambda: trial.ask("SELECT count(*) FROM feed") == [FEEDS], "the feeds stored")
        began, kills, edits = time.monotonic(), 1, 1
        plan = [
            (seconds / 3, trial.restart_the_database),
            (seconds / 2, partial(trial.plug, False)),
            (seconds / 2 + min(60.0, seconds / 5), partial(trial.plug, True)),
            (seconds * 3 / 4, trial.restart_the_database),
        ]
        while (at := time.monotonic() - began) < seconds or plan:
            trial.look()
            trial.publish(trial.dice.randrange(FEEDS))
            if at >= kills * _KILL_EVERY:
                kills += 1
                trial.kill_one()
                show(trial.kills)
            if at >= edits * _EDIT_EVERY:
                edits += 1
                trial.edit()
            while plan and at >= plan[0][0]:
                plan.pop(0)[1]()
            time.sleep(_LOOK_EVERY)
        trial.finish()
        return trial.verdict(time.monotonic() - began)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(Path(folder), seconds, seed, lambda kills: _say(f"\r{kills} kills", sys.stderr))
    restarts = f"{verdict.restarts} restarts of the database, {verdict.cut_off} worker cut off"
    _say(f"\r{verdict.kills} kills, {restarts}, in {verdict.seconds:.0f} s\n")
    _say(f"{verdict.stories} stories of {FEEDS} feeds, {WORKERS} workers, 2 channels\n")
    _say(f"messages under way at those: {verdict.under_way}\n")
    _say(f"duplicates on the wire, with the same id: {verdict.duplicates}\n")
    _say(f"the longest time between two polls of a feed: {verdict.latest:.2f} intervals\n")
    _say(f"the longest time with different watches, of {verdict.edits} edits: {verdict.mixed:.1f} s\n")
    for name in ("lost", "rows_not_one", "articles_not_one", "unexplained", "late"):
        found = getattr(verdict, name)
        _say(f"{name.replace('_', ' ')}: {len(found)}\n" + "".join(f"  {each}\n" for each in found[:10]))
    sys.exit(0 if verdict.holds and verdict.mixed <= _MIXED else 1)


def _say(text: str, where: TextIO = sys.stdout) -> None:
    where.write(text)
    where.flush()


if __name__ == "__main__":
    main()
