"""The ledger of a watch: deals keep their names whatever comes late, and what is told of them is told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain import Entry, Fact, Kind, Mention, Status, Verb
from pipeline.flow import Tools, deal_alerts
from pipeline.flow.ledger import Ledger
from pipeline.flow.rulings import Wish, decide
from pipeline.models import Deal
from pipeline.store import articles, entries, feeds, ledger
from tests.conftest import MakeTools
from tests.deals.samples import fact, mention
from tests.flow.conftest import all_deliveries
from tests.support.deals import COMPANIES, LEDGER_WATCH

WATCH = "test-deals"
BN = 1e9
TODAY = 1000
"""The number of the day on which articles are found."""


class Desk:
    """Takes in what articles say, and tells of it."""

    def __init__(self, tools: Tools) -> None:
        self.tools, self.keeper, self.count = tools, Ledger(tools.settings, WATCH), 0

    def say(self, day: int, *mentions: Mention) -> int:
        """An article of that day that says this; its number."""
        now, self.count = self.tools.clock.now(), self.count + 1
        url = f"https://paper{self.count}.example/"
        with self.tools.store.write() as session:
            feeds.sync(session, [feeds.Known("https://n.example/feed", "n", "press")], now)
            [feed] = feeds.all_active(session)
            entry = Entry("", url, url, "", published=now + timedelta(days=day - TODAY))
            entries.add_entries(session, {feed.id or 0: [entry]}, now)
            [article] = [a for a in articles.find(session, articles.Filter(most=99)) if a.url == url]
            changed = self.keeper.enter(session, article, [feed], mentions, now)
            deal_alerts.tell(self.tools.settings, session, WATCH, article, changed, now)
            return article.id or 0

    def deals(self) -> dict[str, Deal]:
        with self.tools.store.read() as session:
            return {deal.key: deal for deal in ledger.find(session, ledger.Filter(dismissed=True))}

    def amounts(self) -> dict[int, float]:
        """What each deal is worth, in thousands of millions, by its number."""
        return {deal.id or 0: (deal.amount_usd or 0) / BN for deal in self.deals().values()}

    def told(self) -> list[str]:
        return [row.subject for row in all_deliveries(self.tools)]


@pytest.fixture
def desk(make_tools: MakeTools) -> Desk:
    return Desk(make_tools(watches={WATCH: LEDGER_WATCH}, companies=COMPANIES))


def said(kind: Kind, status: Status, *sums: float) -> Mention:
    facts: Sequence[Fact] = [fact("amount", each * BN) for each in sums]
    return mention("oracle", kind, status, *facts)


def test_a_deal_of_another_kind_that_is_told_late_is_the_new_one(desk: Desk) -> None:
    """The deal that is known keeps its number and is not told anew, even if the other was published first."""
    desk.say(2, said(Kind.COMPUTE, Status.SIGNED, 30))
    desk.say(1, said(Kind.FINANCING, Status.SIGNED, 10))

    assert desk.amounts() == {1: 30, 2: 10}
    assert desk.told() == [
        "New deal: OpenAI and Oracle (compute), $30 billion, signed",
        "New deal: OpenAI and Oracle (financing), $10 billion, signed",
    ]


@pytest.mark.parametrize("order", ["0123", "1023", "2103", "2013", "0231"])
def test_deals_have_the_same_keys_whichever_came_first(desk: Desk, order: str) -> None:
    """Also where pieces that only bring a deal up came before those that are about it."""
    compute, loan = said(Kind.COMPUTE, Status.SIGNED, 30), said(Kind.FINANCING, Status.SIGNED, 10)
    aside = replace(said(Kind.FINANCING, Status.SIGNED), central=False)
    pieces = [compute, loan, aside, aside]

    for at in order:
        desk.say(int(at), pieces[int(at)])

    assert {key: deal.amount_usd for key, deal in desk.deals().items()} == {
        "oracle": 30 * BN,
        "oracle/financing": 10 * BN,
    }
    assert len(desk.told()) == 2


def test_what_was_ruled_of_keeps_its_key(desk: Desk) -> None:
    """Even where it was not told: one who dismissed a deal does not hear of it under another."""
    desk.say(1, replace(said(Kind.FINANCING, Status.SIGNED), central=False))
    decide(desk.tools.settings, desk.tools.store, [Wish(Verb.DISMISS, 1)], desk.tools.clock.now())
    desk.say(2, said(Kind.FINANCING, Status.SIGNED, 10))

    assert [(deal.id, key, deal.dismissed) for key, deal in desk.deals().items()] == [(1, "oracle", True)]
    assert desk.told() == []


def test_an_earlier_life_that_is_told_late_renumbers_none(desk: Desk) -> None:
    """What came after keeps its number, is not told anew, and what people ruled of it stays with it."""
    desk.say(100, said(Kind.COMPUTE, Status.SIGNED, 30))
    desk.say(120, said(Kind.COMPUTE, Status.CANCELLED))
    desk.say(200, said(Kind.COMPUTE, Status.SIGNED, 70))
    decide(desk.tools.settings, desk.tools.store, [Wish(Verb.DISMISS, 2)], desk.tools.clock.now())
    desk.say(2, said(Kind.COMPUTE, Status.CANCELLED))
    desk.say(1, said(Kind.COMPUTE, Status.SIGNED, 5))

    assert desk.amounts() == {1: 30, 2: 70, 3: 5}
    assert {deal.id: deal.dismissed for deal in desk.deals().values()} == {1: False, 2: True, 3: False}
    assert [line.partition(":")[0] for line in desk.told()].count("New deal") == 3
    assert [deal.data["supersedes"] for deal in desk.deals().values() if deal.id == 1] == ["oracle#3"]


def test_a_programme_that_companies_yaml_lost(desk: Desk) -> None:
    """What was said of it before the edit is still kept, under the name that it has."""
    desk.say(1, mention("programme:north-star", Kind.PROGRAMME))

    assert [deal.title for deal in desk.deals().values()] == ["North Star"]


def test_a_date_that_lies_ahead_counts_as_today(desk: Desk) -> None:
    """A feed that dates a piece years ahead does not make it the last word."""
    desk.say(TODAY + 9999, said(Kind.COMPUTE, Status.SIGNED, 30))

    assert [deal.last for deal in desk.deals().values()] == [desk.tools.clock.now()]
