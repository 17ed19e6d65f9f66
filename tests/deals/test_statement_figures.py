"""Which figures of a sentence are a deal's, and how surely."""

from __future__ import annotations

import pytest

from pipeline.deals.statements import statements
from pipeline.domain import Bound
from tests.deals.helpers import LEXICON, only, sentence, sums


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr made a series of deals worth $90 billion.", {"total": [90]}),
        ("Zephyr has $700 billion to spend on compute.", {"total": [700]}),
        ("Zephyr has $500 billion to spend on compute.", {None: [500]}),
        ("Zephyr signs deals with Acme, Borealis and Corewell for $300 billion.", {"total": [300]}),
        ("Zephyr’s Skyhook will cost $700 billion.", {"programme:skyhook": [700]}),
        ("Zephyr has $900 billion in commitments to Acme.", {"acme": [900]}),
        ("Zephyr signs a $1.5 trillion compute deal with Acme.", {}),
    ],
    ids=["a word", "vast", "less", "three deals", "a programme", "one party", "boundless"],
)
def test_a_total_is_an_anchor(text: str, expected: dict[str | None, list[float]]) -> None:
    """A sum over many deals is no one's; nor is one that is too large for any."""
    assert sums(text) == expected


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("Zephyr pays Acme $30 billion.", "amount", {"acme": [30]}),
        ("Zephyr pays Acme $30 billion a year.", "yearly", {"acme": [30]}),
        ("Zephyr pays Acme $30 billion a year.", "amount", {}),
        ("Zephyr rents 2 gigawatts from Acme.", "capacity", {"acme": [2]}),
        ("Zephyr rents 400,000 GPUs from Acme.", "chips", {"acme": [400_000]}),
        ("Zephyr rents compute from Acme for five years.", "term", {"acme": [5]}),
        ("Zephyr pays Acme $30 billion, and Dyna gets $20 billion.", "amount", {"acme": [30], "dyna": [20]}),
        ("Zephyr pays $30 billion to Acme and $7 billion to Borealis.", "amount", {"acme": [30], "borealis": [7]}),
        (
            "Zephyr signs deals with Acme for $30 billion and Borealis for $7 billion.",
            "amount",
            {"acme": [30], "borealis": [7]},
        ),
        ("Zephyr pays $7 billion.", "amount", {None: [7]}),
        ("Zephyr signs a $7 billion deal with Acme and Borealis.", "amount", {"acme": [7]}),
        ("Zephyr, Acme and Borealis start a $7 billion joint venture.", "amount", {"programme:skyhook": [7]}),
        ("Skyhook grows; Zephyr builds with Acme and Borealis for $7 billion.", "amount", {"programme:skyhook": [7]}),
        ("Skyhook needs 2 gigawatts of Acme.", "capacity", {"programme:skyhook": [2]}),
        ("Zephyr will build a campus in Norway for $7 billion.", "amount", {"in:norway": [7]}),
        ("Zephyr will build data centers in Norway and Kenya for $7 billion.", "amount", {"in:norway": [7]}),
    ],
)
def test_figures_go_to_the_nearest_deal(text: str, field: str, expected: dict[str | None, list[float]]) -> None:
    """Each figure belongs to the company that stands nearest; midway between two, to the first."""
    assert sums(text, field) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Zephyr has a valuation of ${} and a deal worth $30 billion with Acme.",
        "Zephyr, valued at ${}, signs a $30 billion deal with Acme.",
        "Zephyr weighs its ${} valuation and a $30 billion deal with Acme.",
        "Zephyr makes ${} in revenue and pays Acme $30 billion.",
        "Acme’s revenue of ${} comes beside a deal for $30 billion with Zephyr.",
        "Acme’s market value is ${} with its $30 billion deal with Zephyr.",
        "Acme’s orders jumped to ${} on a $30 billion deal with Zephyr.",
        "Acme’s orders rose by 12% to about ${} on a $30 billion deal with Zephyr.",
        "Acme’s orders fell to ${} on a $30 billion deal with Zephyr.",
    ],
)
def test_money_that_is_not_the_deals(text: str) -> None:
    """What a company is worth or earns, and what something rose or fell to, is no price."""
    assert sums(text.format("900 billion")) == {"acme": [30]}


def test_a_changed_deal_has_revised_figures() -> None:
    """The figures beside a word of change are told as others than before."""
    assert [fact.revised for fact in only("Zephyr revises its deal with Acme to $20 billion.").facts] == [True]
    assert [fact.revised for fact in only("Zephyr signs a deal with Acme for $20 billion.").facts] == [False]


@pytest.mark.parametrize("word", ["additional", "further", "extra", "existing", "previous", "initial", "first"])
def test_further_figures(word: str) -> None:
    """What comes on top, or was before, is less sure than the deal's own figure, whichever is said first."""
    one = only(f"Zephyr takes the {word} 1 gigawatts beside the 2 gigawatt deal with Acme.")
    other = only(f"Zephyr makes a 2 gigawatt deal with Acme beside the {word} 1 gigawatts.")

    for said in (one, other):
        assert max(said.facts, key=lambda fact: fact.confidence).value == 2


@pytest.mark.parametrize(
    ("surer", "less"),
    [
        ("Zephyr signs a $30 billion deal with Acme.", "Zephyr pays $30 billion to Acme, as agreed."),
        ("Zephyr pays Acme $30 billion.", f"Zephyr pays Acme {'and so on ' * 9} $30 billion."),
        ("Zephyr signs a deal with Acme worth $30 billion.", "Zephyr works with Acme. It is $30 billion."),
    ],
    ids=["beside a word for a deal", "nearness", "a deal worth"],
)
def test_how_sure_a_figure_is(surer: str, less: str) -> None:
    """The nearer to the parties and to a word for a deal, the surer."""
    assert only(surer).facts[0].confidence > only(less).facts[0].confidence


def test_certainty_and_place_count() -> None:
    """A figure is as sure as its sentence, and in the title surer than in the body."""
    text = "Zephyr signs a $30 billion deal with Acme."

    def sure(certainty: float, where: str) -> float:
        [said] = statements(sentence(text, certainty, where), LEXICON, "en")
        return said.facts[0].confidence

    assert sure(0.9, "title") > sure(0.9, "body") > sure(0.45, "body") > 0


def test_a_fact_is_its_words() -> None:
    """Quote, offsets in the piece, unit, range and bound."""
    text = "As it said; Zephyr pays Acme between $10 billion and $15 billion for up to 2 gigawatts."
    found = [fact for said in statements(sentence(text, start=100), LEXICON, "en") for fact in said.facts]
    amount, capacity = found

    assert (amount.unit, amount.low, amount.value, amount.quote) == ("USD", 10e9, 15e9, text)
    assert text[amount.start - 100 : amount.end - 100] == "$10 billion and $15 billion"
    assert (capacity.unit, capacity.low, capacity.value, capacity.bound) == ("GW", None, 2, Bound.UP_TO)
    assert text[capacity.start - 100 : capacity.end - 100] == "up to 2 gigawatts"
