"""How soon after a feed's answer its new deal arrives at a webhook, while nothing or a backlog waits to be read.

A real daemon by the shipped configuration. The backlog are the real pages, on some hundred hosts of another process.
The deals appear, one with each poll, at the feeds of a few publishers, whose pages stand on the host of their feed: its
robots.txt and the spacing between two requests to one host count as in earnest.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from pipeline.config.shipped import shipped_folder
from pipeline.ingest.extract import page_title
from pipeline.store import Store, articles
from tests.bench.figures import Figure
from tests.bench.site import Document, Site, serving
from tests.conftest import SHARED_DATA
from tests.engine.daemon import Running, daemon
from tests.support.web import Answer, Request, Web, serve
from tests.support.world import page, rss

MEDIAN, LATEST = 2.0, 5.0
"""Seconds that the median and the 95th percentile may take."""

_BACKLOG = 5_000
_BEFOREHAND = 16
_FEEDS_OF_BACKLOG = 5
_PUBLISHERS = 4
_DEALS = 48
_EVERY = "3s"
_PATIENCE = 300.0
_LISTED = 10
_RSS = {"Content-Type": "application/rss+xml"}
_NUMBER = re.compile(rb"/deal-(\d+)")


@dataclass
class Deals:
    """Deals that come out one by one: the next one with each poll of any of the feeds, once `open`.

    `left` and `arrived` are when the answer with a deal left the server and when its alert came, by a steady clock in
    seconds; by number of the deal.
    """

    parties: Sequence[str]
    open: bool = False
    left: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def publish(self, web: Web) -> str:
        """Let a publisher have a feed there; its URL."""
        listed: list[dict[str, str]] = []

        def answer(_: Request) -> Answer:
            with self.lock:
                if self.open and len(self.left) < len(self.parties):
                    number = len(self.left)
                    link = web.set(f"/deal-{number}", page(self._title(number), self._said(number)))
                    listed.insert(0, {"title": self._title(number), "link": link, "pubDate": _date(datetime.now(UTC))})
                    self.left[number] = time.monotonic()
                return Answer(rss(listed[:_LISTED]), headers=_RSS)

        web.answers["/feed"] = answer
        return f"{web.base}/feed"

    def take(self, request: Request) -> Answer:
        """What the webhook does with an alert."""
        at = time.monotonic()
        for number in {int(found) for found in _NUMBER.findall(request.body)}:
            self.arrived.setdefault(number, at)
        return Answer()

    @property
    def over(self) -> bool:
        return len(self.arrived) == len(self.parties)

    def waits(self) -> list[float]:
        """Seconds from the poll to the alert; a deal that was never told has waited until now."""
        now = time.monotonic()
        return [self.arrived.get(number, now) - left for number, left in self.left.items()]

    def _title(self, number: int) -> str:
        return f"OpenAI signs ${number + 2} billion data center contract with {self.parties[number]}"

    def _said(self, number: int) -> str:
        party = self.parties[number]
        return f"OpenAI has signed a contract with {party} for {number + 1} gigawatts of data center capacity."


@dataclass(frozen=True)
class Trial:
    """How long each deal took, in seconds, and how much of the backlog was still unread when the last one came."""

    waits: Sequence[float]
    told: int
    left: int

    @property
    def latest(self) -> float:
        """The 95th percentile."""
        return quantiles(self.waits, n=20, method="inclusive")[-1]


def figures() -> Iterable[Figure]:
    """With nothing to do besides, and with a backlog."""
    for backlog in (0, _BACKLOG):
        trial = run(backlog)
        what = f"entry to webhook, {backlog:,} other pages waiting" if backlog else "entry to webhook, nothing else due"
        says = trial.told == _DEALS and (trial.left > 0 or not backlog)
        note = f"{trial.told} of {_DEALS} deals told; {trial.left:,} pages left unread"
        for name, runs, bar in (
            ("median", trial.waits, MEDIAN),
            ("95th percentile", [trial.latest], LATEST),
            ("longest", [max(trial.waits)], None),
        ):
            holds = None if bar is None or not says else median(runs) < bar
            asked = f"under {bar:g} s" if bar else ""
            yield Figure("latency", f"{what}: {name}", "s", runs, asked, holds, note=note)


def run(backlog: int) -> Trial:
    """Without a backlog, a few pages are read beforehand, so that the processes which do that have been started."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(TemporaryDirectory()))
        deals = Deals(_parties(_DEALS))
        publishers = [deals.publish(stack.enter_context(serve(f"127.1.0.{n + 1}"))) for n in range(_PUBLISHERS)]
        desk = stack.enter_context(serve("127.1.1.1"))
        desk.answers["/hook"] = deals.take
        feeds = stack.enter_context(_backlog(backlog or _BEFOREHAND))
        config = _configured(root, publishers, feeds, f"{desk.base}/hook")
        with daemon(config) as running:
            _wait(lambda: _is_ready(root / "state", backlog), running)
            deals.open = True
            _wait(lambda: deals.over, running)
            left = _counts(root / "state").pending
            running.terminate()
        return Trial(deals.waits(), len(deals.arrived), left)


def _configured(root: Path, publishers: Sequence[str], feeds: Sequence[str], hook: str) -> Path:
    """The shipped configuration with these feeds and one webhook."""
    config = root / "config"
    shutil.copytree(shipped_folder(), config)
    listed = [{"name": url, "url": url, "every": _EVERY} for url in publishers]
    listed += [{"name": url, "url": url, "every": "24h"} for url in feeds]
    _write(config / "feeds.yaml", {"feeds": listed})
    general = yaml.safe_load((config / "dealwire.yaml").read_text(encoding="utf-8"))
    general["state"] = "../state"
    general["http"]["allow_private"] = ["127.0.0.0/8"]
    general["channels"] = {"desk": {"type": "webhook", "url": hook}}
    general["digest"] = {"timezone": "UTC", "notify": []}
    _write(config / "dealwire.yaml", general)
    return config


def _write(path: Path, data: Any) -> None:
    path.write_text(yaml.safe_dump(data), encoding="utf-8")


def _parties(count: int) -> list[str]:
    """So many companies that make deals with a laboratory, by name."""
    companies = yaml.safe_load((shipped_folder() / "companies.yaml").read_text(encoding="utf-8"))["companies"]
    names = [company["name"] for company in companies.values() if "lab" not in company["roles"]]
    return names[:count]


@contextmanager
def _backlog(count: int) -> Iterator[list[str]]:
    """Feeds that list so many pages: the real ones, each at many hosts. Their URLs."""
    bodies = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))]
    titles = [page_title(body) for body in bodies]
    with serving({f"{n}.html": Document(body) for n, body in enumerate(bodies)}) as site, serve("127.1.2.1") as web:
        items = [
            {"title": f"{titles[n % len(titles)]}, {n}", "link": link, "pubDate": _date(_days_ago(n))}
            for n, link in zip(range(count), _links(site, len(bodies)), strict=False)
        ]
        yield [
            web.set(f"/feed-{n}", rss(items[n::_FEEDS_OF_BACKLOG]), _RSS["Content-Type"])
            for n in range(_FEEDS_OF_BACKLOG)
        ]


def _links(site: Site, count: int) -> Iterator[str]:
    """Every page at every host, a page of each host after the other."""
    hosts = [urlsplit(url).netloc for url in site.urls.values()]
    return chain.from_iterable(
        (f"http://{host}/{quote(f'{(n + turn) % count}.html')}" for n, host in enumerate(hosts))
        for turn in range(count)
    )


def _days_ago(number: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1 + number)


def _date(at: datetime) -> str:
    return format_datetime(at)


def _wait(holds: Callable[[], bool], running: Running) -> None:
    """Until it holds, or nothing more comes of it."""
    end = time.monotonic() + _PATIENCE
    while not holds() and running.process.poll() is None and time.monotonic() < end:
        time.sleep(0.2)


def _is_ready(state: Path, backlog: int) -> bool:
    """Whether all of the backlog has been found; where there is none, whether what was to be read is."""
    counts = _counts(state)
    return counts.total == backlog if backlog else counts.total == _BEFOREHAND and not counts.pending


def _counts(state: Path) -> articles.Counts:
    with Store(state) as store, store.read() as session:
        return articles.counts(session)
