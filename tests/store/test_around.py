"""What stands around deals: what is superseded, near, told and changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.domain import Party
from pipeline.models import Delivery
from pipeline.store import Session, Store, around, ledger
from tests.store.conftest import NOW
from tests.support.ledger import FIRST, WATCH, kept, source


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    with store.write() as opened:
        yield opened


def test_a_superseded_deal_is_known_by_a_later_one(session: Session) -> None:
    """By one of the same watch that stands in the ledger and that nobody dismissed."""
    old, unmade, alone = (kept(session, key=key) for key in ("old", "unmade", "alone"))
    kept(session, key="new", supersedes="old")
    kept(session, key="none", supersedes="unmade", dismissed=True)

    assert around.superseded(session, [old, unmade, alone]) == {old.id}
    assert around.superseded(session, []) == set()


def test_near_are_those_with_the_same_companies(session: Session) -> None:
    """The more they share the nearer, then those spoken of last; never the deal itself, or one that is no more."""
    a, b = Party("a", "A", "supplier"), Party("b", "B", "supplier")
    deal = kept(session, key="deal", parties=(a, b))
    kept(session, "stranger", "stranger", sources=(source(1, "x.example", day=2),))
    kept(session, "late stranger", "late", sources=(source(1, "x.example", day=9),))
    kept(session, "both", "both", parties=(a, b))
    kept(session, "one", "one", parties=(b,), sources=(source(1, "x.example", day=20),))
    kept(session, "dismissed", "dismissed", parties=(a, b), dismissed=True)

    assert [other.title for other in around.near(session, deal)] == ["both", "one", "late stranger", "stranger"]
    assert [other.title for other in around.near(session, deal, most=1)] == ["both"]


def test_what_was_told_of_a_deal_is_found_newest_first(session: Session) -> None:
    """And nothing that was told of others."""
    deal, other = kept(session, key="deal"), kept(session, key="other")
    for number, of in enumerate((deal, other, deal)):
        session.add(
            Delivery(
                key=f"k{number}", uid=f"u{number}", channel="inbox", kind="deal", subject=f"said {number}",
                deal_id=of.id, watch=WATCH, created_at=NOW, next_try=NOW,
            )
        )  # fmt: skip
    session.flush()

    assert [row.subject for row in around.told_of(session, deal.id or 0)] == ["said 2", "said 0"]


def test_only_what_changed_since_is_read_again(session: Session) -> None:
    """Of its watch, and deals that are gone too."""
    kept(session, key="first")
    revision = int(ledger.revision(session))
    second = kept(session, key="second")
    ledger.save(session, WATCH, ["first"], [], FIRST)

    changed = list(around.saved_since(session, WATCH, revision))

    assert {(deal.key, deal.live) for deal in changed} == {("first", False), ("second", True)}
    assert not list(around.saved_since(session, "another", -1))
    assert not list(around.saved_since(session, WATCH, second.revision + 1))
