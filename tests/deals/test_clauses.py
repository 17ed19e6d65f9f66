"""Sentences to clauses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.clauses import clauses, distance, nearest
from pipeline.domain import Mark
from tests.deals.helpers import parts, sentence

WORDS = st.sampled_from(
    [
        "Zephyr",
        "Acme",
        "Borealis",
        "pays",
        "$5 billion",
        "a campus",
        ", and",
        ", which",
        ", with",
        ", who",
        "; ",
        " — ",
        " – ",
        ": ",
        "while",
        ", but",
        "as part of",
        ", and Acme has",
        "others",
        "after",
        "plus",
        "that",
        ",",
        " ",
        "\n",
    ]
)
RELATIVE = re.compile("which|who|that")
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr pays Acme.", ["Zephyr pays Acme."]),
        ("Zephyr pays Acme; Borealis gets a loan.", ["Zephyr pays Acme; ", "Borealis gets a loan."]),
        ("Zephyr pays Acme — Borealis waits.", ["Zephyr pays Acme — ", "Borealis waits."]),
        ("The plan: Zephyr pays Acme.", ["The plan: ", "Zephyr pays Acme."]),
        ("the ratio: one in two", ["the ratio: one in two"]),
        ("Zephyr pays Acme, while Borealis waits.", ["Zephyr pays Acme, ", "while Borealis waits."]),
        ("Zephyr pays Acme but not Borealis.", ["Zephyr pays Acme ", "but not Borealis."]),
        ("Zephyr pays Acme, and it pays Borealis.", ["Zephyr pays Acme, ", "and it pays Borealis."]),
        ("Zephyr pays Acme, and Borealis will wait.", ["Zephyr pays Acme, ", "and Borealis will wait."]),
        ("Zephyr pays Acme, Borealis, and others.", ["Zephyr pays Acme, Borealis, and others."]),
        ("Zephyr pays Acme, Borealis, and Dyna.", ["Zephyr pays Acme, Borealis, and Dyna."]),
        ("Zephyr builds as part of a plan with Acme.", ["Zephyr builds ", "as part of a plan with Acme."]),
    ],
)
def test_where_a_sentence_is_cut(text: str, expected: list[str]) -> None:
    """Between what it says of one thing and of another; not within a list."""
    assert [clause.text for clause in parts(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zephyr turned to Acme, which will build a campus.", "Acme, which will build a campus."),
        ("Zephyr pays Acme of Norway, who waits.", "Acme of Norway, who waits."),
        ("They found a landlord, which will build.", "which will build."),
        (f"Acme saw that {'x' * 60}, which will build.", "which will build."),
    ],
    ids=["company", "company a little before", "none that near", "too far"],
)
def test_a_relative_clause_takes_its_company_along(text: str, expected: str) -> None:
    """It begins with the company that stands just before it."""
    assert parts(text)[-1].text == expected


def test_marks_count_from_the_clause() -> None:
    """Each clause has the marks that stand in it, by its own offsets, and says what companies and words they are."""
    text = "Zephyr signs with Acme; Borealis builds a campus."

    first, second = parts(text)

    assert [(slug, first.text[mark.start : mark.end]) for slug, mark in first.companies()] == [
        ("zephyr", "Zephyr"),
        ("acme", "Acme"),
    ]
    assert [second.text[mark.start : mark.end] for mark in second.marks] == ["Borealis", "campus"]
    assert [value for value, _ in second.values("kind:")] == ["datacenter"]
    assert [second.text[mark.start : mark.end] for mark in second.labelled("@borealis")] == ["Borealis"]
    assert (first.first, second.first) == (True, False)


@given(TEXTS)
def test_clauses_cover_the_sentence(text: str) -> None:
    """Nothing is lost, and only relative clauses hold again what stands in the one before."""
    given_sentence = sentence(text)

    found = list(clauses(given_sentence))

    ends = [clause.offset + len(clause.text) for clause in found]
    assert all(clause.text == text[clause.offset : end] for clause, end in zip(found, ends, strict=True))
    assert (ends[-1] if ends else 0) == len(text)
    for before, other in zip(ends, found[1:], strict=False):
        assert other.offset == before or (other.offset < before and RELATIVE.match(text, before))
    for clause in found:
        assert all(0 <= mark.start < mark.end <= len(clause.text) for mark in clause.marks)


@pytest.mark.parametrize(
    ("text", "nearer", "farther"),
    [
        ("Acme pays 5 to the far away Borealis", "Acme", "Borealis"),
        ("Acme, for all that, pays 5 to the rather far away Borealis", "Borealis", "Acme"),
        ("Acme waits; it pays 5 in all that long year to Borealis", "Borealis", "Acme"),
        ("Acme waits while 5 goes in all that long year to Borealis", "Borealis", "Acme"),
    ],
    ids=["characters", "comma", "semicolon", "conjunction"],
)
def test_distance(text: str, nearer: str, farther: str) -> None:
    """What stands in another clause, or behind a comma, is farther away than its characters say."""
    at = text.index("5")
    one, other = (Mark(name, text.index(name), text.index(name) + len(name)) for name in (nearer, farther))

    assert distance(at, at + 1, one, text) < distance(at, at + 1, other, text)
    assert nearest(at, at + 1, [other, one], text) == distance(at, at + 1, one, text)


def test_nothing_is_near_where_there_is_nothing() -> None:
    """It is farther than anything in a sentence, or what the caller takes for it."""
    assert nearest(0, 1, [], "x") > 10_000
    assert nearest(0, 1, [], "x", none=7) == 7
