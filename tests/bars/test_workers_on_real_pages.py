"""Real pages, read by workers that are killed at random moments."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.errors import ExtractError
from pipeline.ingest.extract import Extracted, Extractor
from tests.conftest import Every

KILLS = 10
TRIES = 4
"""How often an article is tried: once, and three times more."""


def workers() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


@pytest.mark.parametrize("seed", [1])
def test_kills(shared_data: Path, every: Every, seed: int) -> None:
    """With a worker killed by SIGSEGV at random moments, every page ends with the text that it has without kills."""
    pages = {path.name: path.read_bytes() for path in every(5, list((shared_data / "pages").glob("*.html")))}
    before, chance = workers(), random.Random(seed)
    left, killed, tries = dict.fromkeys(pages), 0, Counter[str]()
    found: dict[str, Extracted] = {}

    def read(extractor: Extractor, name: str) -> Extracted | ExtractError:
        try:
            return extractor.read(pages[name])
        except ExtractError as error:
            return error

    with Extractor(2, 120) as extractor, ThreadPoolExecutor(4) as threads:
        calm = dict(zip(pages, threads.map(lambda name: read(extractor, name), pages), strict=True))

    over = threading.Event()

    def kill() -> int:
        """Kill until there were enough, at moments as long apart as a few pages take."""
        done = 0
        while done < KILLS and not over.wait(chance.uniform(0.02, 0.25)):
            running = sorted(workers() - before)
            if running:
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(chance.choice(running), signal.SIGSEGV)
                    done += 1
        return done

    with Extractor(2, 120) as extractor, ThreadPoolExecutor(5) as threads:
        killer = threads.submit(kill)
        while left or not killer.done():
            batch = list(left) or list(pages)  # where the pages end before the kills, they are read once more
            for name, ended in zip(batch, threads.map(lambda name: read(extractor, name), batch), strict=True):
                tries[name] += name in left
                if isinstance(ended, Extracted):
                    assert found.setdefault(name, ended) == ended
                if isinstance(ended, Extracted) or not ended.retry:
                    left.pop(name, None)
            assert max(tries.values()) <= TRIES
        killed = killer.result()
        over.set()

    texts = {name: ended for name, ended in calm.items() if isinstance(ended, Extracted)}
    assert killed == KILLS
    assert len(texts) >= 0.95 * len(pages)
    assert found == texts
    assert workers() == before
