"""A daemon that is killed again and again, while what it tells goes to receivers that fail at random.

    scripts/trial kills [COUNT [SEED]]

What must hold is in `Verdict`; it is printed, and the exit code is 1 where it does not hold.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pipeline.models import DeliveryState
from pipeline.store import Store, outbox
from tests.engine.daemon import config, daemon, eventually
from tests.notify.smtp import mail_channel
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.moody import Receptions, desk, hook
from tests.support.web import Web, serve
from tests.support.world import page, rss

_LISTED = 60
"""Stories that stand in the feed; no more are published than a daemon can have missed."""


@dataclass
class Verdict:
    """What came of it. From `lost` on there must be none. `under_way` are messages taken when a kill came."""

    kills: int
    stories: int
    under_way: int
    duplicates: int
    lost: list[str] = field(default_factory=list)
    rows_not_one: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.rows_not_one or self.broken or self.unexplained or self.orphans)


class Ordeal:
    """A feed whose stories each tell of a deal of their own, a daemon, and three channels."""

    def __init__(self, folder: Path, web: Web, port: int, channels: dict[str, Receptions], dice: random.Random) -> None:
        self.web, self.channels, self.dice = web, channels, dice
        self.titles: list[str] = []
        self.leased: list[set[str]] = []
        self.broken: list[str] = []
        self.orphans: list[int] = []
        self.folder = config(
            folder,
            web.set("/feed", rss([]), "application/rss+xml"),
            watches={"test-deals": LEDGER_WATCH},
            companies=COMPANIES,
            digest={"timezone": "UTC", "notify": []},
            channels={
                "inbox": {**mail_channel(port), "most_per_hour": 0},
                "hook": {"type": "webhook", "url": hook(web, "/hook", channels["hook"])},
                "gathered": {
                    "type": "webhook",
                    "url": hook(web, "/gathered", channels["gathered"]),
                    "group_wait": "1s",
                    "group_by": "channel",
                },
            },
        )
        self.database = self.folder.parent / "state" / "dealwire.db"

    def publish(self, count: int) -> None:
        """Put stories on top of the feed."""
        for _ in range(count):
            number = len(self.titles)
            title = headline(number)
            self.titles.append(title)
            self.web.set(f"/news/{number}", page(title, f"{title}."))
        first = max(len(self.titles) - _LISTED, 0)
        items = [
            {"title": title, "link": f"{self.web.base}/news/{number}", "guid": str(number)}
            for number, title in enumerate(self.titles[first:], first)
        ]
        self.web.set("/feed", rss(items[::-1]), "application/rss+xml")

    def kill_once(self) -> None:
        """Start the daemon, kill it at a random moment of its start or its work, and look at what it left."""
        if len(self.titles) - self._count("article") < _LISTED - 5:
            self.publish(3)
        with daemon(self.folder) as running:
            if self.dice.random() < 0.25:
                time.sleep(self.dice.uniform(0.1, 1.5))
            else:
                eventually(lambda: running.logged("started") or running.process.poll() is not None, "the start")
                time.sleep(self.dice.uniform(0.0, 3.0))
            children = _children(running.process.pid)
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
        self._look(children)

    def finish(self) -> None:
        """Let everything arrive, with receivers that are well."""
        for receptions in self.channels.values():
            receptions.healthy = True
        with daemon(self.folder) as running:
            eventually(lambda: self._count("article") == len(self.titles), "all stories stored", 300)
            eventually(lambda: not self._count("article", "ingested_at IS NULL"), "all stories read", 300)
            eventually(self._all_delivered, "all deliveries out", 300)
            running.terminate()

    def verdict(self) -> Verdict:
        rows = self._rows()
        accepted = {name: Counter(id_ for id_ in each.accepted) for name, each in self.channels.items()}
        verdict = Verdict(
            kills=len(self.leased),
            stories=len(self.titles),
            under_way=sum(map(len, self.leased)),
            duplicates=sum(count - 1 for each in accepted.values() for count in each.values()),
            broken=self.broken,
            orphans=self.orphans,
        )
        for name in self.channels:
            own = Counter(title for channel, kind, title, *_ in rows if channel == name and kind == "deal")
            verdict.rows_not_one += [f"{name}: {title}: {own[title]}" for title in self.titles if own[title] != 1]
            verdict.rows_not_one += [f"{name}: {title}: of no story" for title in own if title not in self.titles]
        for channel, _, title, uid, whole in rows:
            if not accepted[channel][whole or uid]:
                verdict.lost.append(f"{channel}: {title}")
        verdict.unexplained += self._unexplained()
        verdict.unexplained += self._told_twice()
        return verdict

    def _unexplained(self) -> Iterator[str]:
        """Messages that arrived more often than once, and once more for each kill that came while they were taken."""
        taken = Counter(id_ for leased in self.leased for id_ in leased)
        for name, receptions in self.channels.items():
            arrived = Counter(id_ for id_ in receptions.accepted)
            yield from (
                f"{name}: {id_} {count} times, {taken[id_]} kills"
                for id_, count in arrived.items()
                if count > 1 + taken[id_]
            )

    def _told_twice(self) -> Iterator[str]:
        """What stands in two different messages of a channel."""
        for name, receptions in self.channels.items():
            told = Counter(headline for headlines in receptions.told.values() for headline in headlines)
            yield from (f"{name}: {headline}: in {count} messages" for headline, count in told.items() if count > 1)

    def _look(self, children: set[int]) -> None:
        """After a kill: whether the database is whole, what was under way, and whether anything still runs."""
        if self.database.exists():
            with closing(sqlite3.connect(self.database)) as connection:
                found = connection.execute("PRAGMA integrity_check").fetchone()[0]
                found += f" {connection.execute('PRAGMA foreign_key_check').fetchall() or ''}"
                if found.strip() != "ok":
                    self.broken.append(f"kill {len(self.leased)}: {found}")
        self.leased.append(set(self._column("uid", "state = 'pending' AND lease_until IS NOT NULL")))
        end = time.monotonic() + 60
        while (alive := {pid for pid in children if _runs(pid)}) and time.monotonic() < end:
            time.sleep(0.02)
        self.orphans += alive

    def _all_delivered(self) -> bool:
        waiting = [int(id_) for id_ in self._column("id", "state IN ('pending', 'dead') AND attempts > 0")]
        if waiting:
            with Store(self.database.parent) as store, store.write() as session:
                outbox.retry(session, waiting, datetime.now(UTC))
        return not self._count("delivery", "state IN ('pending', 'dead')")

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        """Each delivery: channel, kind, the story it tells, its id, and that of the one it was gathered in."""
        with Store(self.database.parent) as store, store.read() as session:
            rows = outbox.listing(session, most=10**6)
            ids = {row.id: row.uid for row in rows}
            assert {row.state for row in rows} <= {DeliveryState.DELIVERED, DeliveryState.GATHERED}
            return [
                (row.channel, row.kind, row.payload.get("headline", ""), row.uid, ids.get(row.gathered_in, ""))
                for row in rows
            ]

    def _count(self, table: str, condition: str = "1") -> int:
        return int(next(iter(self._ask(f"SELECT count(*) FROM {table} WHERE {condition}")), 0))

    def _column(self, column: str, condition: str) -> list[str]:
        return self._ask(f"SELECT {column} FROM delivery WHERE {condition}")

    def _ask(self, query: str) -> list[str]:
        """The first column; nothing while there is no such table yet."""
        try:
            with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as connection:
                return [row[0] for row in connection.execute(query)]
        except sqlite3.OperationalError:
            return []


@contextmanager
def ordeal(folder: Path, seed: int) -> Iterator[Ordeal]:
    dice = random.Random(seed)
    with ExitStack() as stack:
        web = stack.enter_context(serve())
        channels = {name: Receptions(random.Random(seed + n)) for n, name in enumerate(("inbox", "hook", "gathered"))}
        port = stack.enter_context(desk(channels["inbox"]))
        yield Ordeal(folder, web, port, channels, dice)


def run(folder: Path, kills: int, seed: int, show: Callable[[int], None] = lambda _: None) -> Verdict:
    with ordeal(folder, seed) as trial:
        trial.publish(10)
        for number in range(kills):
            trial.kill_once()
            show(number + 1)
        trial.finish()
        return trial.verdict()


def headline(number: int) -> str:
    """That of a story of a deal of its own."""
    return f"OpenAI signs a compute contract with {_name(number)} Systems worth ${number % 90 + 2} billion"


def _name(number: int) -> str:
    """A made-up company, another one for each number."""
    syllables = ""
    for _ in range(3):
        number, at = divmod(number, 70)
        syllables += "bdfgklmnprstvz"[at // 5] + "aeiou"[at % 5]
    return f"{syllables.capitalize()}x"


def _children(pid: int) -> set[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return set()
    return {int(child) for child in listed}


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(Path(folder), kills, seed, lambda n: _say(f"\r{n} kills", sys.stderr))
    _say(f"\r{verdict.kills} kills in {time.monotonic() - started:.0f} s, {verdict.stories} stories, 3 channels\n")
    _say(f"messages under way at the kills: {verdict.under_way}\n")
    _say(f"duplicates on the wire, with the same id: {verdict.duplicates}\n")
    for name in ("lost", "rows_not_one", "broken", "unexplained", "orphans"):
        found = getattr(verdict, name)
        _say(f"{name.replace('_', ' ')}: {len(found)}\n" + "".join(f"  {each}\n" for each in found[:10]))
    sys.exit(0 if verdict.holds else 1)


def _say(text: str, where: TextIO = sys.stdout) -> None:
    where.write(text)
    where.flush()


if __name__ == "__main__":
    main()
