"""Who a clause names as the other side of a deal."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.clauses import Clause
from pipeline.deals.counterparties import brands, counterparties, named_with, together, unknown
from tests.deals.helpers import LEXICON, NAMES, parts, stated


def named(text: str) -> list[str]:
    """The known counterparties that the clauses of a sentence name."""
    return sorted({slug for clause in parts(text) for slug in counterparties(clause, LEXICON)})


def others(text: str) -> dict[str, str]:
    """The unknown companies that they name: names by slug."""
    return {slug: name for clause in parts(text) for slug, (name, _) in unknown(clause, LEXICON).items()}


def whole(text: str) -> Clause:
    [clause] = parts(text)
    return clause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr signs a compute deal with Acme.", ["acme"]),
        ("Zephyr signs deals with Acme and Borealis.", ["acme", "borealis"]),
        ("Acme will build a campus.", ["acme"]),
        ("Zephyr signs a deal with Quill.", ["quill"]),
        ("Zephyr pays for Skyhook.", []),
        ("Nobody is named.", []),
        ("Zephyr, Rivalis and Acme sign a deal.", ["acme"]),
        ("Zephyr rents chips from Borealis, as Rivalis turns to Acme.", ["borealis"]),
        ("Rivalis rents compute from Acme, as Zephyr will not.", []),
        ("Zephyr and Rivalis rent compute from the far larger cloud of Acme.", ["acme"]),
        ("Rivalis rents compute from Acme.", []),
    ],
    ids=[
        "one", "two", "no subject", "without a role", "the subject's own", "nobody", "beside an outsider",
        "an outsider's", "nearer to an outsider", "with an outsider", "an outsider's only",
    ],
)  # fmt: skip
def test_known_companies(text: str, expected: list[str]) -> None:
    """Every one but the subject and outsiders, and but those that stand nearer to an outsider than to the subject."""
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr, Acme and Borealis are building data centers.", []),
        ("Acme, Zephyr and Borealis are building data centers.", []),
        ("Zephyr, Acme and Borealis jointly build data centers.", ["acme", "borealis"]),
        ("Zephyr, Acme and Borealis start a joint venture.", ["acme", "borealis"]),
        ("Zephyr, Acme and Borealis build Skyhook.", ["acme", "borealis"]),
        ("Zephyr and Acme are building data centers.", ["acme"]),
        ("Zephyr, with the help of Acme and Borealis, is building data centers.", ["acme", "borealis"]),
    ],
    ids=["peers", "in any place", "jointly", "a venture", "a programme", "only two", "no list"],
)
def test_peers(text: str, expected: list[str]) -> None:
    """Of a list of companies that each do the same none is a party, unless something says that they do it together."""
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "supplied"),
    [
        ("Zephyr buys Dyna GPUs.", ["dyna"], []),
        ("Zephyr buys Dyna GPUs and Flint chips.", ["dyna", "flint"], []),
        ("Zephyr rents compute on Dyna GPUs from Acme.", ["acme"], ["dyna"]),
        ("Dyna will sell chips to Zephyr through Acme.", ["acme", "dyna"], []),
        ("Zephyr buys Dyna chips with Flint.", ["dyna", "flint"], []),
    ],
    ids=["its own", "two", "brought in", "named otherwise too", "from another maker"],
)
def test_brands(text: str, expected: list[str], supplied: list[str]) -> None:
    """A company whose chips another one's deal brings in supplies them, and has no deal of its own."""
    clause = whole(text)

    assert named(text) == expected
    assert brands(clause, LEXICON, counterparties(clause, LEXICON)) == supplied


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr rents compute from Acme instead of Borealis.", ["acme"]),
        ("Zephyr rents compute from Acme, a rival of Borealis.", ["acme"]),
        ("Instead of waiting for a year or even longer, Zephyr goes to Borealis.", ["borealis"]),
        ("Zephyr rents compute from Acme-backed Borealis.", ["borealis"]),
    ],
    ids=["instead", "rival", "far off", "backer"],
)
def test_asides(text: str, expected: list[str]) -> None:
    """A company that is named for comparison, or to say whose another one is, is no party."""
    assert named(text) == expected


@pytest.mark.parametrize("hyphen", ["-", "–", "‑"])
def test_a_hyphen_joins(hyphen: str) -> None:
    """Where one company is joined to the subject by a hyphen, it is the only party."""
    assert named(f"The Zephyr{hyphen}Acme compute deal worries Borealis.") == ["acme"]
    assert named(f"The Acme{hyphen}Zephyr compute deal worries Borealis.") == ["acme"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr signs a deal with Acme and Borealis.", True),
        ("Zephyr signs a deal with Acme, Borealis and Corewell.", True),
        ("Acme teams up with Borealis on chips.", True),
        ("Acme, Zephyr and Borealis build it.", True),
        ("Zephyr left Acme for Borealis.", False),
        ("Zephyr signs a deal with Acme.", False),
    ],
)
def test_together(text: str, expected: bool) -> None:
    """Companies that only a list or a word of partnership stands between are partners of one deal."""
    clause = whole(text)
    found = {slug: [mark] for slug, mark in clause.companies() if slug not in LEXICON.subject}

    assert together(clause, found, LEXICON) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Zephyr buys it from Acme.", True), ("A deal with the Acme of old.", True), ("Acme sells it.", False)],
)
def test_named_with(text: str, expected: bool) -> None:
    """A word such as with or from stands before the name."""
    clause = whole(text)

    assert named_with(clause, clause.labelled("@acme")) is expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Zephyr signs a compute deal with Ferndale.", "Ferndale"),
        ("Zephyr signs a compute deal with Ferndale’s owners.", "Ferndale"),
        ("Zephyr will lease a data center from Morrow & Lane.", "Morrow & Lane"),
        ("Zephyr gets compute in a deal with little-known Ferndale.", "Ferndale"),
        ("The campus that developer Ferndale builds is Zephyr’s.", "Ferndale"),
        ("Ferndale agreed that Zephyr may use its campus.", "Ferndale"),
        ("Ferndale signs a compute deal with Zephyr.", "Ferndale"),
        ("Zephyr signs a deal with Ferndale for compute.", "Ferndale"),
        ("Zephyr gets compute in a deal with Veltra Semiconductor.", "Veltra Semiconductor"),
        ("Zephyr’s next campus belongs to Ferndale Data Centers.", "Ferndale Data Centers"),
        ("Zephyr Signs Giant Compute Deal With Ferndale Power Over Many Years", "Ferndale Power"),
        ("Zephyr and Ferndale Energy Sign Giant Compute Deal", "Ferndale Energy"),
    ],
)
def test_unknown_companies(text: str, name: str) -> None:
    """Names are companies by their form, or by the words around them."""
    assert list(others(text).values()) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Zephyr’s compute deal is praised by President Mara Quist.",
        "Zephyr’s compute deal comes from Mara Quist, its chief of staff.",
        "Mara Quist said that Zephyr needs compute.",
        "Zephyr gets compute in a deal with Mara Quist, who waits.",
        "Zephyr runs its compute with Veltra GPUs.",
        "Zephyr will build a campus with Texas.",
        "Zephyr gets compute by Monday.",
        "Zephyr gets compute from The Lake.",
        "Zephyr signs a compute deal with Acme.",
        "Zephyr Signs Giant Compute Deal With Ferndale Over Many Years",
        "Zephyr signs a deal with Ferndale.",
        "Rivalis signs a compute deal with Ferndale.",
    ],
    ids=[
        "title", "office", "speaker", "relative clause", "product", "place", "day", "article", "known", "title case",
        "no kind", "not the subject's",
    ],
)  # fmt: skip
def test_other_names_are_passed_over(text: str) -> None:
    """People, products, places, days, and what capitals say nothing of."""
    assert others(text) == {}


MORE = "Ferndale|Power|Energy|with|from|compute|GPUs|campus|and|,|-|’s|signs|developer|said|CEO|&|Texas|instead of|deal"
WORDS = st.sampled_from([*NAMES.values(), *MORE.split("|")])


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
def test_any_sentence(text: str) -> None:
    """Whatever it says, names stand where they are said to, and the known are no subject and no outsiders."""
    for clause in parts(text):
        known = counterparties(clause, LEXICON)
        found = unknown(clause, LEXICON)

        assert not known.keys() & (LEXICON.subject | LEXICON.outsiders)
        assert all(mark.label == f"@{slug}" for slug, marks in known.items() for mark in marks)
        assert all(clause.text[mark.start : mark.end] == name for name, mark in found.values())


@pytest.mark.parametrize("between", ["," * 500 + "x", " and," * 100 + "!", " , " * 150 + "."])
def test_long_runs_of_commas_cost_nothing(between: str) -> None:
    """However much stands between two companies, it is read at once: time doubled with each comma."""
    began = time.process_time()

    stated(f"Zephyr signs a compute deal with Acme{between} Borealis for $3 billion.")

    assert time.process_time() - began < 20  # doubled with each comma it would not end


def test_a_name_has_a_length() -> None:
    """What is longer than any company's is none: it would become the deal's key and title."""
    assert others(f"Zephyr signs a compute contract with {'A' * 61} Inc.") == {}
    assert others(f"Zephyr signs a compute contract with {'A' * 50} Inc.") != {}
