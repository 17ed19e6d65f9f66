"""One deal with all that is known of it."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.flow.deal_view import deal_view
from pipeline.store import Session
from tests.support.ledger import kept, source, state
from tests.support.world import FixedClock

NOW = FixedClock().now()


def test_a_deal_is_seen_with_all_that_belongs_to_it(session: Session) -> None:
    """Figures with their sources, independent reports, what happened, and the deals around it."""
    sources = (*state().sources, source(2, "other.example", official=True, day=2))
    kept(session, sources=sources)
    kept(session, "Part", "stargate", part_of="oracle")

    view = deal_view(session, 1)

    assert [(fact.field, origin and origin.article) for fact, origin in view.figures] == [
        ("amount", 1),
        ("capacity", 1),
    ]
    assert [report.name for report in view.reports] == ["wire.example", "other.example"]
    assert [(event.happened, event.holds, event.found) for event in view.history] == [("new deal", True, NOW)]
    assert [(how, other.title) for how, other in view.related] == [("has the part", "Part")]
    assert deal_view(session, 2).related[0][0] == "part of"


def test_a_deal_that_is_not_there_is_told(session: Session) -> None:
    """With the way to those that are."""
    with pytest.raises(UsageError, match=r"There is no deal 9\. `dealwire deals` lists them\."):
        deal_view(session, 9)
