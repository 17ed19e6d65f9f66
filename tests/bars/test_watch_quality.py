"""How well the shipped watch judges real news. The floors stand in floors.json; only a deliberate edit lowers them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.schema import Settings
from pipeline.config.shipped import shipped_folder
from pipeline.flow import labels
from pipeline.flow.matching import build_matcher
from pipeline.flow.tools import load_settings
from pipeline.watch.piece import Piece
from tests.bars.labelled import labelled_stream

WATCH = "openai-infrastructure-deals"
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))
FOLDS = 5


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(shipped_folder())


@pytest.fixture
def dev(shared_data: Path) -> list[labels.Labelled]:
    return labels.from_file(shared_data / "corpus" / "dev.jsonl")


def test_labelled_news(settings: Settings, dev: list[labels.Labelled]) -> None:
    """Precision, recall and F1 on the labelled news do not fall below their floors."""
    quality = labels.evaluate(settings, WATCH, dev)

    for what, figures in (("mentions", quality.mentions), ("about", quality.about)):
        for measure, floor in FLOORS["dev"][what].items():
            assert getattr(figures, measure) >= floor, f"{what} {measure}"
    for kinds in (("article_body", "article_body_truncated"), ("title_only",)):
        of_kind = [pair for pair in dev if pair[0].text_kind in kinds]
        figures = labels.evaluate(settings, WATCH, of_kind).mentions

        assert min(figures.precision, figures.recall) >= FLOORS["dev"]["by_text_kind"], kinds


def test_own_labels(settings: Settings, shared_data: Path, tmp_path: Path) -> None:
    """The same on our own labels of later news, which is rarer there."""
    file = tmp_path / "stream.jsonl"
    file.write_text("\n".join(labelled_stream(shared_data / "corpus")), encoding="utf-8")
    mentions = labels.evaluate(settings, WATCH, labels.from_file(file)).mentions

    assert mentions.precision >= FLOORS["stream"]["precision"]
    assert mentions.recall >= FLOORS["stream"]["recall"]


def test_counterparties_it_does_not_know(settings: Settings, dev: list[labels.Labelled]) -> None:
    """Deals with companies that companies.yaml lacks are still found: each fifth of them masked in turn."""
    known = labels.evaluate(settings, WATCH, dev).mentions.recall
    counterparties = sorted(set(settings.companies) - {"openai", "stargate"})
    for fold in range(FOLDS):
        masked = dict(settings.companies)
        for slug in counterparties[fold::FOLDS]:
            masked[slug] = masked[slug].model_copy(update={"name": "\u2014", "aliases": (), "tickers": ()})
        recall = labels.evaluate(settings.model_copy(update={"companies": masked}), WATCH, dev).mentions.recall

        assert recall >= known - FLOORS["masked"]["fall"], f"fold {fold}: {recall:.3f} of {known:.3f}"


def test_other_news(settings: Settings, shared_data: Path, pytestconfig: pytest.Config) -> None:
    """Of news that does not name OpenAI hardly any is flagged."""
    matcher = build_matcher(settings, [WATCH])
    step = 1 if pytestconfig.getoption("--whole") else 3
    others, flagged = 0, []
    with (shared_data / "corpus" / "stream.jsonl").open(encoding="utf-8") as stream:
        for line in stream:
            item = json.loads(line)
            text = "\n".join(item[part] or "" for part in ("title", "summary", "text"))
            if "openai" in text.lower():
                continue
            others += 1
            if others % step:
                continue
            if matcher.judge(Piece(item["title"], item["text"] or "", item["summary"] or ""))[0].matched:
                flagged.append(item["id"])

    assert others > 6000
    assert 1000 * len(flagged) / (others // step) <= FLOORS["others"]["per_thousand"], flagged
