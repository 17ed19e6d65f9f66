"""The ledger's queries."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from pipeline.deals.ledger import derive
from pipeline.domain import Entry, Kind, Mention, Ruling, Source, Status, Verb
from pipeline.errors import UsageError
from pipeline.store import Session, Store, entries, ledger, mentioned
from tests.deals.samples import START, fact, mention, source
from tests.store.conftest import NOW, feed_ids

WATCH = "deals"


def fill(session: Session, count: int = 4) -> None:
    """Articles 1 to `count`."""
    [feed] = feed_ids(session, "https://a.example/feed")
    for number in range(1, count + 1):
        url = f"https://n.example/{number}"
        entry = Entry(guid="", url=url, title=f"Title {number}", text="", author="", published=None)
        entries.add_entries(session, {feed: [entry]}, NOW)


def enter(session: Session, said: Source, *mentions: Mention, watch: str = WATCH) -> list[list[str]]:
    """Store what an article says and derive its deals, titled by their keys; the fields that changed, by deal."""
    anchors = mentioned.replace(session, watch, said, mentions)
    deals = derive(mentioned.told(session, watch, anchors), ledger.rulings(session, watch))
    changed = ledger.save(session, watch, anchors, [(state, state.title or state.key) for state in deals], NOW)
    return [[change.field for change in changes] for _, changes in changed]


@pytest.fixture
def session(store: Store) -> Any:
    with store.write() as opened:
        fill(opened)
        yield opened


def find(session: Session, **wanted: Any) -> list[str]:
    return [deal.key for deal in ledger.find(session, ledger.Filter(**wanted))]


def test_a_change_is_found_once(session: Session) -> None:
    """However often the same is derived; what is new is told with its deal."""
    first = enter(session, source(1), mention())
    again = enter(session, source(1), mention())
    signed = enter(session, source(2, 1), mention(status=Status.SIGNED))

    assert (first, again, signed) == ([["new"]], [], [["status"]])


def test_what_an_article_says_replaces_what_it_said(session: Session) -> None:
    """The anchors of both are given, so that the deals of both are made anew."""
    enter(session, source(1), mention("oracle"))

    anchors = mentioned.replace(session, WATCH, source(1), [mention("core")])

    assert anchors == {"oracle", "core"}
    assert [len(said) for said in mentioned.told(session, WATCH, ["oracle", "core"]).values()] == [0, 1]


def test_a_deal_without_mentions_keeps_its_number(session: Session) -> None:
    """It is found no more, and is the same deal when it comes back."""
    enter(session, source(1), mention())
    [before] = ledger.find(session, ledger.Filter())
    enter(session, source(1))
    gone = find(session)
    enter(session, source(2), mention())
    [after] = ledger.find(session, ledger.Filter())

    assert gone == []
    assert (before.id, ledger.numbers(session, WATCH)) == (after.id, {"oracle": after.id})


def test_deals_are_found_by_what_they_are(session: Session) -> None:
    """By watch, party, kind, status and time, the one spoken of last first; dismissed ones only when asked for."""
    enter(session, source(1), mention("oracle", Kind.COMPUTE, Status.SIGNED))
    enter(session, source(2, 1), mention("nvidia", Kind.CHIPS))
    enter(session, source(3, 2), mention("oracle", Kind.COMPUTE), watch="other")
    ledger.decide(session, WATCH, Ruling(0, Verb.DISMISS, "core"), NOW)
    enter(session, source(4, 3), mention("core"))

    assert find(session) == ["oracle", "nvidia", "oracle"]
    assert find(session, dismissed=True) == ["core", "oracle", "nvidia", "oracle"]
    assert find(session, watch=WATCH) == ["nvidia", "oracle"]
    assert find(session, party="nvidia") == ["nvidia"]
    assert find(session, kind=Kind.CHIPS) == ["nvidia"]
    assert find(session, status=Status.SIGNED) == ["oracle"]
    assert find(session, since=START + timedelta(days=2)) == ["oracle"]


def test_a_history_is_in_the_order_of_publication(session: Session) -> None:
    """Of one deal, with when each change was found."""
    enter(session, source(2, 5), mention(status=Status.SIGNED))
    enter(session, source(3, 9), mention("oracle", Kind.COMPUTE, Status.SIGNED, fact("amount", 1e9)))
    enter(session, source(1), mention("core"))
    [deal] = ledger.find(session, ledger.Filter(party="oracle"))

    found = [(change.field, change.source.article, row.found_at) for row, change in ledger.history(session, deal.id)]

    assert found == [("new", 2, NOW), ("amount", 3, NOW)]


def test_attached_articles_are_in_the_order_of_publication(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, however many there are."""
    monkeypatch.setattr("pipeline.store.chunks._CHUNK", 2)
    for number, day in ((1, 9), (2, 0), (4, 5)):
        enter(session, source(number, day), mention())
    [deal] = ledger.find(session, ledger.Filter())

    assert [article.title for article in ledger.attached(session, deal)] == ["Title 2", "Title 4", "Title 1"]


def test_rulings_are_given_until_undone(session: Session) -> None:
    """In the order in which they were made, of one watch; undone ones stay as rows."""
    merge = ledger.decide(session, WATCH, Ruling(0, Verb.MERGE, "core", into="oracle"), NOW)
    split = ledger.decide(session, WATCH, Ruling(0, Verb.SPLIT, "oracle", articles=(1, 2)), NOW)
    ledger.decide(session, "other", Ruling(0, Verb.SET, "oracle", field="title", value="Mine"), NOW)
    before = ledger.rulings(session, WATCH)
    row = next(row for row in ledger.decisions(session) if row.id == merge.id)

    ledger.undo(session, row, NOW)

    assert before == [merge, split]
    assert ledger.rulings(session, WATCH) == [split]
    assert [(row.id, row.undone_at) for row in ledger.decisions(session, WATCH)] == [(2, None), (1, NOW)]
    assert [row.id for row in ledger.decisions(session)] == [3, 2, 1]


def test_deals_that_point_at_another_are_found(session: Session) -> None:
    """Its parts, and what supersedes it; of the same watch, and live."""
    part = mention("in:x", Kind.DATACENTER)
    ledger.decide(session, WATCH, Ruling(0, Verb.SET, "in:x", field="part_of", value="oracle"), NOW)
    enter(session, source(1), mention(status=Status.CANCELLED), part)
    enter(session, source(2, 90), mention())

    assert [deal.key for deal in ledger.pointing_at(session, WATCH, "oracle")] == ["in:x", "oracle#2"]
    assert ledger.pointing_at(session, "other", "oracle") == []

    enter(session, source(1), mention(status=Status.CANCELLED))

    assert [deal.key for deal in ledger.pointing_at(session, WATCH, "oracle")] == ["oracle#2"]


def test_only_whole_dollars_are_a_column(session: Session) -> None:
    """An amount by the year or in another currency is in the deal's data alone."""
    enter(session, source(1), mention("a", Kind.COMPUTE, Status.SIGNED, fact("amount", 2e9), fact("capacity", 1)))
    enter(session, source(2), mention("b", Kind.COMPUTE, Status.SIGNED, fact("amount", 2e9, per_year=True)))
    enter(session, source(3), mention("c", Kind.COMPUTE, Status.SIGNED, fact("amount", 2e9, "EUR")))

    found = {deal.key: (deal.amount_usd, deal.capacity_gw) for deal in ledger.find(session, ledger.Filter())}

    assert found == {"a": (2e9, 1.0), "b": (None, None), "c": (None, None)}


def pages(session: Session, sort: str, **wanted: Any) -> list[str]:
    deals, total = ledger.page(session, ledger.Filter(**wanted), sort)
    assert total == len(deals)
    return [deal.anchor for deal in deals]


def test_lists_are_sorted_both_ways(session: Session) -> None:
    """By what a list can be sorted by; what lacks it stands last either way; and statuses as on the ladder."""
    enter(session, source(1, 5), mention("a", Kind.POWER, Status.SIGNED, fact("amount", 2e9)))
    enter(session, source(2, 7), mention("b", Kind.CHIPS, Status.RUMOURED, fact("amount", 9e9), fact("capacity", 1)))
    enter(session, source(3, 6), mention("c", Kind.OTHER, Status.ANNOUNCED))

    assert (pages(session, "amount"), pages(session, "-amount")) == (["a", "b", "c"], ["b", "a", "c"])
    assert (pages(session, "status"), pages(session, "-status")) == (["b", "c", "a"], ["a", "c", "b"])
    assert (pages(session, "last"), pages(session, "-last")) == (["a", "c", "b"], ["b", "c", "a"])
    assert {frozenset(pages(session, sort)) for sort in ledger.SORTS} == {frozenset("abc")}
    with pytest.raises(UsageError, match=r"cannot be sorted by 'colour'\. Sort them by one of last, first"):
        ledger.page(session, ledger.Filter(), "colour")


def test_lists_are_paged(session: Session) -> None:
    """Each deal stands on one page, and each page knows how many there are."""
    for number, name in enumerate("abc", 1):
        enter(session, source(number), mention(name))

    found = [ledger.page(session, ledger.Filter(), "title", page, 2) for page in (1, 2, 3)]

    assert [([deal.key for deal in deals], total) for deals, total in found] == [(["a", "b"], 3), (["c"], 3), ([], 3)]


def test_lists_are_filtered(session: Session) -> None:
    """By words of the title and of the parties' names, by the least amount and capacity, and by company."""
    enter(session, source(1), mention("oracle", Kind.COMPUTE, Status.SIGNED, fact("amount", 2e9)))
    enter(session, source(2), mention("core_weave", Kind.CHIPS, Status.SIGNED, fact("capacity", 2)))

    assert pages(session, "last", words="ORA") == ["oracle"]
    assert pages(session, "last", words="core_ weave") == ["core_weave"]
    assert pages(session, "last", words="oracle weave") == pages(session, "last", words="core%") == []
    assert pages(session, "last", least_usd=2e9) == ["oracle"]
    assert pages(session, "last", least_usd=2.1e9) == []
    assert pages(session, "last", least_gw=1.5) == ["core_weave"]
    assert pages(session, "last", party="oracle") == ["oracle"]
    assert pages(session, "last", party="Oracle") == []


def test_companies_are_counted(session: Session) -> None:
    """In how many deals each is: of a watch or of all, without those that were dismissed or are no more."""
    enter(session, source(1), mention("oracle", Kind.COMPUTE), mention("core"))
    enter(session, source(2), mention("oracle", Kind.COMPUTE), watch="other")
    enter(session, source(3), mention("amd"))
    enter(session, source(3))
    ledger.decide(session, WATCH, Ruling(0, Verb.DISMISS, "zee"), NOW)
    enter(session, source(4), mention("zee"))

    assert ledger.parties(session) == [("oracle", "Oracle", 2), ("core", "Core", 1)]
    assert ledger.parties(session, "other") == [("oracle", "Oracle", 1)]


def test_the_deals_of_an_article(session: Session) -> None:
    """As it reads now: what it says no more is none of them."""
    enter(session, source(1), mention("oracle"), mention("core"))
    enter(session, source(2, 1), mention("core"))
    before = [[deal.key for deal in ledger.of_article(session, number)] for number in (1, 2, 3)]
    enter(session, source(1), mention("oracle"))
    after = [[deal.key for deal in ledger.of_article(session, number)] for number in (1, 2, 3)]

    assert before == [["core", "oracle"], ["core"], []]
    assert after == [["oracle"], ["core"], []]


def test_the_revision_tells_whether_anything_changed(session: Session) -> None:
    """Another one after each change of a deal, whatever the clock, also when it goes; the same where none did."""
    seen = [ledger.revision(session)]
    for said in ([mention()], [mention()], [mention(status=Status.SIGNED)], [], [], [mention()]):
        enter(session, source(1), *said)
        seen.append(ledger.revision(session))

    assert [before != after for before, after in pairwise(seen)] == [True, False, True, True, False, True]
