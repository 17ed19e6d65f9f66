"""Sentences to statements."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.statements import Statement, is_party, statements
from pipeline.domain import Bound, Kind, Status
from tests.deals.helpers import LEXICON, NAMES, figures, sentence, stated


def anchors(text: str) -> dict[str | None, list[str]]:
    """What deals a sentence speaks of, with their parties."""
    return {said.anchor: list(said.parties) for said in stated(text)}


def only(text: str, certainty: float = 0.95) -> Statement:
    [said] = stated(text, certainty)
    return said


def sums(text: str, field: str = "amount") -> dict[str | None, list[float]]:
    """The figures of a field, in thousands of millions, of each deal that has some."""
    scale = 1e9 if field in ("amount", "yearly") else 1
    found = {said.anchor: [value / scale for value in figures(said).get(field, [])] for said in stated(text)}
    return {anchor: values for anchor, values in found.items() if values}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr signs a compute deal with Acme.", {"acme": ["acme"]}),
        ("Zephyr buys chips from Dyna and compute from Acme.", {"dyna": ["dyna"], "acme": ["acme"]}),
        ("Zephyr signs a deal with Acme and Borealis.", {"acme": ["acme", "borealis"]}),
        ("Zephyr signs deals with Acme and Borealis.", {"acme": ["acme"], "borealis": ["borealis"]}),
        ("Zephyr rents compute on Dyna GPUs from Acme.", {"acme": ["acme", "dyna"]}),
        ("Zephyr signs a compute deal with developer Ferndale.", {"ferndale": ["ferndale"]}),
        ("Zephyr buys compute from Acme and developer Ferndale.", {"acme": ["acme"]}),
        ("Zephyr signs a compute deal.", {None: []}),
    ],
    ids=["one", "two", "together", "deals", "whose chips", "unknown", "unknown beside a known one", "none"],
)
def test_a_party_is_an_anchor(text: str, expected: dict[str | None, list[str]]) -> None:
    """Each counterparty is a deal; those named together are parties of one; without any there is no anchor."""
    assert anchors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr’s Skyhook initiative grows.", {"programme:skyhook": []}),
        ("Zephyr, Acme and Borealis build Skyhook.", {"programme:skyhook": ["acme", "borealis"]}),
        ("Zephyr will build Skyhook with Acme.", {"acme": ["acme"]}),
        ("Skyhook buys Dyna chips.", {"dyna": ["dyna"]}),
        ("Zephyr, Acme and Borealis start a joint venture.", {"programme:skyhook": ["acme", "borealis"]}),
        (
            "Zephyr makes Skyhook deals with Acme and Borealis.",
            {"programme:skyhook": [], "acme": ["acme"], "borealis": ["borealis"]},
        ),
    ],
    ids=["alone", "partners", "a deal with one", "its supplier", "a venture", "its deals"],
)
def test_a_programme_is_an_anchor(text: str, expected: dict[str | None, list[str]]) -> None:
    """Where the subject's programme is meant, and not a deal of it with one company."""
    assert anchors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr will build a campus in Norway.", {"in:norway": []}),
        ("Zephyr will build a campus in Abilene, Texas.", {"in:abilene": []}),
        ("Zephyr’s Skyhook will build in Abilene with Acme.", {"in:abilene": ["acme"]}),
        ("Acme will build a Zephyr campus in Texas.", {"in:texas": ["acme"]}),
        ("Acme will build a Zephyr campus in Kenya.", {"acme": ["acme"]}),
        ("Zephyr will work with Acme in Texas.", {"acme": ["acme"]}),
        ("Zephyr puts Skyhook Norway next to Kenya.", {"in:norway": []}),
        (
            "Zephyr will build data centers with Acme in Norway and with Borealis in Kenya.",
            {"in:norway": ["acme"], "in:kenya": ["borealis"]},
        ),
        ("Zephyr will build data centers in Norway and Kenya.", {"in:norway": [], "in:kenya": []}),
    ],
    ids=[
        "a place", "a place in a place", "with a builder", "narrow", "wide", "nothing is built", "behind the programme",
        "several with builders", "several",
    ],
)  # fmt: skip
def test_a_site_is_an_anchor(text: str, expected: dict[str | None, list[str]]) -> None:
    """A place where something is built, the narrowest that is named; several are deals of their own."""
    assert anchors(text) == expected


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


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Zephyr has a compute deal with Acme.", Status.ANNOUNCED),
        ("Zephyr is in talks with Acme.", Status.RUMOURED),
        ("Zephyr inks a deal with Acme.", Status.SIGNED),
        ("Zephyr’s campus at Acme is operational.", Status.OPERATING),
        ("Zephyr renegotiates its deal with Acme.", Status.CHANGED),
        ("Zephyr’s deal with Acme is on hold.", Status.STALLED),
        ("Zephyr cancels a signed deal with Acme.", Status.CANCELLED),
        ("Zephyr is in talks to sign a deal with Acme.", Status.RUMOURED),
        (f"Acme and Zephyr agree on compute {'and so on ' * 15}as others sign.", Status.ANNOUNCED),
        (f"It is agreed {'and so on ' * 15}and signed.", Status.SIGNED),
    ],
    ids=[
        "plain", "rumoured", "signed", "operating", "changed", "stalled", "cancelled", "not yet", "far off", "no party"
    ],
)  # fmt: skip
def test_status_words(text: str, status: Status) -> None:
    """The graver of the words near the parties says how far the deal has come."""
    assert only(text).status is status


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


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Zephyr signs a deal with Acme; it costs $3 billion.", {"continues": True, "anchor": None}),
        ("Acme says that the project is for Zephyr.", {"adds": False, "anchor": "acme"}),
        ("Acme says that the project grows.", {"adds": True, "anchor": None}),
        ("Zephyr builds in Norway as part of a deal with Acme.", {"part": True, "anchor": "acme"}),
        ("Zephyr says that the two companies agreed.", {"refers": True, "anchor": None}),
        ("Zephyr says that they signed it with Acme.", {"refers": True, "anchor": "acme"}),
        ("Zephyr says that it is a $3 billion deal.", {"stated": True, "refers": False}),
        ("Acme works for Zephyr, and Skyhook grows.", {"programme": "skyhook"}),
    ],
)
def test_how_a_statement_hangs_on_others(text: str, flags: dict[str, Any]) -> None:
    """Whether it goes on with, adds to, is part of or refers to what was said before."""
    last = stated(text)[-1]

    assert {name: getattr(last, name) for name in flags} == flags


def test_kinds_are_counted() -> None:
    """Every word for a kind in the clause counts."""
    said = only("Zephyr rents compute and cloud at the campus of Acme.")

    assert said.kinds == {Kind.COMPUTE: 2, Kind.DATACENTER: 1}


def test_an_unknown_company_needs_a_sure_sentence() -> None:
    """And keeps the name that the sentence gives it."""
    text = "Zephyr signs a compute deal with Morrow & Lane."

    assert only(text).parties == {"morrow-lane": "Morrow & Lane"}
    assert only(text, 0.5).anchor is None


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [("acme", True), ("programme:skyhook", False), ("in:norway", False), ("total", False), ("", False), (None, False)],
)
def test_is_party(anchor: str | None, expected: bool) -> None:
    """Only a company's slug is a party."""
    assert is_party(anchor) is expected


MORE = (
    "Norway|Kenya|$5 billion|$700 billion|2 GW|five years|400,000 GPUs|deal|deals|with|and|, which|; |campus|series of"
)
WORDS = st.sampled_from(
    [*NAMES.values(), *MORE.split("|"), "the companies", "signs", "revenue", "jumped to", "compute"]
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)), st.integers(0, 1000))
def test_any_sentence(text: str, start: int) -> None:
    """Whatever it says, facts lie within it, are no surer than it, and stand for what their words say."""
    given_sentence = sentence(text, 0.9, "body", start)
    for said in statements(given_sentence, LEXICON, "en"):
        for fact in said.facts:
            assert start <= fact.start < fact.end <= start + len(text)
            assert 0 < fact.confidence <= 0.9
            assert fact.quote == text
            assert fact.low is None or fact.low < float(fact.value)
        if is_party(said.anchor):
            assert said.anchor in said.parties
