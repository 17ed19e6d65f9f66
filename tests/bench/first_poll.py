"""All real feeds polled, parsed and stored with an empty store to begin with, as one command; no pages fetched."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.commands import in_turn
from tests.bench.figures import Figure
from tests.bench.peers import Poller, installed
from tests.bench.polling import FEEDS, Dealwire, Polled, beside, polled, real_feeds, runnable
from tests.bench.site import Site

_ROUNDS = 5
_MOST = {"newsboat": Fraction(1, 3), "reader": Fraction(1, 30)}


def figures() -> Iterator[Figure]:
    if not FEEDS.is_dir():
        yield Figure("first_poll", "the real feeds", "s", (), note=f"there are none at {FEEDS}")
        return
    with real_feeds() as site:
        peers, missing = runnable(installed(), next(iter(site.urls.values())))
        found = in_turn({poller: partial(_from_nothing, poller, site) for poller in (Dealwire(), *peers)}, _ROUNDS)
    yield from beside(
        Figure("first_poll", f"{len(site.urls)} feeds, nothing stored before", "s", ()), found, missing, _MOST
    )


def _from_nothing(poller: Poller, site: Site) -> Polled:
    with TemporaryDirectory() as folder:
        poller.prepare(Path(folder), list(site.urls.values()))
        return polled(poller, Path(folder), site)
