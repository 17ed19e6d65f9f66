"""Stores that are the same but for their age: a feed reader's after four days, five weeks and a year."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.store.database import SCHEMA
from pipeline.store.sqlite import FILE
from tests.bars import bulk, prose, web_deals, web_store
from tests.bars.web_store import Scale, fill

SIZES = (10_000, 100_000, 1_000_000)
"""Articles."""

MORNING = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
"""Up to when the stores were filled: what happens from then on is the same in all of them."""

_CACHE = Path(__file__).parents[2] / ".cache" / "bench"
_A_DAY = 2740
"""Articles."""


def aged(articles: int, state: Path) -> None:
    """Put a store with so many articles, and deals, feeds and deliveries to match, in this new folder."""
    kept = _CACHE / f"store-{articles}-{_recipe()}"
    if not kept.exists():
        for old in _CACHE.glob(f"store-{articles}-*"):
            shutil.rmtree(old)
        draft = _CACHE / f"draft-{articles}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        fill(draft, Scale(articles, articles // 200, max(200, articles // 500), articles / _A_DAY), MORNING, pending=0)
        _rest(draft / FILE)
        draft.rename(kept)
    shutil.copytree(kept, state)


def _recipe() -> str:
    """What is another one whenever the stores would be made otherwise."""
    made_by = [Path(module.__file__ or "") for module in (bulk, prose, web_deals, web_store)]
    text = b"".join(file.read_bytes() for file in (*made_by, Path(__file__)))
    return f"{SCHEMA}-{hashlib.sha256(text).hexdigest()[:8]}"


def _rest(database: Path) -> None:
    """Let no feed be due and no delivery wait, so that only what is asked for is done."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE feed SET next_poll = ?, health = 'well'", [bulk.stamp(MORNING + timedelta(days=9))])
        connection.execute("UPDATE delivery SET state = 'delivered' WHERE state = 'pending'")
