"""Whether units of work take longer the more a store holds: stores of 10,000, 100,000 and 1,000,000 articles.

In turns over the stores, so that whatever else the machine does falls on all of them. Network, feed parser and
extraction are stood in for, so that nothing hides what the store and the ledger take.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from pipeline.store.search import Search
from tests.bench.aged import SIZES, aged
from tests.bench.figures import Figure
from tests.bench.unit_work import LEDGER, Work, work_on

_MOST = 1.5
_BATCHES, _QUICK, _WARMING = 11, 25, 3
"""Runs of a batch, of what takes milliseconds, and those before that do not count."""
_SPOKEN_OF = 2000
"""Of how many articles one tells of the same deal."""

_Do = Callable[[Work], None]
_SEARCHES: Mapping[str, Search] = {
    "a common word": Search("data"),
    "a common word, best": Search("data", sort="best"),
    "a common word, of a watch": Search("data", watch=LEDGER),
    "a phrase": Search('"data center"'),
    "a phrase, best": Search('"data center"', sort="best"),
    "a rare word": Search("Norvane"),
    "a rare word, best": Search("Norvane", sort="best"),
    "of a watch": Search(watch=LEDGER),
    "all, newest": Search(),
}


def figures() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        works = {}
        for size in SIZES:
            sys.stderr.write(f"growth: a store of {size:,} articles ...\n")
            state = Path(folder) / str(size)
            aged(size, state)
            works[size] = opened.enter_context(work_on(state))
        yield from measured(works)


def measured(works: Mapping[int, Work]) -> Iterator[Figure]:
    """What takes how long on stores of these sizes."""
    for size, work in works.items():
        work.settle(size // _SPOKEN_OF)
    yield from _batches(works)
    yield _figure("the digest of the day, a new deal in it", _in_turns(works, Work.digest, _BATCHES, Work.new_deal))
    for what, do in _quick():
        yield _figure(what, _in_turns(works, do, _QUICK))
    # Here the work is not the same: the deal has as many pieces as one in so many articles makes.
    what = f"a mention that joins what one in {_SPOKEN_OF:,} articles tells of"
    yield replace(_figure(what, _in_turns(works, _joins_the_largest, _QUICK)), bar="", holds=None)


def _batches(works: Mapping[int, Work]) -> Iterator[Figure]:
    """Polls and ingestion, in turn, so that each batch finds the next entries."""
    polled: dict[int, list[float]] = {size: [] for size in works}
    ingested: dict[int, list[float]] = {size: [] for size in works}
    for _ in range(_WARMING + _BATCHES):
        for size, work in works.items():
            work.publish()
            polled[size].append(_seconds(work.poll))
            ingested[size].append(_seconds(work.ingest))
    yield _figure("a poll of 64 feeds, 16 of them with 4 new entries", {s: t[_WARMING:] for s, t in polled.items()})
    yield _figure("ingesting 64 pages, 16 of them told", {s: t[_WARMING:] for s, t in ingested.items()})


def _quick() -> Iterator[tuple[str, _Do]]:
    yield "a mention that makes a deal", Work.new_deal
    yield "a mention that joins a deal told of in a dozen pieces", lambda work: work.joins("Marvell")
    for what, wanted in _SEARCHES.items():
        yield f"search: {what}", partial(_search, wanted)


def _joins_the_largest(work: Work) -> None:
    work.joins("Dell")


def _search(wanted: Search, work: Work) -> None:
    work.search(wanted)


def _in_turns(works: Mapping[int, Work], do: _Do, runs: int, before: _Do = lambda _: None) -> dict[int, list[float]]:
    """How long it took on each store; `before` each run something else is done that does not count."""
    took: dict[int, list[float]] = {size: [] for size in works}
    for at in range(_WARMING + runs):
        for size, work in works.items():
            before(work)
            seconds = _seconds(partial(do, work))
            if at >= _WARMING:
                took[size].append(seconds)
    return took


def _seconds(do: Callable[[], None]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _figure(what: str, took: Mapping[int, Sequence[float]]) -> Figure:
    first, *between, last = sorted(took)
    middle = "".join(f"{1000 * median(took[size]):.3g} ms with {size:,}, " for size in between)
    return Figure(
        part="growth",
        what=what,
        unit="ms",
        runs=[1000 * seconds for seconds in took[last]],
        bar=f"at most {_MOST} times as long",
        holds=median(took[last]) <= _MOST * median(took[first]),
        peer=f"with {first:,}",
        peer_runs=[1000 * seconds for seconds in took[first]],
        note=f"{middle}here with {last:,} articles",
    )
