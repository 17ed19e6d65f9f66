"""The settings as what compares texts with them."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.config.schema import Settings
from pipeline.watch.matcher import Matcher, Watch
from pipeline.watch.score import Linear, Weights
from pipeline.watch.terms import Company, Vocabulary


def build_matcher(settings: Settings, names: Iterable[str] | None = None, weights: Weights | None = None) -> Matcher:
    """The watches of these names, else all; with these weights, else with those of the configuration."""
    return Matcher(
        [watch_of(settings, name, weights) for name in (settings.watches if names is None else names)],
        vocabulary_of(settings),
        settings.furniture,
    )


def vocabulary_of(settings: Settings) -> Vocabulary:
    """What the terms of the settings may refer to."""
    return Vocabulary(
        {
            slug: Company((company.name, *company.aliases), company.tickers, company.roles)
            for slug, company in settings.companies.items()
        },
        settings.lists,
    )


def watch_of(settings: Settings, name: str, weights: Weights | None = None) -> Watch:
    """A watch as the matcher takes it; with these weights, else with those of the configuration."""
    watch = settings.watches[name]
    if weights is None and watch.weights:
        file = settings.weights[watch.weights]
        weights = Weights(*(Linear(part.bias, part.weights) for part in (file.window, file.about)))
    return Watch(name, watch.within, watch.all, watch.none, watch.subject, watch.weigh, weights)
