"""Who supplies, finances and owns the subject."""

from __future__ import annotations

import pytest

from pipeline.deals.books import circles
from pipeline.deals.network import network
from pipeline.domain import Flow, Kind, Party, Status
from tests.deals.samples import book, state

BN = 1e9
ORACLE = Party("oracle", "Oracle", "supplier")


@pytest.mark.parametrize(
    ("role", "kind", "gw", "flows"),
    [
        ("supplier", Kind.CHIPS, None, [Flow.SUPPLIES]),
        ("host", Kind.DATACENTER, None, [Flow.SUPPLIES]),
        ("", Kind.POWER, None, [Flow.SUPPLIES]),
        ("investor", Kind.PROGRAMME, None, [Flow.FINANCES]),
        ("lender", Kind.FINANCING, None, [Flow.FINANCES]),
        ("", Kind.EQUITY, None, [Flow.OWNS]),
        ("supplier", Kind.EQUITY, 10, [Flow.SUPPLIES, Flow.OWNS]),
        ("government", Kind.PROGRAMME, None, [Flow.JOINS]),
    ],
)
def test_what_a_company_is(role: str, kind: Kind, gw: float | None, flows: list[Flow]) -> None:
    """By its role and the kind of deal; both ways where money goes round in one deal."""
    found = network(book(state("x", kind, usd=BN, gw=gw, parties=[Party("x", "X", role)])), "OpenAI")

    assert found
    assert [edge.flow for edge in found.edges] == flows


def test_a_programme_and_its_part_with_one_company_count_once() -> None:
    """As in the totals; what was cancelled, dismissed or superseded counts nowhere."""
    deals = book(
        state("programme:d", Kind.PROGRAMME, usd=100 * BN, gw=5, parties=[ORACLE]),
        state("in:a", Kind.DATACENTER, usd=30 * BN, parties=[ORACLE], part_of="programme:d"),
        state("oracle", usd=7 * BN, parties=[ORACLE], status=Status.CANCELLED),
        state("oracle#2", usd=8 * BN, parties=[ORACLE], dismissed=True),
    )
    found = network(deals, "OpenAI")

    assert found
    [edge] = found.edges
    assert (edge.deals, edge.usd, edge.gw) == ((1, 2), 100 * BN, 5)


def test_the_weightiest_companies_are_kept() -> None:
    """By dollars; how many lighter ones there are is said."""
    deals = book(*[state(f"c{n}", usd=n * BN, parties=[Party(f"c{n}", f"C{n}", "supplier")]) for n in range(1, 41)])
    found = network(deals, "OpenAI", most=30)

    assert found
    assert [edge.company.slug for edge in found.edges] == [f"c{n}" for n in range(40, 10, -1)]
    assert found.left_out == 10
    assert "10 lighter ones are not" in found.notes[0]


def test_circles_are_those_of_the_books() -> None:
    """A company that puts money in and is paid."""
    deals = book(
        state("oracle", usd=BN, parties=[ORACLE]),
        state("oracle/equity", Kind.EQUITY, usd=BN, parties=[ORACLE]),
        state("amd", usd=BN, parties=[Party("amd", "AMD", "supplier")]),
    )
    found = network(deals, "OpenAI")

    assert found
    assert found.circles == {circle.party.slug for circle in circles(deals)} == {"oracle"}


def test_no_companies_no_network() -> None:
    """Nor where only dismissed deals name some; and what names none is told."""
    assert network(book(state("total"), state("amd", parties=[ORACLE], dismissed=True)), "OpenAI") is None
    found = network(book(state("in:ohio"), state("oracle", parties=[ORACLE])), "OpenAI")
    assert found
    assert found.notes == ("1 deal names no company but the subject.",)
