"""How long each page of the dashboard takes over a big store, and how large it is.

    scripts/trial pages [ARTICLES [DEALS [STATE]]]

By default 1,000,000 articles and 5,000 deals in a store that is made for it; with STATE, a folder that is filled where
it is empty and kept. Each page is asked for 15 times from a process of its own: medians in milliseconds, first answers
too, in which caches are filled, and what the server's processor spends on one. The exit code is 1 where a median is
100 ms or more, or a page 150 kB or more.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.store import Store, articles, ledger
from tests.bars.web_store import Scale, fill
from tests.engine.daemon import COMMAND, asked, eventually, free_port
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.world import write_config

SLOWEST, LARGEST = 100.0, 150_000
"""Milliseconds, and bytes without pictures."""

_TIMES = 15
WATCH = "openai-infrastructure-deals"


def addresses(state: Path) -> list[str]:
    """Each page, the heavier ways of asking for it among them."""
    with Store(state) as store, store.read() as session:
        newest = ledger.find(session, ledger.Filter())[0]
        article = articles.find(session, articles.Filter(flagged=True))[0]
    day = f"{article.found_at:%Y-%m-%d}"
    return [
        "/", f"/days/{day}", "/deals", "/deals?sort=-amount&page=90", "/deals?party=nvidia&kind=chips",
        "/deals?words=oracle&sort=title", "/deals/timeline", "/deals/network", "/deals/totals", "/deals/rulings",
        f"/deals/{newest.id}", "/articles", "/articles?q=gigawatt", "/articles?q=data+center&sort=best",
        "/articles?q=%22data+center%22+-oracle&flagged=1", f"/articles?watch={WATCH}&page=20",
        f"/articles/{article.id}", "/watches", "/watches/try", "/feeds", "/feeds?sort=-entries", "/feeds/1",
        "/deliveries", "/deliveries?state=delivered&page=100", "/deliveries/1", "/api",
        "/api/v1/deals?sort=-amount", "/api/v1/articles?q=gigawatt", f"/api/v1/deals/{newest.id}", "/api/v1/status",
        "/api/v1/digest",
    ]  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What came of a page: its bytes, and milliseconds of the first answer, of the median one, and of the processor."""

    path: str
    status: int
    size: int
    first: float
    median: float
    cpu: float

    @property
    def over(self) -> bool:
        return self.status != 200 or self.median >= SLOWEST or self.size >= LARGEST


def measure(port: int, pid: int, path: str) -> Row:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    client.connect()
    took: list[float] = []
    before = _spent(pid)
    for _ in range(_TIMES):
        began = time.perf_counter()
        client.request("GET", path)
        answer = client.getresponse()
        body = answer.read()
        took.append(1000 * (time.perf_counter() - began))
    client.close()
    each = (_spent(pid) - before) / _TIMES
    return Row(path, answer.status, len(body), took[0], statistics.median(took), each)


def _spent(pid: int) -> float:
    """Milliseconds of the processor that a process has taken so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(count: int = 1_000_000, deals: int = 5_000, kept: str = "") -> int:
    with tempfile.TemporaryDirectory() as temporary:
        state = Path(kept or Path(temporary) / "state").resolve()
        folder = write_config(
            Path(temporary) / "config", watches={WATCH: LEDGER_WATCH}, companies=COMPANIES, state=str(state)
        )
        if not (state / "dealwire.db").exists():
            fill(state, Scale(count, deals))
        port = free_port()
        with subprocess.Popen([*COMMAND, str(folder), "web", "--listen", f"127.0.0.1:{port}"]) as process:
            try:
                eventually(lambda: asked(port, "/healthz")[0] == 200, "the site answers")
                rows = [measure(port, process.pid, path) for path in addresses(state)]
            finally:
                process.terminate()
    print(f"{'page':52}  status    kB  first ms  median ms  CPU ms")  # noqa: T201
    for row in rows:
        print(  # noqa: T201
            f"{row.path:52}  {row.status:6}  {row.size / 1000:4.0f}  {row.first:8.1f}  {row.median:9.1f}"
            f"  {row.cpu:6.1f}{'  OVER' if row.over else ''}"
        )
    return int(any(row.over for row in rows))


if __name__ == "__main__":
    whole, *rest = [*map(int, sys.argv[1:3])] or [1_000_000]
    sys.exit(main(whole, *rest, *sys.argv[3:4]))
