"""Whether units of work take longer the more a store on PostgreSQL holds: those of `growth`, copied to a server."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from pipeline.store import Store
from pipeline.store.copying import copy
from pipeline.store.sqlite import FILE
from tests.bench import growth
from tests.bench.aged import SIZES, aged
from tests.bench.figures import Figure
from tests.bench.unit_work import work_on
from tests.support import postgresql


def figures() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        server = opened.enter_context(postgresql.server(postgresql.DURABLE))
        works = {}
        for size in SIZES[:2]:
            sys.stderr.write(f"growth_postgresql: a store of {size:,} articles ...\n")
            state, url = Path(folder) / str(size), server.make()
            aged(size, state)
            with Store(state), Store(url) as target:
                copy(state / FILE, target, lambda *_: None)
            works[size] = opened.enter_context(work_on(url))
        for figure in growth.measured(works):
            yield replace(figure, part="growth_postgresql")
