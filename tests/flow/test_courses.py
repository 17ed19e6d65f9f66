"""The progress of ledgers, kept from one digest to the next."""

from __future__ import annotations

from pathlib import Path

from pipeline.deals.progress import Progress
from pipeline.flow.courses import Courses
from pipeline.store import Store, ledger
from tests.support.ledger import AMOUNT, FIRST, WATCH, kept


def sum_of(progress: Progress) -> float:
    return sum(usd for _, usd in progress.dollars)


def test_what_changed_since_is_taken_up(tmp_path: Path) -> None:
    """Deals that came, changed and went; what did not change is kept, and another store is read from the start."""
    courses = Courses()
    with Store(tmp_path / "one") as store, store.write() as session:
        kept(session, key="first")
        before = courses.progress(session, WATCH)
        kept(session, "Another", "second", facts={"amount": AMOUNT})
        ledger.save(session, WATCH, ["first"], [], FIRST)
        after = courses.progress(session, WATCH)

        assert courses.progress(session, WATCH) is after
    with Store(tmp_path / "two") as store, store.write() as session:
        kept(session, key="third")
        other = courses.progress(session, WATCH)

    assert [trail.key for trail in before.trails.values()] == ["first"]
    assert [trail.key for trail in after.trails.values()] == ["second"]
    assert sum_of(after) == sum_of(other) == 3e11
    assert [trail.key for trail in other.trails.values()] == ["third"]
    assert not Courses().progress(session, "another").trails
