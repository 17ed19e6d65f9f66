"""Labels to weights: two small logistic regressions over the features of windows and of pieces.

Labels say of a piece whether it mentions what the watch looks for, not where. Of a piece that does not, every window
is a counter-example. Of one that does, the window that looks most like it is taken for the place, first by the rule and
then, a few times over, by the weights found so far (multiple-instance learning: Andrews, Tsochantaridis and Hofmann,
2002). Needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import exp, log

from pipeline.watch.features import Features, of_piece
from pipeline.watch.matcher import Reading, Seen
from pipeline.watch.score import Linear, Weights

_ROUNDS = 4
_SURELY = 0.7
_STRENGTH = 0.7
"""How far the weights may go: scikit-learn's C, the inverse of the regularisation."""
_FOLDS = 8
_ALL_BUT = 0.0
_LEAST = 0.02
"""Weights below this say nothing and are left out of the file."""


@dataclass(frozen=True)
class Example:
    """A labelled piece as the watch reads it. `about` implies `mentions`.

    `also` are further readings of the same piece to learn from: as the watch would read it, did it know less.
    """

    reading: Reading
    mentions: bool
    about: bool
    also: tuple[Reading, ...] = ()


def learn(examples: Sequence[Example], groups: Collection[str]) -> Weights:
    """Weights from labelled pieces, for a watch whose rule has these groups.

    The bias is set so that a certainty of one half is where precision and recall are well balanced on pieces that the
    weights were not learned from. Raises ValueError where the labels do not suffice.
    """
    for label in ("mentions", "about"):
        if len({getattr(example, label) for example in examples}) < 2:
            raise ValueError(f"the labels must hold both a yes and a no for `{label}`")
    unseen = [0.0] * len(examples)
    certainties: list[list[float]] = [[]] * len(examples)
    for fold in range(_FOLDS):
        window = _windows([example for number, example in enumerate(examples) if number % _FOLDS != fold], groups)
        for number in range(fold, len(examples), _FOLDS):
            certainties[number] = _certainties(window, examples[number].reading)
            unseen[number] = max(certainties[number], default=0.0)
    threshold = _balance(unseen, [example.mentions for example in examples])
    shift = log(threshold / (1 - threshold))
    window = _windows(examples, groups)
    pieces = [
        of_piece(
            [
                (seen.evidence, _shifted(certainty, shift))
                for seen, certainty in zip(_usable(example.reading), found, strict=True)
            ],
            example.reading.count,
        )
        for example, found in zip(examples, certainties, strict=True)
    ]
    matched = [number for number, certainty in enumerate(unseen) if certainty >= threshold]
    about = _fit([pieces[number] for number in matched], [examples[number].about for number in matched])
    return Weights(replace(window, bias=window.bias - shift), about)


def _windows(examples: Sequence[Example], groups: Collection[str]) -> Linear:
    pieces = [
        (example.mentions, seen)
        for example in examples
        for reading in (example.reading, *example.also)
        if (seen := _usable(reading))
    ]
    places = [{max(range(len(seen)), key=lambda at: _by_rule(seen[at], groups))} for _, seen in pieces]
    found = Linear(0.0, {})
    for _ in range(_ROUNDS):
        features, labels = [], []
        for (mentions, seen), at in zip(pieces, places, strict=True):
            kept = [number for number in range(len(seen)) if not mentions or number in at]
            features += [seen[number].features for number in kept]
            labels += [mentions] * len(kept)
        found = _fit(features, labels)
        for number, (_, seen) in enumerate(pieces):
            certainties = [found.probability(one.features) for one in seen]
            places[number] = {certainties.index(max(certainties))}
            places[number] |= {at for at, certainty in enumerate(certainties) if certainty >= _SURELY}
    return found


def _by_rule(seen: Seen, groups: Collection[str]) -> tuple[int, int]:
    """What the rule makes of a window: how many of its groups meet there, and how much else."""
    held = len(seen.evidence.hits.keys() & groups) + (seen.evidence.subject is not None)
    return held, len(seen.features)


def _usable(reading: Reading) -> list[Seen]:
    return [seen for seen in reading.windows if seen.features]


def _fit(features: Sequence[Features], labels: Sequence[bool]) -> Linear:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if len(set(labels)) < 2:
        raise ValueError("the labels are too few, or too much alike")
    vectors = DictVectorizer()
    with threadpool_limits(1):  # for so little, threads cost several times more than they save
        model = LogisticRegression(C=_STRENGTH, max_iter=5000).fit(vectors.fit_transform(features), labels)
    weights = dict(zip(vectors.feature_names_, map(float, model.coef_[0]), strict=True))
    kept = {name: round(weight, 3) for name, weight in weights.items() if abs(weight) >= _LEAST}
    return Linear(round(float(model.intercept_[0]), 3), kept)


def _certainties(window: Linear, reading: Reading) -> list[float]:
    return [window.probability(seen.features) for seen in _usable(reading)]


def _shifted(certainty: float, shift: float) -> float:
    return 1 / (1 + exp(shift) * (1 - certainty) / max(certainty, 1e-12))


def _balance(certainties: Sequence[float], labels: Sequence[bool]) -> float:
    """The highest threshold at which F1 is all but best: of two that do as well, the one with fewer false alarms."""
    candidates = sorted({certainty for certainty in certainties if 0.05 < certainty < 0.95} | {0.5})

    def f1(threshold: float) -> float:
        hits = [label for certainty, label in zip(certainties, labels, strict=True) if certainty >= threshold]
        return 2 * sum(hits) / (len(hits) + sum(labels))

    best = max(map(f1, candidates))
    return max(threshold for threshold in candidates if f1(threshold) >= best - _ALL_BUT)
