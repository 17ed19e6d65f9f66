"""The made-up store that the dashboard is measured on."""

from __future__ import annotations

from pathlib import Path

from pipeline.notify import render
from pipeline.store import Store, articles, ledger, outbox
from tests.bars.store_queries import measure
from tests.bars.web_store import Scale, fill
from tests.store.old import is_sound


def test_a_made_up_store_is_like_a_real_one(tmp_path: Path) -> None:
    """All of it can be read, references hold, and every query that is measured gets an answer."""
    fill(tmp_path, Scale(articles=4000, deals=60))
    with Store(tmp_path) as store, store.read() as session:
        deals = ledger.find(session, ledger.Filter())
        told = outbox.listing(session, most=10**5)
        counts = articles.counts(session)
        parties = {deal.id: {party.slug for party in ledger.state(deal).parties} for deal in deals}
        values = [render.unpack(row.kind, row.payload) for row in told[:100]]

    assert (counts.total, counts.flagged) == (4000, 20)
    assert len(deals) > 50
    assert all(len(slugs) > 1 for slugs in parties.values())
    assert len(values) == 100
    assert is_sound(tmp_path / "dealwire.db")
    assert all(took.whole > 0 for took in measure(tmp_path, runs=1).values())
