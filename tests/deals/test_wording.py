"""Facts as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.deals.wording import shown
from pipeline.domain import Bound, Fact


def fact(field: str, value: float, unit: str = "", **fields: Any) -> Fact:
    return Fact(field, value, "so it says", "body", 0, 10, 1.0, unit, **fields)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (fact("amount", 3e11, "USD"), "$300 billion"),
        (fact("amount", 2.24e10, "USD"), "$22.4 billion"),
        (fact("amount", 1.4e12, "USD"), "$1.4 trillion"),
        (fact("amount", 9.996e11, "USD"), "$1 trillion"),
        (fact("amount", 5e5, "USD"), "$500,000"),
        (fact("amount", 123_456, "USD"), "$123,456"),
        (fact("amount", 1.5e9, "EUR"), "€1.5 billion"),
        (fact("amount", 2.2e10, "GBP"), "£22 billion"),
        (fact("amount", 3e9, "CAD"), "CAD 3 billion"),
        (fact("amount", 1.5e10, "USD", low=1e10), "$10 to 15 billion"),
        (fact("amount", 1.2e9, "USD", low=8e8), "$800 million to $1.2 billion"),
        (fact("amount", 1.2e9, "CHF", low=8e8), "CHF 800 million to 1.2 billion"),
        (fact("amount", 1.5e10, "EUR", low=1e10, bound=Bound.ABOUT, per_year=True), "about €10 to 15 billion a year"),
        (fact("amount", 1e10, "USD", low=1e10), "$10 billion"),
        (fact("amount", 1e10, "USD", bound=Bound.UP_TO), "up to $10 billion"),
        (fact("amount", 2.5e11, "USD", bound=Bound.MORE_THAN), "more than $250 billion"),
        (fact("amount", 6e10, "USD", per_year=True), "$60 billion a year"),
        (fact("capacity", 4.5, "GW"), "4.5 GW"),
        (fact("capacity", 0.6, "GW"), "600 MW"),
        (fact("capacity", 0.0005, "GW"), "0.5 MW"),
        (fact("capacity", 0.9996, "GW"), "1 GW"),
        (fact("capacity", 10, "GW", bound=Bound.UP_TO), "up to 10 GW"),
        (fact("capacity", 0.6, "GW", low=0.4), "400 to 600 MW"),
        (fact("capacity", 1.2, "GW", low=0.5), "500 MW to 1.2 GW"),
        (fact("chips", 400_000, "chips"), "400,000 chips"),
        (fact("chips", 1.5e6, "chips", bound=Bound.MORE_THAN), "more than 1.5 million chips"),
        (fact("chips", 200_000, "chips", low=100_000), "100,000 to 200,000 chips"),
        (fact("term", 5, "years"), "5 years"),
        (fact("term", 1, "years"), "1 year"),
        (fact("term", 1.5, "years"), "1.5 years"),
        (fact("term", 0.5, "years"), "6 months"),
        (fact("term", 5, "years", low=4), "4 to 5 years"),
        (fact("term", 2030, "until"), "until 2030"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_shown(given: Fact, words: str) -> None:
    """Currency, range, bound, rate and unit stand as a person would write them."""
    assert shown(given) == words
