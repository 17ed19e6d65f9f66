"""How sure a window is a hit, and how much of the piece is about it: sums of weights, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from pipeline.domain import Reason
from pipeline.watch.features import Features


@dataclass(frozen=True)
class Linear:
    """A logistic regression: the weight of each feature, and what is there without any."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, features: Features) -> float:
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))

    def reasons(self, features: Features) -> tuple[Reason, ...]:
        """What each feature adds to the sum (in log-odds), the weightiest first."""
        shares = [Reason(name, self.weights.get(name, 0.0) * value) for name, value in features.items()]
        return tuple(
            sorted((share for share in shares if share.share), key=lambda share: (-abs(share.share), share.name))
        )


@dataclass(frozen=True)
class Weights:
    """What has been learned from labels: how to judge a window, and whether a piece is about it."""

    window: Linear
    about: Linear


UNTAUGHT = Weights(Linear(0.0, {}), Linear(0.0, {}))
"""Weights that know nothing: with them a piece is read for its features alone."""

RULES = Linear(
    -2.0,
    {
        "title says it": 3.0,
        "lede says it": 1.5,
        "sentences that say it": 0.6,
        "share of the sentences": 1.0,
    },
)
"""How central a match is where nothing has been learned: set by hand, so that the title, or a lede with more than one
sentence behind it, makes a piece about it."""
