"""Workers that share a store on PostgreSQL: what they make of the news, and what becomes of it when they are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

import pytest
import yaml

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.flow import labels
from pipeline.flow.labels import Line, piece_parts
from pipeline.flow.trial import day
from pipeline.store import Store, articles, ledger, outbox
from tests.bars.test_ledger_quality import WATCH, plain
from tests.bars.workers import run
from tests.engine.daemon import COMMAND, eventually
from tests.support import postgresql
from tests.support.web import Web, serve
from tests.support.world import rss

pytestmark = pytest.mark.skipif(postgresql.programs() is None, reason="there is no PostgreSQL server to be started")

FEEDS, WORKERS = 4, 4


def test_nothing_is_lost_over_kills(tmp_path: Path) -> None:
    """Every entry is one article and one row for each channel, and arrives; every feed is polled in time.

    A worker is killed every two seconds, the database is restarted twice, and one worker loses its network for a
    while. A message arrives again only if it was under way then; `scripts/trial workers` goes on longer.
    """
    verdict = run(tmp_path, 16, 3)

    assert verdict.holds, verdict
    assert verdict.kills >= 5
    assert verdict.restarts == 2
    assert verdict.stories > 10


@dataclass(frozen=True)
class Made:
    """A ledger without the numbers of its articles, and which of its deals were told."""

    deals: Mapping[str, tuple[object, ...]]
    told: frozenset[str]


def test_workers_make_the_same_of_the_news_as_one_machine(
    tmp_path: Path, shared_data: Path, pytestconfig: pytest.Config
) -> None:
    """The same ledger and the same deals told, from real news, on SQLite and on four workers with PostgreSQL."""
    lines = [line for line in labels.read(shared_data / "corpus" / "dev.jsonl") if line.date]
    lines = lines[:: 1 if pytestconfig.getoption("--whole") else 4]
    with serve() as web, postgresql.server() as server:
        feeds = _published(web, lines)
        one = _configured(tmp_path / "one", feeds)
        subprocess.run([*COMMAND, str(one), "once", "--only", "poll"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*COMMAND, str(one), "once", "--only", "ingest"], check=True, stdout=subprocess.DEVNULL)
        many = _configured(tmp_path / "many", feeds, server.make())
        with _workers(many):
            eventually(lambda: _is_read(many, len(lines)), "all news read", 300)
        alone, together = _made(one), _made(many)

    assert len(alone.deals) > 5
    assert together.deals == alone.deals
    assert together.told == alone.told


def _published(web: Web, lines: Sequence[Line]) -> list[str]:
    """Feeds of these pieces, whose text they bring along; their pages are not to be had. Their URLs."""
    urls = []
    for number in range(FEEDS):
        items = []
        for line in lines[number::FEEDS]:
            title, text, summary = piece_parts(line)
            at = format_datetime(day(line))
            link = f"{web.base}/news/{line.id}"
            items.append({"title": title, "link": link, "guid": link, "pubDate": at, "description": text or summary})
        urls.append(web.set(f"/feed/{number}", rss(items), "application/rss+xml"))
    return urls


def _configured(folder: Path, feeds: Sequence[str], store: str | None = None) -> Path:
    config = folder / "config"
    shutil.copytree(shipped_folder(), config)
    http = {"allow_private": ["127.0.0.1"], "spacing": 0, "per_host": 16, "robots": False}
    general = {"state": "../state", "store": store, "http": http, "schedule": {"poll_every": "1h"}}
    general |= {
        "digest": {"timezone": "UTC", "notify": []},
        "channels": {"log": {"type": "file", "path": "told.jsonl"}},
    }
    (config / "dealwire.yaml").write_text(yaml.safe_dump(general), encoding="utf-8")
    listed = [{"name": f"feed {number}", "url": url} for number, url in enumerate(feeds)]
    (config / "feeds.yaml").write_text(yaml.safe_dump({"feeds": listed}), encoding="utf-8")
    return config


@contextmanager
def _workers(config: Path) -> Iterator[None]:
    with ExitStack() as stack, (config.parent / "log").open("ab") as log:
        for _ in range(WORKERS):
            process = subprocess.Popen([*COMMAND, str(config), "worker"], stderr=log, env={**os.environ})
            stack.callback(process.wait, 90)
            stack.callback(process.send_signal, signal.SIGTERM)
        yield


def _opened(config: Path) -> Store:
    return flow.open_store(flow.load_settings(config))


def _is_read(config: Path, count: int) -> bool:
    with _opened(config) as store, store.read() as session:
        found = articles.counts(session)
        return (found.total, found.pending) == (count, 0)


def _made(config: Path) -> Made:
    with _opened(config) as store, store.read() as session:
        deals = {deal.key: deal for deal in ledger.find(session, ledger.Filter(WATCH))}
        numbers = {row.deal_id for row in outbox.listing(session, most=10**6) if row.kind == "deal"}
        states = {key: ledger.state(deal) for key, deal in deals.items()}
    return Made(plain(states), frozenset(key for key, deal in deals.items() if deal.id in numbers))
