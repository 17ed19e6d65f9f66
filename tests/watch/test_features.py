"""The features of windows and of pieces."""

from __future__ import annotations

from math import log

import pytest

from pipeline.domain import Hit
from pipeline.watch.evidence import Evidence, Lent
from pipeline.watch.features import of_piece, of_window
from pipeline.watch.text import Span
from pipeline.watch.windows import Window
from tests.watch.helpers import run_soon

REQUIRED = ("who", "deal")


def evidence(
    *hits: tuple[str, str, int], length: int = 100, title: bool = False, lede: bool = False, subject: Lent | None = None
) -> Evidence:
    """A window that holds hits of four letters, each given as group, term and start."""
    by_group: dict[str, list[Hit]] = {}
    for group, term, start in hits:
        by_group.setdefault(group, []).append(Hit(group, term, start, start + 4))
    return Evidence(Window(Span(0, length), title, lede), by_group, subject)


def names(of: Evidence, subject: str | None = "who") -> set[str]:
    """The names of the features of a window, but for pairs."""
    return {name for name in of_window(of, REQUIRED, subject) if " + " not in name}


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ([("who", "Acme", 0), ("deal", "sign", 10)], {"who", "deal"}),
        ([("who", "@acme", 0), ("deal", "<signing>", 10)], {"who", "deal", "<signing>"}),
        ([("who", "Acme", 0), ("money", "<billions>", 10)], {"who", "<billions>"}),
        ([("who", "Acme", 0), ("money", "bill", 10)], {"who", "money"}),
        ([("who", "Acme", 0), ("deal", "<a>", 10), ("deal", "<b>", 20)], {"who", "deal", "<a>", "<b>"}),
    ],
)
def test_groups_and_lists(hits: list[tuple[str, str, int]], expected: set[str]) -> None:
    """A window is told by the groups and the lists it holds terms of."""
    assert names(evidence(*hits)) == expected


@pytest.mark.parametrize(
    ("hits", "subject", "expected"),
    [
        ([("who", "Acme", 0), ("deal", "sign", 150)], "who", {"who", "deal"}),
        ([("who", "Acme", 0), ("deal", "sign", 290)], "who", {"who"}),
        ([("who", "Acme", 290), ("deal", "sign", 0)], "who", {"who"}),
        ([("who", "Acme", 0), ("who", "Acme", 280), ("deal", "sign", 290)], "who", {"who", "deal"}),
        ([("who", "Acme", 0), ("deal", "sign", 290)], None, {"who", "deal"}),
        ([("deal", "sign", 290)], "who", {"deal"}),
    ],
)
def test_reach_of_the_subject(hits: list[tuple[str, str, int]], subject: str | None, expected: set[str]) -> None:
    """Where a window names its subject, what stands far from every naming of it does not count."""
    assert names(evidence(*hits, length=300), subject) == expected


@pytest.mark.parametrize("subject", Lent)
def test_lent_subject(subject: Lent) -> None:
    """A subject from elsewhere is a feature of its own, by where it is from."""
    assert names(evidence(("deal", "sign", 0), subject=subject)) == {"deal", f"who {subject.value}"}


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (evidence(("who", "Acme", 0), title=True), {"who", "is the title"}),
        (evidence(("who", "Acme", 0), length=59), {"who", "short window"}),
        (evidence(("who", "Acme", 0), length=60), {"who"}),
        (evidence(("who", "Acme", 0), length=350), {"who"}),
        (evidence(("who", "Acme", 0), length=351), {"who", "long window"}),
    ],
)
def test_place_and_length(of: Evidence, expected: set[str]) -> None:
    """That a window is the title, long or short, is a feature."""
    assert names(of) == expected


@pytest.mark.parametrize(
    ("hits", "pairs"),
    [
        ([("who", "Acme", 0)], set()),
        ([("who", "Acme", 0), ("who", "<firms>", 10)], set()),
        ([("who", "Acme", 0), ("deal", "sign", 10)], {"deal + who"}),
        ([("who", "@acme", 0), ("deal", "<signing>", 10)], {"<signing> + who"}),
        ([("deal", "<b>", 0), ("what", "<a>", 10), ("who", "Acme", 20)], {"<a> + <b>", "<a> + who", "<b> + who"}),
        ([("who", "Acme", 0), ("deal", "sign", 290)], set()),
    ],
)
def test_pairs(hits: list[tuple[str, str, int]], pairs: set[str]) -> None:
    """Two parts of different groups count together too, and less than each by itself."""
    features = of_window(evidence(*hits, length=300), REQUIRED, "who")
    found = {name: value for name, value in features.items() if " + " in name}

    assert found.keys() == pairs
    assert all(0 < value < 1 for value in found.values())


def test_how_often_does_not_matter() -> None:
    """How often a term stands in a window makes no difference."""
    once = of_window(evidence(("who", "Acme", 0), ("deal", "sign", 10)), REQUIRED, "who")
    often = of_window(evidence(*[("who", "Acme", 0), ("deal", "sign", 10)] * 5), REQUIRED, "who")

    assert once == often


def test_features_of_a_window_full_of_terms() -> None:
    """Subjects at one end of an endless sentence, and terms at the other, cost no more than linear time."""
    run_soon(
        "from tests.watch.test_features import evidence, of_window\n"
        "subjects = [('who', 'Acme', at) for at in range(0, 100_000, 2)]\n"
        "deals = [('deal', 'sign', at) for at in range(100_500, 200_000, 2)]\n"
        "features = of_window(evidence(*subjects, *deals, length=200_000), ['who', 'deal'], 'who')\n"
        "assert 'who' in features and 'deal' not in features\n"
    )


def seen(certainty: float, title: bool = False, lede: bool = False, group: str = "who") -> tuple[Evidence, float]:
    return evidence((group, "Acme", 0), title=title, lede=lede), certainty


SAYING = (
    "title says it",
    "lede says it",
    "body says it",
    "sentences that say it",
    "share of the sentences",
    "groups in them",
)


@pytest.mark.parametrize(
    ("windows", "count", "expected"),
    [
        ([], 0, {}),
        ([], 9, {}),
        ([seen(0.4, title=True)], 9, {"title says it": 0.4}),
        (
            [seen(0.9, title=True)],
            2,
            {
                "title says it": 0.9,
                "sentences that say it": log(2),
                "share of the sentences": 0.5,
                "groups in them": log(2),
            },
        ),
        (
            [seen(0.6, lede=True), seen(0.8), seen(0.1)],
            4,
            {
                "lede says it": 0.6,
                "body says it": 0.8,
                "sentences that say it": log(3),
                "share of the sentences": 0.5,
                "groups in them": log(2),
            },
        ),
        (
            [seen(0.5, group="a"), seen(0.5, group="b"), seen(0.4, group="c")],
            3,
            {
                "body says it": 0.5,
                "sentences that say it": log(3),
                "share of the sentences": 2 / 3,
                "groups in them": log(3),
            },
        ),
    ],
)
def test_piece(windows: list[tuple[Evidence, float]], count: int, expected: dict[str, float]) -> None:
    """A piece is told by where, how surely and in how many of its windows it is said."""
    features = of_piece(windows, count)

    assert {name: features[name] for name in SAYING} == pytest.approx(dict.fromkeys(SAYING, 0.0) | expected)


@pytest.mark.parametrize(("count", "value"), [(0, 1.0), (1, 1.0), (4, 0.25)])
def test_short_piece(count: int, value: float) -> None:
    """The fewer windows a piece has, the shorter it is."""
    assert of_piece([], count)["short piece"] == value
