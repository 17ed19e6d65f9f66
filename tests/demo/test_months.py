"""Six months of sample stories: each alert is one that a careful reader would want, and no other comes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.demo.listing import lines
from pipeline.demo.months import Months, run, stories
from pipeline.domain import DealState
from pipeline.flow.tools import load_settings

NUMBERS = {story.slug: number for number, story in enumerate(stories())}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(shipped_folder())


@pytest.fixture(scope="module")
def months(settings: Settings) -> Months:
    return run(settings, stories())


@pytest.mark.parametrize("slug", NUMBERS)
def test_each_story_brings_what_it_says(months: Months, slug: str) -> None:
    """A story brings the alerts that months.yaml gives it, no more and no less."""
    told = months.told[NUMBERS[slug]]

    assert {brought.deal.key: brought.short for brought in told.brought} == told.story.alert, told.story.because
    assert not told.by_itself


def test_no_deal_is_kept_that_nobody_was_told_of(months: Months) -> None:
    """The ledger holds the deals that were told as new, and no other."""
    new = {brought.deal.key for told in months.told for brought in told.brought if "new deal" in brought.short}

    assert set(months.ledger) == new


@pytest.mark.parametrize("seed", range(2))
def test_order_does_not_matter(settings: Settings, months: Months, seed: int) -> None:
    """Once all stories have arrived, in whatever order, the ledger is the same."""
    shuffled = random.Random(seed).sample(stories(), len(NUMBERS))
    other = run(settings, shuffled)

    assert _named(other) == _named(months)


def _named(months: Months) -> dict[str, object]:
    """The deals with their titles, by anchor and first source: a key may hang on what came first."""
    names = {key: f"{deal.anchor} {deal.sources[0].url}" for key, deal in months.ledger.items()}
    return {
        names[key]: (
            months.titles[key],
            _known(replace(deal, part_of=names.get(deal.part_of, ""), supersedes=names.get(deal.supersedes, ""))),
        )
        for key, deal in months.ledger.items()
    }


def _known(deal: DealState) -> dict[str, object]:
    """What is known of a deal, but for the numbers of the articles."""
    figures = {(fact.field, fact.value, fact.unit, fact.low, fact.quote) for fact in deal.facts.values()}
    rivals = [(fact.value, fact.quote, source.url) for fact, source in deal.disagreements]
    changes = [(change.field, change.before, change.quote, change.source.url) for change in deal.changes]
    related = (deal.part_of, deal.supersedes)
    return {
        "what": (deal.kind, deal.status, deal.origins, figures, {party.slug for party in deal.parties}, related),
        "told": (changes, rivals, [source.url for source in deal.sources]),
    }


def test_the_list_can_be_read(months: Months) -> None:
    """The list keeps to 80 columns, gives each alert a reason and a quote, and counts what brought nothing."""
    text = "\n".join(lines(months))

    assert max(map(len, text.splitlines())) <= 80
    assert "OpenAI and CoreWeave (compute): amount changed, $30 billion to $13" in text
    assert "The amount was $30 billion before. Grid & Compute (sample):" in text
    assert '"Correction: OpenAI\'s contract with CoreWeave is worth $13 billion"' in text
    silent = sum(not told.story.alert for told in months.told)
    assert f"{silent} of the {len(NUMBERS)} stories brought none." in text
