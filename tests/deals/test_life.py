"""One deal from its first mention on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.life import Told, live
from pipeline.domain import DealState, Fact, Kind, Mention, Party, Source, Status
from tests.deals.samples import fact, mention, source

BORROWER = Party("borealis", "Borealis", "supplier")
NOBODY = Party("nobody", "Nobody Ltd", "", known=False)


def usd(billions: float, **more: Any) -> Fact:
    return fact("amount", billions * 1e9, **more)


def gw(value: float) -> Fact:
    return fact("capacity", value)


def of(status: Status = Status.ANNOUNCED, *facts: Fact, kind: Kind = Kind.COMPUTE, **more: Any) -> Mention:
    return mention("acme", kind, status, *facts, **more)


def said(*told: Mention | tuple[Mention, dict[str, Any]]) -> DealState:
    """The deal of which this is said, a day after another, by an origin each unless it is given."""
    given_told: list[Told] = []
    for number, one in enumerate(told, 1):
        what, where = one if isinstance(one, tuple) else (one, {})
        given_told.append((source(number, number, **where), what))
    return live("acme", "acme", given_told)


def changes(*told: Mention | tuple[Mention, dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(change.field, change.before, change.after) for change in said(*told).changes]


def joined(said_of: Mention, *parties: Party) -> Mention:
    return replace(said_of, parties=(*said_of.parties, *parties))


NEW = ("new", "", "acme")
CENTRAL, ASIDE = of(), of(central=False)
FIRM = {"official": True}


@pytest.mark.parametrize(
    ("told", "article"),
    [
        ([CENTRAL], 1),
        ([ASIDE], None),
        ([ASIDE, (ASIDE, {"origin": "o1"})], None),
        ([ASIDE, ASIDE], 2),
        ([ASIDE, CENTRAL], 2),
        ([of(Status.ANNOUNCED, usd(3), central=False)], 1),
        ([of(Status.ANNOUNCED, replace(usd(3), confidence=0.1), central=False)], None),
    ],
    ids=["about it", "in passing", "twice by one", "by two", "then about it", "a figure", "an unsure figure"],
)
def test_when_a_deal_is_news(told: list[Mention], article: int | None) -> None:
    """Once a piece is about it, gives a figure, or a second origin brings it up; till then nothing is told."""
    found = said(*told)

    assert [(change.field, change.source.article) for change in found.changes] == (
        [("new", article)] if article else []
    )
    assert len(found.sources) == len(told)


def test_what_comes_before_is_no_change() -> None:
    """What was brought up in passing and what makes it news are told as one."""
    assert changes(ASIDE, of(Status.SIGNED, usd(3))) == [NEW]
    assert said(ASIDE, of(Status.SIGNED, usd(3))).status is Status.SIGNED


@pytest.mark.parametrize(
    ("told", "expected", "value"),
    [
        ([CENTRAL, of(Status.ANNOUNCED, usd(3))], [("amount", "", "$3 billion")], 3),
        ([CENTRAL, of(Status.ANNOUNCED, usd(3), central=False)], [], 3),
        ([of(Status.ANNOUNCED, usd(3)), of(Status.ANNOUNCED, usd(3.1))], [], 3),
        ([of(Status.ANNOUNCED, usd(3)), of(Status.ANNOUNCED, usd(4, low=2e9))], [], 3),
        ([of(Status.ANNOUNCED, usd(3)), of(Status.ANNOUNCED, fact("amount", 4e9, "EUR"))], [], 3),
        ([CENTRAL, of(Status.ANNOUNCED, usd(2), replace(usd(3), confidence=0.95))], [("amount", "", "$3 billion")], 3),
    ],
    ids=["told", "in passing", "rounded", "in the range", "another currency", "the surest"],
)
def test_a_figure(told: list[Mention], expected: list[tuple[str, str, str]], value: float) -> None:
    """The first that is stated is in force; what says the same is nothing new."""
    found = said(*told)

    assert changes(*told)[1:] == expected
    assert float(found.facts["amount"].value) == value * 1e9
    assert found.disagreements == ()


def test_where_a_figure_comes_from() -> None:
    """A fact names the article that states it."""
    found = said(of(Status.ANNOUNCED, usd(3)), of(Status.ANNOUNCED, gw(2)))

    assert {name: one.article for name, one in found.facts.items()} == {"amount": 1, "capacity": 2}


THREE = of(Status.ANNOUNCED, usd(3))
FOUR = of(Status.ANNOUNCED, usd(4))


@pytest.mark.parametrize(
    ("later", "expected", "value"),
    [
        ([FOUR], [("contradicted", "$3 billion", "$4 billion")], 3),
        ([FOUR, of(Status.ANNOUNCED, usd(5))], [("contradicted", "$3 billion", "$4 billion")], 3),
        ([of(Status.ANNOUNCED, usd(4), central=False)], [], 3),
        ([of(Status.ANNOUNCED, usd(40))], [], 3),
        ([of(Status.ANNOUNCED, usd(4, revised=True))], [("amount", "$3 billion", "$4 billion")], 4),
        ([of(Status.ANNOUNCED, usd(4, revised=True), central=False)], [], 3),
        (
            [FOUR, FOUR, FOUR],
            [("contradicted", "$3 billion", "$4 billion"), ("amount", "$3 billion", "$4 billion")],
            4,
        ),
        ([FOUR, (FOUR, {"origin": "o2"}), (FOUR, {"origin": "o2"})], [("contradicted", "$3 billion", "$4 billion")], 3),
        ([(FOUR, FIRM)], [("amount", "$3 billion", "$4 billion"), ("confirmed", "", "o2")], 4),
    ],
    ids=[
        "contradicted", "once", "in passing", "of something else", "revised", "revised in passing", "by three",
        "three times by one", "official",
    ],
)  # fmt: skip
def test_another_figure(later: list[Any], expected: list[tuple[str, str, str]], value: float) -> None:
    """Stands beside the one in force, until it is revised, said by three origins or official; the first is told of."""
    found = said(THREE, *later)

    assert changes(THREE, *later)[1:] == expected
    assert float(found.facts["amount"].value) == value * 1e9
    assert found.disagreements


def test_a_contradiction_names_its_figure() -> None:
    """So that two of one deal are told apart."""
    told = [of(Status.ANNOUNCED, usd(3), gw(3)), of(Status.ANNOUNCED, usd(4), gw(4))]

    assert [(change.of, change.key) for change in said(*told).changes[1:]] == [
        ("amount", "contradicted amount:$4 billion"),
        ("capacity", "contradicted capacity:4 GW"),
    ]


def test_what_was_in_force_disagrees_with_what_replaced_it() -> None:
    """The figure that was revised stays in evidence, and the one in force does not stand beside itself."""
    found = said(THREE, FOUR, of(Status.ANNOUNCED, usd(4, revised=True)))

    assert [float(rival.value) for rival, _ in found.disagreements] == [3e9]


WITH = joined(CENTRAL, BORROWER)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([WITH], [NEW]),
        ([CENTRAL, WITH], [NEW]),
        ([CENTRAL, WITH, (WITH, {"origin": "o2"})], [NEW]),
        ([CENTRAL, WITH, WITH], [NEW, ("party", "", "Borealis")]),
        ([CENTRAL, WITH, WITH, WITH], [NEW, ("party", "", "Borealis")]),
        ([CENTRAL, (WITH, FIRM)], [NEW, ("party", "", "Borealis"), ("confirmed", "", "o2")]),
        ([CENTRAL, *[joined(ASIDE, BORROWER)] * 2], [NEW]),
        ([CENTRAL, *[joined(CENTRAL, NOBODY)] * 2], [NEW]),
    ],
    ids=["from the first", "one", "twice by one", "two", "three", "official", "in passing", "unknown"],
)
def test_a_party_that_comes_in_later(told: list[Any], expected: list[tuple[str, str, str]]) -> None:
    """It is told of once, when a second origin or an official source names it."""
    assert changes(*told) == expected


def test_the_parties_of_a_deal() -> None:
    """The anchor's, and those that a third of the pieces name."""
    assert [party.slug for party in said(CENTRAL, CENTRAL, WITH).parties] == ["acme", "borealis"]
    assert [party.slug for party in said(CENTRAL, CENTRAL, CENTRAL, WITH).parties] == ["acme"]


R, P, A, G, UP = Status.RUMOURED, Status.REPORTED, Status.ANNOUNCED, Status.SIGNED, Status.OPERATING
C, S, X = Status.CHANGED, Status.STALLED, Status.CANCELLED


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([R, P, G, UP], [(R, P), (P, G), (G, UP)]),
        ([R, A, G], [(R, A), (A, G)]),
        ([P, A, A], []),
        ([P, A, A, A], [(P, A)]),
        ([G, A, R], []),
        ([A, A], []),
        ([A, C], []),
        ([G, S], [(G, S)]),
        ([G, S, X], [(G, S), (S, X)]),
        ([G, X, S], [(G, X)]),
        ([G, X, UP], [(G, X)]),
        ([A, S, A], [(A, S)]),
        ([A, S, G], [(A, S), (S, G)]),
    ],
)
def test_the_ladder(statuses: list[Status], expected: list[tuple[Status, Status]]) -> None:
    """A deal goes up, never down; it may stall and go on, and a cancelled one stays so.

    What is reported counts as announced once three origins tell it without reserve: rewrites soon drop theirs.
    """
    found = said(*[of(status) for status in statuses])

    assert [(c.before, c.after) for c in found.changes if c.field == "status"] == expected
    assert found.status is (expected[-1][1] if expected else statuses[0])


def test_an_official_source_announces_what_was_reported() -> None:
    """At once, and by itself."""
    assert said(of(P), (of(A), FIRM)).status is A
    assert said(of(P), of(A)).status is P


def test_back_from_a_standstill() -> None:
    """An official source brings a stalled deal back to where it was announced; others do not."""
    back = of(Status.ANNOUNCED)

    assert said(of(S), back).status is S
    assert said(of(S), (back, FIRM)).status is A
    assert said(of(X), (back, FIRM)).status is X


def test_only_a_piece_about_it_moves_a_deal() -> None:
    """What is said of its status in passing is not."""
    assert said(of(A), of(X, central=False)).status is A


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (Kind.COMPUTE, X, ("status", "announced", "cancelled")),
        (Kind.DATACENTER, X, ("part", "", "cancelled")),
        (Kind.DATACENTER, S, ("part", "", "stalled")),
        (Kind.OTHER, X, ("status", "announced", "cancelled")),
        (Kind.EQUITY, X, ("status", "announced", "cancelled")),
    ],
)
def test_a_part(kind: Kind, status: Status, expected: tuple[str, str, str]) -> None:
    """Where a piece of another kind tells the end, a part of the deal has ended, and the deal has not."""
    told = [of(), of(), of(status, kind=kind)]

    assert changes(*told)[1:] == [expected]


def test_official_confirmation() -> None:
    """The first official piece about a deal that others told of is news, once; where it told first, it is not."""
    assert changes(CENTRAL, (CENTRAL, FIRM), (CENTRAL, FIRM)) == [NEW, ("confirmed", "", "o2")]
    assert changes((CENTRAL, FIRM), CENTRAL, (CENTRAL, FIRM)) == [NEW]
    assert changes(CENTRAL, (ASIDE, FIRM)) == [NEW]


def test_a_copy_is_no_second_origin() -> None:
    """What repeats another's text counts as that one's."""
    copies: list[Source] = [replace(source(number, number), fingerprint="ab" * 60) for number in (1, 2)]

    assert live("acme", "acme", [(one, ASIDE) for one in copies]).changes == ()


def test_the_kind_by_votes() -> None:
    """A piece about the deal counts twice."""
    assert said(of(kind=Kind.CHIPS), of(central=False), of(central=False)).kind is Kind.CHIPS
    assert said(of(kind=Kind.CHIPS), *[of(central=False)] * 3).kind is Kind.COMPUTE


STATUSES = st.sampled_from(list(Status))
TELLINGS = st.lists(
    st.builds(
        lambda status, value, kind, central, official, origin: (
            of(status, *([usd(value)] if value else []), kind=kind, central=central),
            {"official": official, "origin": origin},
        ),
        STATUSES, st.sampled_from([0, 1, 2, 3, 30]), st.sampled_from([Kind.COMPUTE, Kind.POWER]), st.booleans(),
        st.booleans(), st.sampled_from(["a", "b", "c", "d"]),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


@given(TELLINGS)
def test_any_life(told: list[Any]) -> None:
    """A deal is new once and first; changes chain from one value to the next, up to what is in force."""
    found = said(*told)
    moves = [change for change in found.changes if change.field == "status"]
    sums = [change for change in found.changes if change.field == "amount"]

    assert [change.field for change in found.changes].count("new") == (1 if found.changes else 0)
    assert not found.changes or found.changes[0].field == "new"
    assert all(one.after == other.before for one, other in pairwise(moves))
    assert not moves or moves[-1].after == found.status
    assert all(one.after == other.before for one, other in pairwise(sums))
    assert [change.field for change in found.changes].count("confirmed") <= 1
