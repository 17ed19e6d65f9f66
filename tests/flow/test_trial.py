"""A ledger kept on trial, through the real ingest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.schema import Settings
from pipeline.deals.quality import Error, Ratio
from pipeline.domain import DealState, Status
from pipeline.errors import UsageError
from pipeline.flow import load_settings, trial
from pipeline.flow.labels import Line
from pipeline.flow.trial import Outcome
from tests.support.trial import CONFIG, ITEMS, NVIDIA, ORACLE, item
from tests.support.world import write_config

Run = Callable[..., Outcome]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(write_config(tmp_path / "config", **CONFIG))


@pytest.fixture
def run(settings: Settings) -> Run:
    """Feed the items, in their order, to a ledger."""

    def fed(items: Sequence[dict[str, Any]], *progress: Callable[[int], None]) -> Outcome:
        return trial.run(settings, "test-deals", [Line.model_validate(each) for each in items], *progress)

    return fed


def test_the_figures(run: Run) -> None:
    """What is right, wrong and told, over all items."""
    done: list[int] = []

    outcome = run(ITEMS, done.append)

    quality = outcome.quality
    assert quality.parties == Ratio(1, 1, 4)
    assert quality.amount == Ratio(1, 1, 2)
    assert quality.capacity == Ratio(0, 0, 1)
    assert (quality.kind_accuracy, quality.status_accuracy, quality.bcubed_f1) == (1, 1, 1)
    assert (quality.deals, quality.mentions, quality.extra) == (3, 4, 0)
    assert (quality.new_deal_alerts_per_deal, quality.deals_without_alert, quality.alerts_on_no) == (1, (), ())
    assert quality.errors == (Error("i4", "openai-corewell", "capacity", "1", "2"),)
    assert sum(done) == len(ITEMS)


def test_the_deals(run: Run) -> None:
    """They come with their facts, and what they were read from."""
    deals = run(ITEMS).deals

    assert sorted(deals) == ["corewell", "nvidia", "oracle"]
    assert (deals["oracle"].status, deals["oracle"].facts["amount"].value) == (Status.SIGNED, 30e9)
    assert [source.origin for source in deals["oracle"].sources] == ["paper1.example", "paper2.example"]
    assert [source.published.day for source in deals["oracle"].sources] == [1, 2]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"text": ""}, []),
        ({"text": "OpenAI and Oracle"}, []),
        ({"text": "", "summary": "OpenAI signs a compute contract with Oracle."}, ["oracle"]),
        ({"text": None, "summary": "OpenAI signs a compute contract with Oracle."}, ["oracle"]),
        ({"text": "OpenAI signs a compute contract with Oracle."}, ["oracle"]),
    ],
    ids=["nothing", "only the title again", "summary", "null", "text"],
)
def test_items_without_text(run: Run, more: dict[str, Any], found: list[str]) -> None:
    """Title and summary are all there is then, as where a page cannot be had."""
    outcome = run([{**item(1, "OpenAI and Oracle", ORACLE), **more}])

    assert list(outcome.deals) == found
    assert outcome.quality.parties.recall == len(found)


def plain(deals: Mapping[str, DealState]) -> dict[str, Any]:
    """A ledger without the numbers of its articles."""
    return {
        key: (
            deal.parties,
            deal.kind,
            deal.status,
            {name: (fact.value, fact.quote) for name, fact in deal.facts.items()},
            [(change.field, change.before, change.after, change.source.url) for change in deal.changes],
            [(source.url, source.origin, source.published) for source in deal.sources],
        )
        for key, deal in deals.items()
    }


def test_another_order(run: Run) -> None:
    """The same ledger comes of the same items, whichever is ingested first."""
    told = [
        item(1, "OpenAI in talks on a compute deal with Oracle for $20 billion", ORACLE),
        item(2, "OpenAI signs a compute contract with Oracle for $30 billion", ORACLE),
        item(3, "OpenAI scraps its compute contract with Oracle", ORACLE),
    ]
    outcome = run(told)
    expected = plain(outcome.deals)

    assert outcome.quality.new_deal_alerts_per_deal == 1
    assert expected["oracle"][2] is Status.CANCELLED
    assert len(expected["oracle"][4]) > 2
    for order in list(permutations(told))[1:]:
        assert plain(run(order).deals) == expected


def test_an_alert_of_an_item_labelled_no(run: Run) -> None:
    """It is named."""
    wrong = {**ITEMS[0], "label": {"mentions": "no"}}

    assert run([wrong, ITEMS[2]]).quality.alerts_on_no == ("i1",)


def test_a_coin_toss_is_fed_and_not_measured(run: Run) -> None:
    """What the labeller was unsure of makes deals, and counts neither for nor against."""
    unsure = {**ITEMS[0], "label": {**ITEMS[0]["label"], "sure": 1}}

    outcome = run([unsure])

    assert list(outcome.deals) == ["oracle"]
    assert (outcome.quality.mentions, outcome.quality.alerts_on_no) == (0, ())


def test_labels_name_companies_as_people_do(run: Run) -> None:
    """By name, alias, ticker or slug, in any case; and those that nobody knows by their own name."""
    names = [["NVIDIA Corp"], ["nvda"], ["Nvidia"], ["NVIDIA"]]

    for parties in names:
        assert run([item(1, ITEMS[2]["title"], {**NVIDIA, "parties": parties})]).quality.parties == Ratio(1, 1, 1)
    assert run([item(1, ITEMS[2]["title"], {**NVIDIA, "parties": ["Acme & Co"]})]).quality.errors == (
        Error("i1", "openai-nvidia", "parties", "acme-co", "nvidia"),
    )


def test_labels_are_held_against_what_was_read(run: Run) -> None:
    """In every field."""
    wrong = {**ORACLE, "kind": "power", "status": "cancelled", "amount_usd": 7e9, "capacity_gw": 5}

    quality = run([item(1, ITEMS[0]["title"], wrong)]).quality

    assert (quality.kind_accuracy, quality.status_accuracy) == (0, 0)
    assert [(error.field, error.wanted, error.found) for error in quality.errors] == [
        ("amount", "7e+09", "3e+10"),
        ("capacity", "5", "0"),
        ("kind", "power", "compute"),
        ("status", "cancelled", "signed"),
    ]


def test_items_at_one_address(run: Run) -> None:
    """Items that share an address, or have none, are told apart."""
    for url in ("https://a.example/", ""):
        same = [{**ITEMS[number], "source": "paper", "url": url} for number in (0, 2, 3)]

        assert run(same).quality.parties == Ratio(1, 1, 3)


@pytest.mark.parametrize(
    ("more", "says"),
    [({"date": ""}, "needs a date"), ({"date": "soon"}, "needs a date"), ({"id": "i1"}, "needs an id of its own")],
)
def test_items_that_cannot_be_fed(run: Run, more: dict[str, Any], says: str) -> None:
    """Without a date nobody knows what came first; of two items with one id, which is which."""
    with pytest.raises(UsageError, match=f"{says}.*: i[12]\\."):
        run([ITEMS[0], {**ITEMS[1], **more}])


def test_only_this_watch_is_on_trial(tmp_path: Path) -> None:
    """Other watches, its own channels and its want of a ledger do not matter, and nothing is left behind."""
    quiet = {**CONFIG["watches"]["test-deals"], "ledger": False, "notify": []}
    other = {"title": "Other", "all": {"who": ["OpenAI"]}}
    folder = write_config(
        tmp_path / "config",
        **{**CONFIG, "watches": {"other": other, "test-deals": quiet}},
        channels={"a": {"type": "local"}},
    )
    (folder / "ledger.yaml").unlink()  # so that the words are those of a ledger that is kept

    outcome = trial.run(load_settings(folder), "test-deals", [Line.model_validate(each) for each in ITEMS])

    assert outcome.quality.new_deal_alerts_per_deal == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config"]
