"""The real pages, fetched over loopback, extracted, matched and stored, beside trafilatura alone on the same bytes.

Ours is what the daemon does with articles that wait, in as many threads as it has for that. The peer is
`trafilatura.extract` with its defaults in as many processes as there are processors, to which a pool hands out the
pages. Both are warm.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

import trafilatura

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.domain import Entry
from pipeline.engine.stages import INGEST, drain
from pipeline.flow import Tools
from pipeline.ingest.extract import page_title
from pipeline.store import entries, feeds
from tests.bench.commands import in_turn
from tests.bench.figures import Figure
from tests.bench.peers import cores
from tests.bench.site import Document, serving
from tests.conftest import SHARED_DATA

_RUNS = 5
_TURNS = "abcd"
"""Each page is there so many times."""
_LEAST = 0.9
_HOSTS = 16
_SIDE_BY_SIDE = 4  # as many runs of its ticks as the daemon has at a time


def figures() -> Iterable[Figure]:
    pages = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))]
    documents = {f"{number}{again}": Document(page) for number, page in enumerate(pages) for again in _TURNS}
    with (
        serving(documents, _HOSTS) as site,
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.get_context("spawn").Pool(cores()) as pool,
        _tools(Path(folder)) as tools,
    ):
        titles = [page_title(document.body) for document in documents.values()]
        ours = _Ours(tools, titles, list(site.urls.values()))

        def alone() -> None:
            for _ in pool.imap_unordered(trafilatura.extract, pages * len(_TURNS)):
                pass

        work = {"ours": ours.take_in, "alone": alone}
        in_turn({name: partial(_rate, do, len(documents)) for name, do in work.items()}, 1)  # warms both up
        runs = in_turn({name: partial(_rate, do, len(documents)) for name, do in work.items()}, _RUNS)
    ratio = median(runs["ours"]) / median(runs["alone"])
    yield Figure(
        "ingest",
        f"{len(documents):,} pages, {cores()} extracting processes",
        "pages/s",
        runs["ours"],
        f"at least {_LEAST:.0%}",
        ratio >= _LEAST,
        "trafilatura alone",
        runs["alone"],
        note=f"{ours.read:,} read",
    )


def _rate(work: Callable[[], object], pages: int) -> float:
    began = time.perf_counter()
    work()
    return pages / (time.perf_counter() - began)


class _Ours:
    """Takes the pages in, again and again under other URLs. `read` counts those of which there was a text."""

    def __init__(self, tools: Tools, titles: Sequence[str], urls: Sequence[str]) -> None:
        self._tools = tools
        self._titles = titles
        self._urls = urls
        self._round = 0
        self.read = 0

    def take_in(self) -> None:
        tools, now = self._tools, datetime.now(UTC)
        self._round += 1
        listed = [
            Entry("", f"{url}?{self._round}", title, title, published=now)
            for url, title in zip(self._urls, self._titles, strict=True)
        ]
        with tools.store.write() as session:
            entries.add_entries(session, {feeds.all_active(session)[0].id or 0: listed}, now)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            for report in threads.map(lambda _: drain(tools, INGEST), range(_SIDE_BY_SIDE)):
                self.read += report.counts.get("from page", 0)


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
