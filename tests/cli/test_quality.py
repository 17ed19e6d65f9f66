"""Labels, what they say of a watch, and what is learned from them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, World
from tests.support.world import WATCH, write_config

DEALS = ["OpenAI signs a contract for {} gigawatts of data center capacity.", "OpenAI and Acme agree on a {} GW deal."]
OTHERS = ["OpenAI hires {} researchers for its lab.", "The film deal of {} actors was a contract on OpenAI."]


def items(count: int = 32) -> list[dict[str, Any]]:
    """Labelled items of four months, half of them deals."""
    return [
        {
            "id": f"i{number}",
            "date": f"2026-0{number // 8 + 1}-01",
            "source": "Example",
            "title": ([*DEALS, *OTHERS][number % 4]).format(number),
            "text_kind": "title_only",
            "label": {"mentions": "yes" if number % 4 < 2 else "no", "about": "yes" if number % 4 == 0 else "no"},
        }
        for number in range(count)
    ]


@pytest.fixture
def own(world: World, tmp_path: Path) -> World:
    """A copy of the world that may be written to."""
    shutil.copytree(world.folder.parent, tmp_path / "own")
    return replace(world, folder=tmp_path / "own" / "config")


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in items()), encoding="utf-8")
    return file


def test_a_label_is_kept_exported_and_imported(own: World, tmp_path: Path) -> None:
    """A label goes out as JSON Lines with its article, and comes in again by the article's URL."""
    [found] = own.dealwire("articles", "--flagged", "--json").json

    said = own.dealwire("label", str(found["id"]), "yes", "--about")
    exported = own.dealwire("labels", "export").out
    line = json.loads(exported)
    own.dealwire("label", str(found["id"]), "no")
    (tmp_path / "labels.jsonl").write_text(exported + json.dumps({**line, "id": "x", "url": "https://other.example/"}))
    imported = own.dealwire("labels", "import", tmp_path / "labels.jsonl")

    assert said.out == f"Article {found['id']}: yes, and about it.\n"
    assert (line["url"], line["label"]) == (found["url"], {"mentions": "yes", "about": "yes", "sure": 3})
    assert imported.out.startswith("1 articles labelled.\n1 items are not among the stored articles: x")
    assert json.loads(own.dealwire("labels", "export").out)["label"]["mentions"] == "yes"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["label", "999", "yes"], "There is no article 999"),
        (["label", "1", "no", "--about"], "it cannot be about"),
        (["label", "1", "maybe"], "maybe"),
        (["label", "1", "yes", "--watch", "none"], "There is no watch 'none'"),
        (["eval"], "There are no labels"),
        (["learn"], "There are no labels"),
        (["eval", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["watches", "replay", "--alert"], "--alert goes with --apply"),
    ],
)
def test_what_makes_no_sense_is_told(world: World, args: list[str], says: str) -> None:
    """Wrong arguments are refused with the way out."""
    result = world.dealwire(*args)

    assert result.code == 2
    assert says in result.err


def test_a_broken_file_is_told_line_by_line(world: World, labelled: Path) -> None:
    """Every line that is no item is named with file and number."""
    text = labelled.read_text().splitlines()
    labelled.write_text("\n".join([text[0], "{", '{"id": 1, "title": "x", "label": {"mentions": "perhaps"}}']))

    result = world.dealwire("eval", labelled)

    assert result.code == 2
    assert "labelled.jsonl:2: the line" in result.err
    assert "labelled.jsonl:3: label.mentions" in result.err


def test_eval(world: World, labelled: Path) -> None:
    """Figures by kind and source, and the errors with the terms behind them, for people and for programs."""
    shown, data = world.dealwire("eval", labelled).out, world.dealwire("eval", labelled, "--json").json

    assert set(data) >= {"mentions", "about", "by_text_kind", "false_alarms", "misses"}
    assert data["mentions"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "n": 32}
    assert data["misses"][0].startswith("i")
    assert data["false_alarms"] == []
    assert "Missed: 8" in shown
    assert "lacks what" in shown


def test_floors(world: World, labelled: Path, tmp_path: Path) -> None:
    """Figures below the floors fail; only --raise-floors --lower lowers them."""
    floors = tmp_path / "floors.json"
    floors.write_text('{"mentions.recall": 0.9}')

    low = world.dealwire("eval", labelled, "--floors", floors)
    kept = world.dealwire("eval", labelled, "--floors", floors, "--raise-floors")
    lowered = world.dealwire("eval", labelled, "--floors", floors, "--raise-floors", "--lower")

    assert (low.code, kept.code, lowered.code) == (1, 1, 0)
    assert "mentions.recall: 0.5000 is below 0.9000" in low.err
    assert json.loads(floors.read_text())["mentions.recall"] == 0.5


def test_learn(dealwire: Run, labelled: Path, tmp_path: Path) -> None:
    """Weights that judge better than what is in force are written, and used once the watch names them."""
    watch = {**WATCH, "subject": "who", "weigh": {"size": ["/\\d+ (?:GW|gigawatts)/"], "other": ["film", "hire"]}}
    write_config(tmp_path / "config", watches={"test-deals": watch})

    learned = dealwire("learn", labelled)
    write_config(tmp_path / "config", watches={"test-deals": {**watch, "weights": "test-deals.weights.yaml"}})
    after = dealwire("eval", labelled, "--json").json

    assert "Add `weights: test-deals.weights.yaml` to the watch test-deals" in learned.out
    assert after["mentions"]["f1"] == 1.0
    assert "learned: " in (tmp_path / "config" / "test-deals.weights.yaml").read_text()
    assert "What makes the best window" in dealwire("watches", "test", "-", stdin=DEALS[0].format(5).encode()).out


def test_replay(own: World, tmp_path: Path) -> None:
    """Edited terms are tried on what is stored; nothing changes before --apply, and nobody is told before --alert."""
    edited = tmp_path / "edited.yaml"
    edited.write_text(
        json.dumps({"watches": {"test-deals": {**WATCH, "all": {"who": ["OpenAI"], "on": ["research"]}}}})
    )
    before = own.dealwire("articles", "--flagged", "--json").json
    sent = len(own.dealwire("deliveries", "list", "--json").json)

    tried = own.dealwire("watches", "replay", "--watches", edited, "--json").json
    shown = own.dealwire("watches", "replay", "--watches", edited).out
    unchanged = own.dealwire("articles", "--flagged", "--json").json
    own.dealwire("watches", "replay", "--watches", edited, "--apply")
    after = own.dealwire("articles", "--flagged", "--json").json
    silent = len(own.dealwire("deliveries", "list", "--json").json)
    own.dealwire("watches", "replay", "--apply", "--alert")

    [gained], [lost] = tried["watches"]["test-deals"]["newly"], tried["watches"]["test-deals"]["no_longer"]
    assert (lost["article"], tried["applied"]) == (before[0]["id"], False)
    assert "1 newly flagged" in shown
    assert "1 no longer flagged" in shown
    assert unchanged == before
    assert [row["id"] for row in after] == [gained["article"]]
    assert silent == sent
    assert [row["id"] for row in own.dealwire("articles", "--flagged", "--json").json] == [before[0]["id"]]
