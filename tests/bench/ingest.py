"""The real pages, fetched over loopback, extracted, matched and stored, beside trafilatura alone on the same bytes.

Ours is what the daemon does with articles that wait, in as many threads as it has for that. The peer is
`trafilatura.extract` with its defaults in as many processes as there are processors, to which a pool hands out the
pages. Both are warm.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import trafilatura

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.domain import Entry
from pipeline.engine.stages import drain
from pipeline.flow import Report, Tools
from pipeline.ingest.extract import page_title
from pipeline.store import articles, entries, feeds
from tests.bench.figures import Figure
from tests.conftest import SHARED_DATA

_RUNS = 5
_ROUNDS = 8
_LEAST = 0.9
_HOSTS = 16
_SIDE_BY_SIDE = 4  # as many runs of its ticks as the daemon has at a time


def figures() -> Iterable[Figure]:
    pages = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))]
    processes = os.cpu_count() or 1
    spawn = multiprocessing.get_context("spawn")
    with _served(pages) as urls, tempfile.TemporaryDirectory() as folder, spawn.Pool(processes) as pool:
        with _tools(Path(folder)) as tools:
            ours = _Ours(tools, [page_title(page) for page in pages], urls)
            rate = _rate(lambda: ours.take_in(1), len(pages))
            alone = lambda: sum(1 for _ in pool.imap_unordered(trafilatura.extract, pages * _ROUNDS))  # noqa: E731
            alone()
            runs, peer_runs = [], []
            for _ in range(_RUNS):
                runs.append(_rate(lambda: ours.take_in(_ROUNDS), len(pages) * _ROUNDS))
                peer_runs.append(_rate(alone, len(pages) * _ROUNDS))
                print(runs, peer_runs)
    yield Figure("ingest", "pages", "pages/s", runs, peer_runs=peer_runs, peer="trafilatura")


def _rate(work: Callable[[], object], pages: int) -> float:
    began = time.perf_counter()
    work()
    return pages / (time.perf_counter() - began)


class _Ours:
    """Takes the pages in, again and again under other URLs."""

    def __init__(self, tools: Tools, titles: Sequence[str], urls: Sequence[str]) -> None:
        self._tools = tools
        self._titles = titles
        self._urls = urls
        self._round = 0

    def take_in(self, rounds: int) -> None:
        tools = self._tools
        now = datetime.now(UTC)
        with tools.store.write() as session:
            feed = feeds.all_active(session)[0].id or 0
            for _ in range(rounds):
                self._round += 1
                entries.add_entries(
                    session,
                    feed,
                    [
                        Entry("", f"{url}?{self._round}", title, title, published=now)
                        for url, title in zip(self._urls, self._titles, strict=True)
                    ],
                    now,
                )
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            reports = list(threads.map(lambda _: drain(tools, articles.pending, flow.ingest), range(_SIDE_BY_SIDE)))
        whole = Report()
        for report in reports:
            whole.join(report)
        print(whole.counts, whole.failures[:3])


@contextmanager
def _tools(folder: Path) -> Iterator[Tools]:
    """As for the shipped configuration, on an empty store."""
    shutil.copytree(shipped_folder(), folder / "config")
    http = {"allow_private": ["127.0.0.0/8"], "spacing": 0, "per_host": 4}
    general = {"state": str(folder / "state"), "http": http, "digest": {"timezone": "UTC"}}
    (folder / "config" / "dealwire.yaml").write_text(json.dumps(general), encoding="utf-8")
    settings = flow.load_settings(folder / "config")
    with flow.open_store(settings) as store, flow.open_tools(settings, store, lambda _: None) as tools:
        yield tools


class _Site(asyncio.Protocol):
    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._to: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            self._to.write(self._answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))


def _serve(pages: list[bytes], ready: Connection) -> None:
    answers = {
        b"/%d" % n: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page
        for n, page in enumerate(pages)
    }

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(lambda: _Site(answers), "127.0.0.1", 0)
        port = first.sockets[0].getsockname()[1]
        await loop.create_server(lambda: _Site(answers), [f"127.0.0.{n}" for n in range(2, _HOSTS + 1)], port)
        ready.send(port)
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextmanager
def _served(pages: list[bytes]) -> Iterator[list[str]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(pages, theirs), daemon=True)
    process.start()
    port = ours.recv()
    try:
        yield [f"http://127.0.0.{n % _HOSTS + 1}:{port}/{n}" for n in range(len(pages))]
    finally:
        process.kill()
        process.join()
