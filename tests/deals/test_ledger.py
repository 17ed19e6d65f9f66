"""Mentions to deals."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.ledger import derive
from pipeline.deals.life import Told
from pipeline.domain import DealState, Kind, Ruling, Status, Verb
from tests.deals.samples import fact, mention, source


def keys(*told: Told) -> dict[str, list[int]]:
    """The deals of one anchor, with the articles of each."""
    anchor = told[0][1].anchor
    return {deal.key: [s.article for s in deal.sources] for deal in derive({anchor: told})}


def test_one_anchor_is_one_deal() -> None:
    """However often, by whomever and for whatever sum it is told."""
    told = [
        (source(n, n), mention("oracle", Kind.COMPUTE, Status.ANNOUNCED, fact("amount", n * 1e9))) for n in (1, 2, 3)
    ]

    assert keys(*told) == {"oracle": [1, 2, 3]}


def test_power_and_financing_are_deals_of_their_own() -> None:
    """Beside another deal of the same parties, where a piece is about them."""
    told = [
        (source(1), mention("oracle")),
        (source(2, 1), mention("oracle", Kind.POWER)),
        (source(3, 2), mention("oracle", Kind.FINANCING, central=False)),
    ]

    assert keys(*told) == {"oracle": [1, 3], "oracle/power": [2]}


def test_the_only_deal_takes_in_all_that_is_said() -> None:
    """There is no other that a piece which only brings it up could mean; its key is the same once there is one."""
    told = [(source(1), mention("oracle", Kind.POWER)), (source(2, 1), mention("oracle", central=False))]

    assert keys(*told) == {"oracle/power": [1, 2]}
    assert keys(*told, (source(3, 2), mention("oracle"))) == {"oracle/power": [1], "oracle": [2, 3]}


def test_a_new_deal_after_a_cancelled_one_supersedes_it() -> None:
    """Where it is told some time after the end; what is told soon after still belongs to the first."""
    told = [
        (source(1), mention("oracle")),
        (source(2, 10), mention("oracle", Kind.COMPUTE, Status.CANCELLED)),
        (source(3, 20), mention("oracle", Kind.COMPUTE, Status.RUMOURED)),
        (source(4, 90), mention("oracle", Kind.COMPUTE, Status.SIGNED)),
    ]

    first, second = sorted(derive({"oracle": told}), key=lambda deal: deal.key)

    assert ([s.article for s in first.sources], first.status) == ([1, 2, 3], Status.CANCELLED)
    assert ([s.article for s in second.sources], second.supersedes) == ([4], "oracle")


def test_a_sum_over_many_deals_has_neither_kinds_nor_lives() -> None:
    """It is one row, whatever is said of it."""
    told = [
        (source(1), mention("total", Kind.OTHER, Status.CANCELLED)),
        (source(2, 1), mention("total", Kind.FINANCING)),
        (source(3, 90), mention("total")),
    ]

    assert keys(*told) == {"total": [1, 2, 3]}


def test_a_programme_is_one_deal_whatever_it_is_seen_as() -> None:
    """Its own power supply or financing is not counted beside it."""
    told = [
        (source(1), mention("programme:delta", Kind.PROGRAMME)),
        (source(2, 1), mention("programme:delta", Kind.POWER)),
    ]

    assert [deal.key for deal in derive({"programme:delta": told})] == ["programme:delta"]


def test_a_site_is_part_of_the_programme() -> None:
    """Which is the watch's, or the one that a third of the pieces name."""
    site = {"in:x": [(source(1), mention("in:x", Kind.DATACENTER))]}
    named = {"oracle": [(source(1), mention(programme="delta")), (source(2), mention()), (source(3), mention())]}

    assert derive(site, programme="delta")[0].part_of == "programme:delta"
    assert derive(site)[0].part_of == ""
    assert derive(named)[0].part_of == "programme:delta"


def test_nothing_said_is_no_deal() -> None:
    """An anchor that nothing is said of any more has none."""
    assert derive({"oracle": [], "total": []}) == []


KINDS = st.sampled_from([Kind.COMPUTE, Kind.POWER, Kind.FINANCING, Kind.CHIPS])
STATUSES = st.sampled_from(list(Status))


@st.composite
def articles(draw: st.DrawFn) -> list[Told]:
    """Up to a dozen articles about two anchors, some published at the same moment and some at one address."""
    made = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        amount = fact("amount", draw(st.sampled_from([1e9, 2e9, 3e9])))
        anchor = draw(st.sampled_from(["oracle", "core"]))
        said = mention(
            anchor, draw(KINDS), draw(STATUSES), amount, central=draw(st.booleans()), quote=f"Quote {number}."
        )
        told = source(number, draw(st.sampled_from([0, 0, 1, 50, 120])), draw(st.sampled_from(["a", "b", "c"])))
        made.append((replace(told, url=draw(st.sampled_from(["", told.url]))), said))
    return made


RULINGS = (
    Ruling(1, Verb.SPLIT, "oracle", articles=(2, 3)),
    Ruling(2, Verb.MERGE, "core", into="oracle"),
    Ruling(3, Verb.SET, "oracle", field="amount", value="5000000000 USD"),
)


def made(told: list[Told], rulings: tuple[Ruling, ...]) -> dict[str, DealState]:
    by_anchor: dict[str, list[Told]] = {}
    for one in told:
        by_anchor.setdefault(one[1].anchor, []).append(one)
    return {deal.key: deal for deal in derive(by_anchor, rulings)}


@given(articles(), st.randoms(use_true_random=False), st.sampled_from([(), RULINGS]))
def test_the_order_of_arrival_does_not_matter(told: list[Told], random: object, rulings: tuple[Ruling, ...]) -> None:
    """The same deals, facts, changes and sources come out, with rulings and without."""
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert made(shuffled, rulings) == made(told, rulings)


@given(articles(), st.sampled_from([(), RULINGS]))
def test_nothing_that_was_said_is_lost(told: list[Told], rulings: tuple[Ruling, ...]) -> None:
    """Each mention is in exactly one deal."""
    found = sorted(s.article for deal in made(told, rulings).values() for s in deal.sources)

    assert found == sorted(s.article for s, _ in told)
