"""Sums of weights, and their reasons."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Level, Reason, Verdict
from pipeline.watch.score import RULES, UNTAUGHT, Linear

LINEAR = Linear(-1.0, {"deal": 2.0, "rumour": -3.0, "count": 0.5, "nothing": 0.0})
FEATURES = st.dictionaries(st.sampled_from([*LINEAR.weights, "unknown"]), st.floats(-1e6, 1e6))


@pytest.mark.parametrize(
    ("features", "log_odds"),
    [
        ({}, -1.0),
        ({"deal": 1.0}, 1.0),
        ({"deal": 1.0, "rumour": 1.0}, -2.0),
        ({"count": 4.0}, 1.0),
        ({"unknown": 7.0, "nothing": 7.0}, -1.0),
    ],
)
def test_probability(features: dict[str, float], log_odds: float) -> None:
    """The bias and the weights of what is there add up to log-odds; what has no weight adds nothing."""
    probability = LINEAR.probability(features)

    assert log(probability / (1 - probability)) == pytest.approx(log_odds)


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_extremes(value: float) -> None:
    """However weighty a feature, the probability stays between 0 and 1."""
    assert 0 < LINEAR.probability({"deal": value}) < 1


def test_reasons() -> None:
    """Reasons come weightiest first, for or against, then by name; what adds nothing is none."""
    features = {"count": 4.0, "deal": 1.0, "rumour": 1.0, "nothing": 1.0, "unknown": 1.0}

    assert LINEAR.reasons(features) == (Reason("rumour", -3.0), Reason("count", 2.0), Reason("deal", 2.0))


@given(FEATURES)
def test_reasons_make_up_the_probability(features: dict[str, float]) -> None:
    """The shares of the reasons and the bias add up to the log-odds of the probability."""
    total = LINEAR.bias + sum(reason.share for reason in LINEAR.reasons(features))

    assert LINEAR.probability(features) == pytest.approx(Linear(total, {}).probability({}))


def test_untaught() -> None:
    """Weights that know nothing say one half of anything, for no reason."""
    for linear in (UNTAUGHT.window, UNTAUGHT.about):
        assert linear.probability({"deal": 1.0}) == 0.5
        assert linear.reasons({"deal": 1.0}) == ()


ONE = {"sentences that say it": log(2), "groups in them": log(4)}
TWO = {"sentences that say it": log(3), "groups in them": log(4)}


@pytest.mark.parametrize(
    ("features", "level"),
    [
        ({"title says it": 1.0, **ONE, "share of the sentences": 0.05}, Level.ABOUT),
        ({"lede says it": 1.0, "body says it": 1.0, **TWO, "share of the sentences": 0.1}, Level.ABOUT),
        ({"lede says it": 1.0, "body says it": 1.0, **ONE, "share of the sentences": 0.05}, Level.MENTIONS),
        ({"body says it": 1.0, **ONE, "share of the sentences": 0.05}, Level.MENTIONS),
        ({"body says it": 1.0, **TWO, "share of the sentences": 0.05}, Level.MENTIONS),
    ],
)
def test_rules(features: dict[str, float], level: Level) -> None:
    """Where nothing was learned, the title makes a piece about it, or the lede with a sentence more behind it."""
    score = RULES.probability(features)

    assert (Level.ABOUT if score >= 0.5 else Level.MENTIONS) is level


def test_no_level_without_a_match() -> None:
    """What does not match has no level, however high its score."""
    assert Verdict("w", (), score=1.0).level is None
