"""Deals found as people ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.schema import Settings
from pipeline.domain import Party
from pipeline.errors import UsageError
from pipeline.flow import deal_search, load_settings
from pipeline.store import Session, ledger
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.ledger import WATCH, kept, save, state
from tests.support.world import FixedClock, write_config

NOW = FixedClock().now()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(write_config(tmp_path / "config", watches={WATCH: LEDGER_WATCH}, companies=COMPANIES))


@pytest.mark.parametrize("name", ["oracle", "ORACLE", "orcl", "$ORCL", "Or-acle"])
def test_a_company_is_found_by_any_name(settings: Settings, session: Session, name: str) -> None:
    """Of companies.yaml: slug, name, ticker, whatever the case and the signs."""
    kept(session)
    kept(session, "Other", "acme", parties=(Party("acme", "Acme", "supplier", known=False),))

    found = deal_search.find(settings, session, ledger.Filter(), name)

    assert [each.title for each in found] == ["OpenAI and Oracle (compute)"]


def test_a_company_of_the_ledger_alone_is_found(settings: Settings, session: Session) -> None:
    """And one that nobody knows is told with what is near."""
    kept(session, parties=(Party("acme-power", "Acme Power", "supplier", known=False),))

    assert deal_search.slug_of(settings, session, "acme power") == "acme-power"
    with pytest.raises(UsageError, match="Did you mean Acme Power"):
        deal_search.slug_of(settings, session, "Acme Powr")


def test_of_two_of_a_name_the_one_with_most_deals_is_meant(settings: Settings, session: Session) -> None:
    """A company that was not in companies.yaml before stands in the ledger under another slug, until it is replayed."""
    unknown = (Party("oracle-corp", "Oracle", "supplier", known=False),)
    for number in range(3):
        kept(session, key=f"deal-{number}", parties=unknown if number else state().parties)

    assert deal_search.slug_of(settings, session, "Oracle") == "oracle-corp"
    assert deal_search.slug_of(settings, session, "oracle") == "oracle"


def test_a_company_of_dismissed_deals_is_found(settings: Settings, session: Session) -> None:
    """Whoever asks for dismissed deals may name its parties."""
    kept(session, dismissed=True, parties=(Party("acme", "Acme", "supplier", known=False),))

    assert deal_search.find(settings, session, ledger.Filter(), "acme") == []
    assert len(deal_search.find(settings, session, ledger.Filter(dismissed=True), "acme")) == 1


def test_a_ledger_is_summed_up_whole(session: Session) -> None:
    """By number, dismissed deals too, and of this watch only."""
    kept(session)
    kept(session, "Dismissed", "acme", dismissed=True)
    save(session, "other", state(), "Of another watch", NOW)

    assert [(one.id, one.title) for one in deal_search.books(session, WATCH)] == [
        (1, "OpenAI and Oracle (compute)"),
        (2, "Dismissed"),
    ]
