"""How well the shipped configuration keeps a ledger of real news.

The floors stand in ledger_floors.json; only a deliberate edit lowers them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.domain import DealState
from pipeline.flow import labels, trial
from pipeline.flow.labels import Line
from pipeline.flow.tools import load_settings
from pipeline.flow.trial import Outcome
from tests.conftest import SHARED_DATA

WATCH = "openai-infrastructure-deals"
FLOORS: dict[str, Any] = json.loads((Path(__file__).parent / "ledger_floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(shipped_folder())


@pytest.fixture(scope="module")
def dev() -> list[Line]:
    """The labelled news, oldest first."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no measuring data at {SHARED_DATA}")
    lines = labels.read(SHARED_DATA / "corpus" / "dev.jsonl")
    return sorted(lines, key=lambda line: (line.date, str(line.id)))


@pytest.fixture(scope="module")
def kept(settings: Settings, dev: list[Line]) -> Outcome:
    """The ledger that they make."""
    return trial.run(settings, WATCH, dev)


def test_labelled_news(kept: Outcome) -> None:
    """Facts, kinds, statuses and grouping do not fall below their floors, and alerts come seldom and only where due."""
    quality = kept.quality

    for name in ("parties", "amount", "capacity"):
        for measure, floor in FLOORS[name].items():
            assert getattr(getattr(quality, name), measure) >= floor, f"{name} {measure}"
    for name in ("kind_accuracy", "status_accuracy", "bcubed_f1"):
        assert getattr(quality, name) >= FLOORS[name], name
    assert quality.new_deal_alerts_per_deal <= FLOORS["most_new_deal_alerts_per_deal"]
    assert quality.alerts_on_no == ()


def test_the_order_of_arrival_does_not_matter(
    settings: Settings, dev: list[Line], kept: Outcome, pytestconfig: pytest.Config
) -> None:
    """In whatever order the pieces that tell of deals arrive, they make the same ledger, with all its evidence."""
    urls = {source.url for deal in kept.deals.values() for source in deal.sources}
    told = [line for line in dev if any(url.endswith(f"#{line.id}") for url in urls)]
    chance = random.Random(20250921)
    expected = plain(kept.deals)

    assert len(told) > 80
    for number in range(3 if pytestconfig.getoption("--whole") else 1):
        shuffled = chance.sample(told, len(told))
        assert plain(trial.run(settings, WATCH, shuffled).deals) == expected, f"order {number + 1}"


def plain(deals: Mapping[str, DealState]) -> dict[str, tuple[object, ...]]:
    """What a ledger says, by deal, without the numbers of its articles."""
    return {
        key: (
            [party.slug for party in deal.parties],
            deal.kind,
            deal.status,
            deal.part_of,
            deal.supersedes,
            {name: (fact.value, fact.unit, fact.quote) for name, fact in deal.facts.items()},
            [(change.field, change.before, change.after, change.source.url) for change in deal.changes],
            [(source.url, source.origin) for source in deal.sources],
        )
        for key, deal in deals.items()
    }
