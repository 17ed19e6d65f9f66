"""Where terms with a label stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.marker import Marker
from tests.watch.helpers import LONG, VARIANTS, VOCABULARY, soon

TERMS = {
    "@nvidia": ["@nvidia"],
    "@amazon": ["@amazon"],
    "chips": ["chip", "@role:chips", '"GPUs"'],
    "deal": ["deal", "energy deal", "<signing>"],
    "sum": [r"/\$\d+ ?bn/"],
    "nothing": [],
}
MARKER = Marker(TERMS, VOCABULARY)


def marked(text: str, language: str = "en") -> list[tuple[str, str]]:
    """The labels, with what they stand on."""
    return [(mark.label, text[mark.start : mark.end]) for mark in MARKER.marks(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWS buys it.", [("@amazon", "AWS")]),
        (
            "It signs deals on chips for $30bn.",
            [("deal", "signs"), ("deal", "deals"), ("chips", "chips"), ("sum", "$30bn")],
        ),
        ("Nvidia’s GPUs", [("@nvidia", "Nvidia"), ("chips", "Nvidia"), ("chips", "GPUs")]),
        ("an energy deal", [("deal", "energy deal")]),
        ("an energy deal, a deal", [("deal", "energy deal"), ("deal", "deal")]),
        ("Amazon Web Services", [("@amazon", "Amazon Web Services")]),
        ("nothing of the kind", []),
        ("", []),
    ],
    ids=["company", "in order", "two labels", "the longer", "each by itself", "the longer name", "none", "no text"],
)
def test_marks(text: str, expected: list[tuple[str, str]]) -> None:
    """Each term is marked by its label, in the order of the text; of one label the longer where one holds another."""
    assert marked(text) == expected


@pytest.mark.parametrize("write", VARIANTS.values(), ids=VARIANTS)
def test_offsets_count_in_the_text_as_given(write: Callable[[str], str]) -> None:
    """However it is printed, a mark covers the very characters."""
    text = write("The officials’ first: AWS deals for $30bn - an 'energy deal'.")

    found = marked(text)

    assert [label for label, _ in found] == ["@amazon", "deal", "sum", "deal"]
    assert [words for _, words in found] == [write(words) for words in ("AWS", "deals", "$30bn", "energy deal")]


def test_inflection_follows_the_language() -> None:
    """What is an inflected form in one language is none in another."""
    marker = Marker({"deal": ["Vertrag"]}, VOCABULARY)

    assert [len(marker.marks("Verträge", language)) for language in ("de", "en")] == [1, 0]


def test_no_terms_mark_nothing() -> None:
    """Whatever the text."""
    assert Marker({}, VOCABULARY).marks("a deal", "en") == ()


def test_one_label_for_terms_of_several_groups() -> None:
    """A text may be marked twice at one place, by labels of their own only."""
    marker = Marker({"a": ["deal", '"deal"'], "b": ["deal"]}, VOCABULARY)

    assert [(mark.label, mark.start, mark.end) for mark in marker.marks("a deal", "en")] == [("a", 2, 6), ("b", 2, 6)]


WORDS = st.sampled_from(["AWS", "Nvidia", "deal", "energy deal", "$30bn", "chips", "ﬁ", "\u00ad", "’s", "-", "\n", "é"])


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text(text: str) -> None:
    """Marks lie inside it, in order, and none of a label holds another of the same."""
    found = MARKER.marks(text, "en")

    assert all(0 <= mark.start < mark.end <= len(text) for mark in found)
    assert list(found) == sorted(found, key=lambda mark: (mark.start, mark.end, mark.label))
    for one in found:
        holding = [o for o in found if o.label == one.label and o.start <= one.start and one.end <= o.end]
        assert holding == [one]


def test_a_long_text_is_marked_soon() -> None:
    """In time that grows with its length."""
    with soon():
        assert len(MARKER.marks("energy deal " * (LONG // 12), "en")) == LONG // 12
