"""How much memory the main process and its extracting processes hold over many pages.

Run as `python -m tests.bars.memory [COUNT] [PROCESSES]`: 20,000 extractions of the real pages, over and over, in two
processes. Prints the curve, and the ratio of the end to the level after the first tenth.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extractor

_PAGES = Path(__file__).parents[3] / "shared" / "data" / "pages"
_EVERY = 0.5
_MIB = 2**20


def resident(pid: int) -> int:
    """Bytes of a process in memory, of shared pages its part; none where it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            return sum(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
    except (OSError, ProcessLookupError):
        return 0


class Watch(threading.Thread):
    """Notes again and again what the processes hold, and how many pages were done by then."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = 0
        self.samples: list[tuple[int, int]] = []
        self.peak_main = self.peak_worker = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            workers = [resident(child.pid or 0) for child in multiprocessing.active_children()]
            main = resident(os.getpid())
            self.samples.append((self.done, main + sum(workers)))
            self.peak_main = max(self.peak_main, main)
            self.peak_worker = max(self.peak_worker, *workers, 0)

    def stop(self) -> None:
        self._over.set()
        self.join()

    def level(self, first: int, last: int) -> float:
        """The median over the samples between two numbers of pages, in MiB."""
        return median([size for done, size in self.samples if first <= done <= last] or [0]) / _MIB


def in_turn(count: int) -> Iterator[bytes]:
    pages = [path.read_bytes() for path in sorted(_PAGES.glob("*.html"))]
    return islice(cycle(pages), count)


def main(count: int, processes: int) -> None:
    watch, started, failed = Watch(), time.perf_counter(), 0
    watch.start()

    def read(html: bytes) -> bool:
        try:
            return bool(extractor.read(html).text)
        except ExtractError:
            return False

    with Extractor(processes, 60) as extractor, ThreadPoolExecutor(processes * 2) as threads:
        pages = in_turn(count)
        while batch := list(islice(pages, 20)):
            failed += sum(not found for found in threads.map(read, batch))
            watch.done += len(batch)
        watch.stop()

    print(f"{count:,} extractions in {time.perf_counter() - started:.0f} s, {failed:,} without a text")  # noqa: T201
    step = max(count // 20, 1)
    for first in range(0, count, step):
        print(f"{first:>8,} to {min(first + step, count):>7,}: {watch.level(first, first + step):6.1f} MiB")  # noqa: T201
    early, end = watch.level(count // 20, count // 10), watch.level(count - count // 20, count)
    print(  # noqa: T201
        f"after the first {count // 10:,}: {early:.1f} MiB; at the end: {end:.1f} MiB; ratio {end / early:.3f}\n"
        f"peaks: main {watch.peak_main / _MIB:.0f} MiB, largest worker {watch.peak_worker / _MIB:.0f} MiB"
    )


if __name__ == "__main__":
    main(*(int(number.replace(",", "")) for number in (sys.argv[1:3] + ["20000", "2"][len(sys.argv) - 1 :])))
