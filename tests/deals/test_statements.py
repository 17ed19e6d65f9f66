"""Sentences to statements."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.anchors import is_party
from pipeline.deals.statements import statements
from pipeline.domain import Kind, Status
from tests.deals.helpers import LEXICON, NAMES, only, sentence, stated


def anchors(text: str) -> dict[str | None, list[str]]:
    """What deals a sentence speaks of, with their parties."""
    return {said.anchor: list(said.parties) for said in stated(text)}


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
        ("Skyhook grows; Zephyr builds with Acme and Borealis.", {"programme:skyhook": ["acme", "borealis"]}),
        ("Skyhook grows; Zephyr buys of Dyna and Flint.", {"programme:skyhook": [], "dyna": ["dyna", "flint"]}),
        (
            "Zephyr makes Skyhook deals with Acme and Borealis.",
            {"programme:skyhook": [], "acme": ["acme"], "borealis": ["borealis"]},
        ),
    ],
    ids=[
        "alone",
        "partners",
        "a deal with one",
        "its supplier",
        "a venture",
        "beside it",
        "its suppliers",
        "its deals",
    ],
)
def test_a_programme_is_an_anchor(text: str, expected: dict[str | None, list[str]]) -> None:
    """Where the subject's programme is meant, and not a deal of it with one company."""
    assert anchors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr will build a campus in Norway.", {"in:norway": []}),
        ("Zephyr will build a campus in Norway, said Texas Tech’s dean.", {"in:norway": []}),
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
        "a place", "a school", "a place in a place", "with a builder", "narrow", "wide", "nothing is built",
        "behind the programme", "several with builders", "several",
    ],
)  # fmt: skip
def test_a_site_is_an_anchor(text: str, expected: dict[str | None, list[str]]) -> None:
    """A place where something is built, the narrowest that is named; several are deals of their own."""
    assert anchors(text) == expected


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


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Zephyr signs a deal with Acme; it costs $3 billion.", {"continues": True, "anchor": None, "part": False}),
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
