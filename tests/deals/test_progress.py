"""How a ledger came to where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta, timezone

import pytest

from pipeline.deals.books import Booked, totals
from pipeline.deals.growth import growth
from pipeline.deals.progress import course, dots, progress_of, trail
from pipeline.domain import Change, DealState, Kind, Status
from tests.deals.samples import START, book, fact, source, state

BN = 1e9
PROGRAMME = "programme:delta"


def on(day: float, given: DealState, *changes: tuple[str, str, str, float], **more: object) -> DealState:
    """The deal, first told of on this day, with changes (field, before, after, day), each by an article of its own."""
    first = given.sources[0].article * 100
    sources = [source(first, day)]
    made = []
    for number, (field, before, after, then) in enumerate(changes, 1):
        sources.append(source(first + number, then))
        made.append(Change(field, before, after, "q", sources[-1]))
    return replace(given, sources=tuple(sources), changes=tuple(made), **more)  # type: ignore[arg-type]


def levels(deals: list[Booked]) -> dict[int, dict[str, float]]:
    """By the day after the start, the billions by status."""
    found = course(deals)
    assert found
    return {(p.day - START.date()).days: {str(s): v / BN for s, v in p.usd.items()} for p in found.points}


def test_a_deal_counts_from_its_first_report_under_the_status_of_the_day() -> None:
    """Rumoured, then signed, then cancelled: its dollars move along."""
    moves = (("status", "rumoured", "signed", 5), ("status", "signed", "cancelled", 9))
    deal = on(2, state("amd", status=Status.CANCELLED, usd=6 * BN), *moves)

    assert levels(book(deal)) == {2: {"rumoured": 6}, 5: {"signed": 6}, 9: {"cancelled": 6}}


def test_a_figure_counts_from_when_it_was_known() -> None:
    """One that was another before is that until it is revised; one that came later is none until then."""
    revised = on(0, state("amd", usd=14 * BN), ("amount", "$9 billion", "$14 billion", 4))
    revised = replace(revised, disagreements=((fact("amount", 9 * BN), source(1)),))
    late = on(1, state("arm"), ("amount", "", "$3 billion", 6), facts={"amount": fact("amount", 3 * BN)})

    assert levels(book(revised, late)) == {
        0: {"announced": 9},
        1: {"announced": 9},
        4: {"announced": 14},
        6: {"announced": 17},
    }


def test_a_figure_taken_in_silently_counts_from_its_article() -> None:
    """No change tells of it, but the fact knows where it stands."""
    deal = state("amd", facts=[fact("amount", 5 * BN, article=2)])

    assert levels(book(replace(deal, sources=(source(1, 0), source(2, 3))))) == {0: {}, 3: {"announced": 5}}


def test_a_programme_and_its_parts_count_once_on_every_day() -> None:
    """The programme's own figure goes down by what its parts add, and a successor takes the place of the deal."""
    whole = on(0, state(PROGRAMME, Kind.PROGRAMME, usd=100 * BN))
    part = on(3, state("in:a", Kind.DATACENTER, Status.SIGNED, usd=30 * BN, part_of=PROGRAMME))
    old = on(0, state("amd", usd=5 * BN))
    new = on(7, state("amd#2", usd=8 * BN, supersedes="amd"))

    assert levels(book(whole, part, old, new)) == {
        0: {"announced": 105},
        3: {"announced": 75, "signed": 30},
        7: {"announced": 78, "signed": 30},
    }


def ledger() -> list[Booked]:
    parts = [
        on(n, state(f"in:{n}", Kind.DATACENTER, list(Status)[n % 8], usd=n * BN, gw=n / 7, part_of=PROGRAMME))
        for n in range(1, 30)
    ]
    loose = [on(n / 3, state(f"c{n}", status=list(Status)[n % 8], usd=n * 1.1e9, gw=0.1)) for n in range(40)]
    others = [state("total", usd=1400 * BN), state("arm", usd=BN, dismissed=True), state("c3#2", supersedes="c3")]
    return book(on(4, state(PROGRAMME, Kind.PROGRAMME, usd=450 * BN, gw=70)), *parts, *loose, *others)


def test_it_ends_at_the_totals() -> None:
    """The last point is what `totals` gives, by status, in dollars and gigawatts; and it tells the same notes."""
    found, end = course(ledger()), totals(ledger())

    assert found
    last = found.points[-1]
    assert last.usd == pytest.approx({s: v.usd for s, v in end.by_status.items() if v.usd})
    assert last.gw == pytest.approx({s: v.gw for s, v in end.by_status.items() if v.gw})
    assert found.notes[1:] == end.notes
    assert [point.day for point in found.points] == sorted({point.day for point in found.points})


def test_a_programme_of_very_many_parts_is_looked_at_less_often() -> None:
    """In the end it comes to the same."""
    parts = [state(f"in:{n}", usd=n * BN, part_of=PROGRAMME) for n in range(1, 400)]
    deals = book(state(PROGRAMME, Kind.PROGRAMME, usd=BN), *[on(n, part) for n, part in enumerate(parts)])
    found = course(deals)

    assert found
    assert len(found.points) <= 151
    assert found.points[-1].usd[Status.ANNOUNCED] == pytest.approx(totals(deals).live.usd)


def test_nothing_to_draw() -> None:
    """An empty ledger, or one without a figure, has no course and no growth."""
    for deals in ([], book(state("amd"))):
        assert course(deals) is None
        assert growth(progress_of(deals), "Deals", START, set()) is None
    assert dots([]) == []


def test_dots_are_the_deals_that_count() -> None:
    """From their first to their latest mention, with what they come to."""
    deal = replace(state("amd", usd=5 * BN, gw=2), sources=(source(1, 4), source(2, 1), source(3, 9)))
    [dot] = dots(book(deal, state("total", usd=BN), state("arm", dismissed=True)))

    assert (dot.deal, dot.first, dot.last) == (1, date(2026, 3, 2), date(2026, 3, 10))
    assert (dot.usd, dot.gw) == (5 * BN, 2)


@pytest.mark.parametrize(
    ("age", "names"),
    [(3, ("21 Feb", "4 Mar")), (40, ("23 Jan", "10 Apr")), (400, ("May", "Apr"))],
)
def test_growth_is_told_in_days_weeks_or_months(age: int, names: tuple[str, str]) -> None:
    """By the age of the ledger, in the zone of its end; always in twelve bars, the last what it comes to."""
    zone = timezone(timedelta(hours=2))
    found = growth(progress_of(ledger()), "Deals", (START + timedelta(days=age)).astimezone(zone), set())

    assert found
    assert len(found.bars) == 12
    assert found.bars[-1].usd == pytest.approx(totals(ledger()).live.usd)
    assert (found.bars[-1].name) == names[1]
    if age == 3:
        assert [bar.usd > 0 for bar in found.bars[-5:]] == [False, False, True, True, True]


def test_growth_knows_what_the_edition_added() -> None:
    """New deals, revisions and what was called off, by the edition's articles; and says so in words."""
    old = on(0, state("amd", usd=14 * BN), ("amount", "$9 billion", "$14 billion", 40))
    old = replace(old, disagreements=((fact("amount", 9 * BN), source(1)),))
    new = on(41, replace(state("arm", usd=3 * BN), sources=(source(2),)))
    end = (START + timedelta(days=41)).astimezone(UTC)

    assert (found := growth(progress_of(book(old, new)), "Deals", end, {101, 200}))
    assert found.added == 8 * BN
    assert "$17 billion, $8 billion of it new in this edition" in found.words
    assert (found := growth(progress_of(book(old, new)), "Deals", end, set()))
    assert found.added == 0
    gone = on(0, state("arm", status=Status.CANCELLED, usd=3 * BN), ("status", "signed", "cancelled", 2))
    assert (found := growth(progress_of(book(old, gone)), "Deals", end, {101, 102, 100 + 1}))
    assert found.added == 5 * BN - 3 * BN


def test_progress_is_brought_up_to_date() -> None:
    """What changed, came and went is as if all had been read anew, and what did not change is not worked out anew."""
    programme = state(PROGRAMME, Kind.PROGRAMME, usd=100 * BN)
    part, other = on(3, state("in:x", usd=30 * BN, part_of=PROGRAMME)), on(1, state("amd", usd=6 * BN))
    revised = on(1, state("amd", status=Status.CANCELLED, usd=6 * BN), ("status", "signed", "cancelled", 7))
    late = on(8, replace(state("arm", usd=3 * BN, supersedes="amd"), sources=(source(4),)))
    before = progress_of(book(programme, part, other))
    kept = next(group for group in before.moves if len(group) == 2)
    [first, second, third, fourth] = book(programme, part, revised, late)
    after = before.updated({3: trail(third), 4: trail(fourth)})

    assert after.by_day == progress_of([first, second, third, fourth]).by_day
    assert after.moves[kept] is before.moves[kept]
    assert after.updated({4: None, 2: None}).by_day == progress_of([first, third]).by_day
    assert after.updated({}) is after
