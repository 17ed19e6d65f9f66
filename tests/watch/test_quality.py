"""How well a watch judges."""

from __future__ import annotations

import json
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Passage, Verdict
from pipeline.watch.quality import Figures, Item, Label, measure

YES, NO = True, False


def item(name: str, mentions: bool, about: bool = False, sure: int = 3, source: str = "a", kind: str = "page") -> Item:
    return Item(name, "2026-01-02", source, kind, f"Title {name}", Label(mentions, about, sure))


def verdict(matched: bool, score: float = 0.0, certainty: float = 0.9) -> Verdict:
    passage = Passage("body", 0, 1, "x", (), certainty)
    return Verdict("w", (passage,) if matched else (), None if matched else passage, score=score)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], (1.0, 1.0, 1.0, 0)),
        ([(NO, NO)], (1.0, 1.0, 1.0, 1)),
        ([(YES, YES)], (1.0, 1.0, 1.0, 1)),
        ([(YES, NO)], (1.0, 0.0, 0.0, 1)),
        ([(NO, YES)], (0.0, 1.0, 0.0, 1)),
        ([(YES, YES), (NO, YES), (NO, NO)], (1 / 2, 1.0, 2 / 3, 3)),
        ([(YES, YES), (YES, NO), (YES, NO), (NO, YES)], (1 / 2, 1 / 3, 2 / 5, 4)),
    ],
)
def test_figures(pairs: list[tuple[bool, bool]], expected: tuple[float, float, float, int]) -> None:
    """Precision is of what was found, recall of what was labelled, F1 their harmonic mean."""
    assert astuple(Figures.of(iter(pairs))) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_any_figures(pairs: list[tuple[bool, bool]]) -> None:
    """Figures lie between 0 and 1, F1 no higher than the better of the two, and are 1 where nothing is wrong."""
    figures = Figures.of(pairs)

    assert all(0 <= value <= 1 for value in (figures.precision, figures.recall, figures.f1))
    assert figures.f1 <= max(figures.precision, figures.recall)
    assert (figures.f1 == 1) is all(labelled == found for labelled, found in pairs)


def test_measure() -> None:
    """Mentions count by whether there was a match, about by its level too."""
    quality = measure(
        [
            (item("hit", YES, YES), verdict(YES, 0.9)),
            (item("less", YES, YES), verdict(YES, 0.4)),
            (item("more", YES, NO), verdict(YES, 0.6)),
            (item("miss", YES, YES), verdict(NO, 0.9)),
            (item("false", NO), verdict(YES)),
            (item("none", NO), verdict(NO)),
        ]
    )

    assert astuple(quality.mentions) == pytest.approx((3 / 4, 3 / 4, 3 / 4, 6))
    assert astuple(quality.about) == pytest.approx((1 / 2, 1 / 3, 2 / 5, 6))
    assert [wrong.id for wrong, _ in quality.misses] == ["miss"]
    assert [wrong.id for wrong, _ in quality.false_alarms] == ["false"]


def test_unsure_labels() -> None:
    """A label that is a coin toss is left out of every figure."""
    quality = measure([(item("miss", YES, sure=1), verdict(NO)), (item("false", NO, sure=1), verdict(YES))])

    assert (quality.mentions.n, quality.about.n) == (0, 0)
    assert (quality.misses, quality.false_alarms, quality.by_source, quality.by_text_kind) == ([], [], {}, {})


def test_parts() -> None:
    """Figures come by source and by kind of text, the most frequent first, then by name."""
    quality = measure(
        [
            (item("1", YES, source="b", kind="page"), verdict(YES)),
            (item("2", YES, source="c", kind="feed"), verdict(NO)),
            (item("3", NO, source="a", kind="page"), verdict(YES)),
            (item("4", YES, source="c", kind="page"), verdict(YES)),
        ]
    )

    assert list(quality.by_source) == ["c", "a", "b"]
    assert list(quality.by_text_kind) == ["page", "feed"]
    assert astuple(quality.by_source["c"]) == pytest.approx((1.0, 1 / 2, 2 / 3, 2))
    assert astuple(quality.by_text_kind["page"]) == pytest.approx((2 / 3, 1.0, 4 / 5, 3))


def test_the_worst_first() -> None:
    """Misses come the least certain first, then the surest label; false alarms the most certain first."""
    quality = measure(
        [
            (item("near", YES), verdict(NO, certainty=0.4)),
            (item("fairly", YES, sure=2), verdict(NO, certainty=0.1)),
            (item("surely", YES, sure=3), verdict(NO, certainty=0.1)),
            (item("just", NO), verdict(YES, certainty=0.5)),
            (item("badly", NO), verdict(YES, certainty=0.9)),
        ]
    )

    assert [wrong.id for wrong, _ in quality.misses] == ["surely", "fairly", "near"]
    assert [wrong.id for wrong, _ in quality.false_alarms] == ["badly", "just"]


def test_data() -> None:
    """As data: figures to four places, and the ids of what went wrong, fit for JSON."""
    quality = measure([(item("a", YES), verdict(YES)), (item("b", NO), verdict(YES)), (item("c", NO), verdict(YES))])
    third = {"precision": 0.3333, "recall": 1.0, "f1": 0.5, "n": 3}

    assert json.loads(json.dumps(quality.data())) == {
        "mentions": third,
        "about": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 3},
        "by_text_kind": {"page": third},
        "by_source": {"a": third},
        "false_alarms": ["b", "c"],
        "misses": [],
    }
