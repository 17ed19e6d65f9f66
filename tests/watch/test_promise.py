"""What a title and a summary promise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.shipped import shipped_folder
from pipeline.domain import Promised
from pipeline.flow.matching import build_matcher, vocabulary_of
from pipeline.flow.tools import load_settings
from pipeline.watch.matcher import Matcher, Watch
from pipeline.watch.piece import Piece
from pipeline.watch.promise import Promises
from tests.watch.helpers import VOCABULARY

DEALS = Watch(
    "deals",
    "sentence",
    {"who": ["@nvidia", "Norvane*"], "deal": ["<deals>"], "what": ["data center", '"GPU"', "数据中心"]},
    none=["movie"],
)
SUMS = Watch("sums", "article", {"sum": [r"/\$\d+ ?bn/"], "bank": ["bank"]})


@pytest.fixture(scope="module")
def promises() -> Promises:
    return Promises(Matcher([DEALS, SUMS], VOCABULARY), VOCABULARY)


@pytest.mark.parametrize(
    ("title", "summary", "promised"),
    [
        ("Nvidia signs for a data center", "", Promised.FLAGS),
        ("NVIDIA’s data-center deals", "", Promised.FLAGS),
        ("Norvanes inked GPU (more)", "", Promised.FLAGS),
        ("Nvidia", "It signed, for data centers.", Promised.MOST),
        ("News", "Of all: Nvidia's deal for datacenters!", Promised.FLAGS),
        ("Nvidia 数据中心 MoU", "", Promised.FLAGS),
        ("A deal for a data center", "", Promised.MOST),
        ("A deal", "A center of attention. Nvidia's day.", Promised.MOST),
        ("Nvidia signs for a data center in a movie", "", Promised.MOST),
        ("Nvidia", "", Promised.NOTHING),
        ("A deal for GPUs", "", Promised.NOTHING),
        ("Banks lend $30bn", "", Promised.FLAGS),
        ("$30bn", "", Promised.NOTHING),
        ("Banks", "", Promised.NOTHING),
        ("News", f"{'x' * 600} Nvidia signs for a data center", Promised.NOTHING),
        ("", "", Promised.NOTHING),
    ],
)
def test_promises(promises: Promises, title: str, summary: str, promised: int) -> None:
    """What a watch flags by itself promises most, then words of most groups of any watch; the end does not count."""
    assert promises.of(title, summary) == promised


def test_without_watches() -> None:
    """Nothing is promised to nobody."""
    assert Promises(Matcher([]), VOCABULARY).of("Nvidia signs for a data center", "") == Promised.NOTHING


def test_all_that_is_flagged_is_promised(shared_data: Path) -> None:
    """Of real headlines, whatever the shipped watch flags; and it is few that promise so much."""
    settings = load_settings(shipped_folder())
    matcher = build_matcher(settings)
    promises = Promises(matcher, vocabulary_of(settings))
    with (shared_data / "corpus" / "stream.jsonl").open(encoding="utf-8") as stream:
        titles = [json.loads(line)["title"] for line in stream][::5]
    flagged = {title for title in titles if matcher.judge(Piece(title, ""))[0].matched}
    most = {title for title in titles if promises.of(title, "") == Promised.FLAGS}

    assert flagged
    assert most == flagged
