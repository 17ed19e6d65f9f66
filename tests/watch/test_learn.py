"""Labels to weights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.domain import Level, Verdict
from pipeline.watch.learn import Example, learn
from pipeline.watch.matcher import Matcher, Watch, decide
from pipeline.watch.piece import Piece
from pipeline.watch.score import UNTAUGHT, Weights

WATCH = Watch(
    "w",
    "sentence",
    {"who": ["Acme"], "deal": ["sign", "buy"], "what": ["reactor", "turbine"]},
    none=["toy"],
    subject="who",
    weigh={"doubt": ["lawsuit", "judge"], "money": [r"/\$\d+/"]},
    weights=UNTAUGHT,
)
MATCHER = Matcher([WATCH])
FILLER = "The weather was fine and nobody came to see the river. " * 4


def piece(number: int) -> tuple[Piece, bool, bool]:
    """A piece of one of four kinds, with what a person says of it: whether it mentions a deal, and is about it."""
    site, thing = f"site {number}", ["reactor", "turbine"][number % 3 % 2]
    if number % 4 == 0:
        return Piece(f"Acme signs for a {thing}", f"Acme buys a {thing} for ${number} at {site}. {FILLER}"), True, True
    if number % 4 == 1:
        body = f"{FILLER} {FILLER} Far away, Acme signs for a {thing} worth ${number} at {site}. {FILLER}"
        return Piece("A day at the river", body), True, False
    if number % 4 == 2:
        body = f"{FILLER} A judge says that Acme must sign off a {thing} in the lawsuit over {site}. {FILLER}"
        return Piece(f"Acme loses a lawsuit over {site}", body), False, False
    return Piece(f"Acme opens {site}", f"Acme hires a cook. {FILLER}"), False, False


def examples(numbers: range) -> list[Example]:
    return [Example(MATCHER.read(text)[0], mentions, about) for text, mentions, about in map(piece, numbers)]


@pytest.fixture(scope="module")
def learned() -> Weights:
    return learn(examples(range(64)), WATCH.groups)


def verdicts(weights: Weights, numbers: range) -> list[tuple[Verdict, bool, bool]]:
    taught = replace(WATCH, weights=weights)
    return [(decide(taught, example.reading), example.mentions, example.about) for example in examples(numbers)]


def test_certainty_separates(learned: Weights) -> None:
    """On pieces never seen, those that mention it are surer than one half, the others less, and far apart."""
    judged = verdicts(learned, range(100, 140))
    surest_miss = max(verdict.certainty for verdict, mentions, _ in judged if not mentions)
    least_match = min(verdict.certainty for verdict, mentions, _ in judged if mentions)

    assert all(verdict.matched is mentions for verdict, mentions, _ in judged)
    assert least_match - surest_miss > 0.3


def test_score_separates(learned: Weights) -> None:
    """On pieces never seen, the level of those that are about it is so, and of the others not."""
    judged = verdicts(learned, range(100, 140))

    assert all((verdict.level is Level.ABOUT) is about for verdict, _, about in judged)


def test_the_place_is_found(learned: Weights) -> None:
    """The passage is the sentence that says it, though labels do not say where that is."""
    [(verdict, _, _)] = verdicts(learned, range(101, 102))

    assert [passage.quote for passage in verdict.passages] == [
        "Far away, Acme signs for a reactor worth $101 at site 101."
    ]


def test_reasons_are_plain(learned: Weights) -> None:
    """What speaks for a deal has a weight for it, and what speaks against one a weight against it."""
    assert learned.window.weights["what"] > 0
    assert learned.window.weights["doubt"] < 0
    assert learned.about.weights["title says it"] > 0


def test_weights_say_something(learned: Weights) -> None:
    """Weights are short numbers, and those that say nothing are left out."""
    for linear in (learned.window, learned.about):
        assert all(abs(weight) >= 0.02 for weight in linear.weights.values())
        assert all(round(weight, 3) == weight for weight in linear.weights.values())


def test_the_same_again(learned: Weights) -> None:
    """The same labels give the same weights."""
    assert learn(examples(range(64)), WATCH.groups) == learned


def test_pieces_without_any_term() -> None:
    """A piece that holds no term teaches nothing of windows and does no harm."""
    empty = [Example(MATCHER.read(Piece("The river", FILLER))[0], False, False)] * 8
    weights = learn([*examples(range(64)), *empty], WATCH.groups)

    assert all(verdict.matched is mentions for verdict, mentions, _ in verdicts(weights, range(100, 140)))


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([], "`mentions`"),
        ([(True, True)] * 16, "`mentions`"),
        ([(False, False)] * 16, "`mentions`"),
        ([(True, False), (False, False)] * 16, "`about`"),
    ],
)
def test_labels_all_alike(labels: list[tuple[bool, bool]], reason: str) -> None:
    """Labels that are all alike teach nothing and are refused, with the label that is."""
    readings = [example.reading for example in examples(range(len(labels)))]
    labelled = [Example(reading, *label) for reading, label in zip(readings, labels, strict=True)]

    with pytest.raises(ValueError, match=reason):
        learn(labelled, WATCH.groups)


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param([0, 2], id="one of each"),
        pytest.param([0, 4, 8, 12, 2, 6, 10, 14, 18], id="all that mention it are about it"),
        pytest.param([3, 7, 11, 15, 19, 23, 27, 31, 0], id="one that mentions it"),
    ],
)
def test_too_few_labels(numbers: list[int]) -> None:
    """Labels that do not suffice are refused in words that speak of labels."""
    labelled = [example for number in numbers for example in examples(range(number, number + 1))]

    with pytest.raises(ValueError, match="label"):
        learn(labelled, WATCH.groups)
