"""Totals, circular flows, and doubtful figures."""

from __future__ import annotations

import pytest

from pipeline.deals.books import circles, dollars, doubtful, per_gigawatt, totals
from pipeline.deals.sums import Sum
from pipeline.domain import Bound, DealState, Kind, Party, Status
from tests.deals.samples import book, fact, state

BN = 1e9
PROGRAMME = "programme:delta"


def site(name: str, status: Status = Status.SIGNED, usd: float | None = None, gw: float | None = None) -> DealState:
    return state(f"in:{name}", Kind.DATACENTER, status, usd=usd, gw=gw, part_of=PROGRAMME)


def test_deals_are_summed_by_status() -> None:
    """Dollars and gigawatts add up under each status, and over all."""
    found = totals(
        book(
            state("oracle", status=Status.SIGNED, usd=30 * BN, gw=1),
            state("amd", status=Status.SIGNED, usd=10 * BN),
            state("nvidia", status=Status.RUMOURED, gw=2),
        )
    )

    assert found.by_status == {Status.RUMOURED: Sum(0, 2, 1), Status.SIGNED: Sum(40 * BN, 1, 2)}
    assert found.live == Sum(40 * BN, 3, 3)


@pytest.mark.parametrize(
    ("own", "parts", "total"),
    [
        (100, (30, 20), 100),
        (40, (30, 20), 50),
        (None, (30, 20), 50),
        (100, (None, None), 100),
        (50, (30, 20), 50),
    ],
)
def test_a_programme_and_its_parts_count_once(own: float | None, parts: tuple[float | None, ...], total: float) -> None:
    """The larger of the programme's own figure and the sum of its parts counts, for dollars and gigawatts alike."""
    sites = [site(f"s{n}", usd=value and value * BN, gw=value) for n, value in enumerate(parts)]

    found = totals(book(state(PROGRAMME, Kind.PROGRAMME, usd=own and own * BN, gw=own), *sites))

    assert (found.live.usd, found.live.gw) == (total * BN, total)
    assert any("its parts count once" in note for note in found.notes)


def test_parts_stand_under_their_own_status() -> None:
    """What a programme has beyond its parts stands under the programme's status."""
    found = totals(book(state(PROGRAMME, Kind.PROGRAMME, usd=100 * BN), site("a", Status.OPERATING, usd=30 * BN)))

    assert found.by_status[Status.ANNOUNCED].usd == 70 * BN
    assert found.by_status[Status.OPERATING].usd == 30 * BN


def test_a_cancelled_part_is_not_in_the_live_sum() -> None:
    """It stands under cancelled, and leaves its programme's own figure whole."""
    deals = book(state(PROGRAMME, Kind.PROGRAMME, usd=100 * BN), site("a", Status.CANCELLED, usd=30 * BN))

    found = totals(deals)

    assert found.live == Sum(100 * BN, 0, 1)
    assert found.by_status[Status.CANCELLED] == Sum(30 * BN, 0, 1)
    assert "Not in the sum, cancelled: in:a [2]." in found.notes


def test_parts_of_a_cancelled_programme_count_on() -> None:
    """The parts that go on are live; of the programme only the rest is cancelled."""
    found = totals(
        book(
            state(PROGRAMME, Kind.PROGRAMME, Status.CANCELLED, usd=100 * BN),
            site("a", usd=30 * BN),
            site("b", Status.CANCELLED, usd=20 * BN),
        )
    )

    assert found.live.usd == 30 * BN
    assert found.by_status[Status.CANCELLED].usd == 70 * BN


def test_what_does_not_count_is_told() -> None:
    """Superseded, dismissed and total deals count nowhere, and each is named with the reason."""
    found = totals(
        book(
            state("oracle", usd=1 * BN),
            state("oracle#2", usd=2 * BN, supersedes="oracle"),
            state("amd", usd=4 * BN, dismissed=True),
            state("total", usd=1400 * BN),
        )
    )

    assert found.live == Sum(2 * BN, 0, 1)
    assert found.notes[-3:] == (
        "Left out, superseded by a later deal: oracle [1].",
        "Left out, dismissed by hand: amd [3].",
        "Left out, sums over many deals: total [4].",
    )


def test_a_dismissed_successor_supersedes_nothing() -> None:
    """What was said to be no deal replaces none."""
    found = totals(book(state("oracle", usd=BN), state("oracle#2", usd=2 * BN, supersedes="oracle", dismissed=True)))

    assert found.live.usd == BN


def test_parts_follow_a_superseded_programme() -> None:
    """They count as parts of its successor."""
    found = totals(
        book(
            state(PROGRAMME, Kind.PROGRAMME, usd=50 * BN),
            state(f"{PROGRAMME}#2", Kind.PROGRAMME, usd=100 * BN, supersedes=PROGRAMME),
            site("a", usd=30 * BN),
        )
    )

    assert found.live.usd == 100 * BN


def test_parts_of_nothing_that_counts_stand_alone() -> None:
    """The parts of a programme that was dismissed, or is not known, count by themselves."""
    dismissed = state(PROGRAMME, Kind.PROGRAMME, usd=100 * BN, dismissed=True)

    assert totals(book(dismissed, site("a", usd=30 * BN))).live.usd == 30 * BN
    assert totals(book(site("a", usd=30 * BN))).live.usd == 30 * BN


def test_a_ring_of_parts_ends() -> None:
    """Deals that are part of one another count each by itself, and nothing hangs."""
    ring = [state("a", usd=BN, part_of="b"), state("b", usd=2 * BN, part_of="a"), state("c", usd=BN, part_of="a")]

    assert totals(book(*ring)).live == Sum(3 * BN, 0, 3)


def test_only_whole_dollars_count() -> None:
    """Amounts by the year or in another currency are left out, in words; upper ends count in full, in words."""
    found = totals(
        book(
            state("a", facts=[fact("amount", BN, "EUR")]),
            state("b", facts=[fact("amount", BN, per_year=True)]),
            state("c", facts=[fact("amount", 5 * BN, bound=Bound.UP_TO)]),
        )
    )

    assert found.live == Sum(5 * BN, 0, 3)
    assert "No dollars counted, the amount is by the year or in another currency: a [1], b [2]." in found.notes
    assert "1 of the figures are upper ends ('up to', or a range) and count in full." in found.notes
    assert "3 deals without a capacity add none." in found.notes


def test_funding_is_told_apart() -> None:
    """Money that may pay for other deals is in the sum, and named."""
    found = totals(book(state("bank", Kind.FINANCING, usd=3 * BN), state("oracle", usd=5 * BN)))

    assert found.live.usd == 8 * BN
    assert any(note.startswith("$3 billion of it is financing and equity") for note in found.notes)


def test_nothing_sums_to_nothing() -> None:
    """An empty ledger has empty totals and no circles."""
    assert totals([]).live == Sum()
    assert circles([]) == []


NVIDIA = Party("nvidia", "Nvidia", "supplier")
SOFTBANK = Party("softbank", "SoftBank", "investor")


def test_who_invests_and_is_paid_makes_a_circle() -> None:
    """A company with deals both ways is listed with them and their sums, the most money first."""
    found = circles(
        book(
            state("softbank", Kind.FINANCING, usd=2 * BN, parties=[SOFTBANK]),
            state("in:x", Kind.DATACENTER, usd=BN, parties=[Party("softbank", "SoftBank", "host")]),
            state("nvidia", Kind.CHIPS, usd=20 * BN, gw=1, parties=[NVIDIA]),
            state("nvidia+7", Kind.EQUITY, usd=30 * BN, parties=[NVIDIA]),
            state("oracle", usd=300 * BN, parties=[Party("oracle", "Oracle", "supplier")]),
        )
    )

    assert [circle.party.slug for circle in found] == ["nvidia", "softbank"]
    assert ([d.id for d in found[0].funds], [d.id for d in found[0].paid]) == ([4], [3])
    assert (found[0].put_in, found[0].got_out) == (Sum(30 * BN, 0, 1), Sum(20 * BN, 1, 1))


def test_one_deal_may_go_both_ways() -> None:
    """An investment that comes with chips or capacity from a supplier is a circle by itself."""
    [circle] = circles(book(state("nvidia", Kind.EQUITY, usd=100 * BN, gw=10, parties=[NVIDIA])))

    assert circle.funds == circle.paid


@pytest.mark.parametrize(
    "more", [{"status": Status.CANCELLED}, {"dismissed": True}, {"supersedes": "nvidia"}], ids=["off", "no", "old"]
)
def test_deals_that_are_off_make_no_circle(more: dict[str, object]) -> None:
    """Cancelled, dismissed and superseded deals carry no money."""
    supply = state("nvidia", Kind.CHIPS, parties=[NVIDIA])
    status = more.pop("status", Status.SIGNED)
    gift = state("nvidia#2", Kind.EQUITY, status, parties=[NVIDIA], **more)  # type: ignore[arg-type]

    assert circles(book(supply, gift)) == []


def test_a_plain_investor_makes_no_circle() -> None:
    """Who only puts money in is not paid, whatever the kind of the deal."""
    assert circles(book(state("in:x", Kind.DATACENTER, parties=[SOFTBANK]))) == []


@pytest.mark.parametrize(
    ("usd", "gw", "flagged"),
    [
        (9.9, 1, True),
        (10, 1, False),
        (60, 1, False),
        (61, 1, True),
        (100, 10, False),
        (None, 1, False),
        (9.9, None, False),
    ],
)
def test_odd_prices_are_flagged(usd: float | None, gw: float | None, flagged: bool) -> None:
    """A deal is flagged where a gigawatt costs less than 10 or more than 60 billion, if both figures are known."""
    assert bool(doubtful(state("a", usd=usd and usd * BN, gw=gw))) is flagged


def test_yearly_and_foreign_amounts_have_no_price() -> None:
    """Only a total in dollars is set against a capacity, and a capacity of nothing against none."""
    power = fact("capacity", 1)

    assert per_gigawatt(state("a", facts=[fact("amount", BN, per_year=True), power])) is None
    assert per_gigawatt(state("a", facts=[fact("amount", BN, "EUR"), power])) is None
    assert per_gigawatt(state("a", usd=BN, gw=0)) is None
    assert doubtful(state("a", usd=BN, gw=1)) == (
        "$1 billion for a gigawatt is outside the usual $10 billion to $60 billion: check the figures."
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.4e12, "$1.4 trillion"), (999.96e9, "$1 trillion"), (38e9, "$38 billion"), (2.5e8, "$250 million"), (5, "$5")],
)
def test_sums_are_written_in_words(value: float, words: str) -> None:
    """With the scale that leaves few digits."""
    assert dollars(value) == words
