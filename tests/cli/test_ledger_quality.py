"""eval --ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import ledger_quality
from pipeline.domain import Status
from tests.cli.conftest import Run
from tests.deals.samples import state
from tests.support.trial import CONFIG, ITEMS
from tests.support.world import write_config

Items = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _config(tmp_path: Path) -> None:
    write_config(tmp_path / "config", **CONFIG)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "items.jsonl", ITEMS)


def write(file: Path, items: Items) -> Path:
    file.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return file


def test_the_table(dealwire: Run, file: Path) -> None:
    """Precision and recall of the facts, the other figures a line each, and what was read otherwise than labelled."""
    shown = dealwire("eval", file, "--ledger")

    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert shown.code == 0
    assert {"Precision Recall n", "Parties 1.000 1.000 4", "Amount 1.000 1.000 2", "Capacity 0.000 0.000 1"} <= set(
        lines
    )
    assert {
        "Kind accuracy: 1.000",
        "Status accuracy: 1.000",
        "Grouping, B-cubed F1: 1.000",
        "Alerts of a new deal per deal: 1.00 (3 deals)",
        "Deals without an alert: none",
        "Alerts on items labelled no: none",
        "Mentions that no label stands for: 0 beside 4",
    } <= set(lines)
    at = lines.index("Capacity, read otherwise than labelled: 1")
    assert lines[at + 1] == "i4 openai-corewell: 1 labelled, 2 read"
    assert "random orders" not in shown.out


def test_how_many_errors_are_shown(dealwire: Run, file: Path) -> None:
    """As many as asked for; all are counted."""
    shown = dealwire("eval", file, "--ledger", "-n", "0").out

    assert "Capacity, read otherwise than labelled: 1" in shown
    assert "2 read" not in shown


def test_for_programs(dealwire: Run, file: Path) -> None:
    """One object with all figures, and nothing else."""
    result = dealwire("eval", file, "--ledger", "--json")

    assert result.code == 0
    assert result.json == {
        "parties": {"precision": 1.0, "recall": 1.0, "n": 4},
        "amount": {"precision": 1.0, "recall": 1.0, "n": 2},
        "capacity": {"precision": 0.0, "recall": 0.0, "n": 1},
        "kind_accuracy": 1.0,
        "status_accuracy": 1.0,
        "bcubed_f1": 1.0,
        "new_deal_alerts_per_deal": 1.0,
        "deals_without_alert": [],
        "alerts_on_no": [],
        "deals": 3,
        "mentions": 4,
        "extra": 0,
    }


def test_what_went_wrong_is_listed(dealwire: Run, tmp_path: Path) -> None:
    """Deals that nothing was told of, and items labelled no that brought an alert, by their ids."""
    label = ITEMS[0]["label"]
    unread = [{**ITEMS[number], "title": "OpenAI and its friends", "text": "", "label": label} for number in (0, 1)]
    wrong = {**ITEMS[2], "label": {"mentions": "no"}}
    file = write(tmp_path / "items.jsonl", [*unread, wrong])

    data = dealwire("eval", file, "--ledger", "--json").json
    shown = " ".join(dealwire("eval", file, "--ledger").out.split())

    assert (data["deals_without_alert"], data["alerts_on_no"]) == (["openai-oracle"], ["i3"])
    assert "Deals without an alert: openai-oracle" in shown
    assert "Alerts on items labelled no: i3" in shown


def test_random_orders(dealwire: Run, file: Path) -> None:
    """The items are fed again so many times, and each ledger is held against the first."""
    shown = dealwire("eval", file, "--ledger", "--orders", "2").out
    data = dealwire("eval", file, "--ledger", "--orders", "2", "--json").json

    assert "0 of 2 random orders gave another ledger." in shown
    assert data["orders"] == [[], []]


def test_orders_that_differ_are_told(dealwire: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what is otherwise in it."""
    monkeypatch.setattr(ledger_quality, "_differences", lambda *_: ["oracle: only once"])

    shown = dealwire("eval", file, "--ledger", "--orders", "1").out

    assert "1 of 1 random orders gave another ledger." in shown
    assert "order 1: oracle: only once" in shown


def test_what_differs() -> None:
    """Deals that only one ledger has, and parties, kind, status, place and figures that are not the same."""
    one = {key: state(key, usd=3e9) for key in ("acme", "dyna", "quill")}
    other = {"acme": state("acme", usd=4e9), "dyna": state("dyna", status=Status.SIGNED, usd=3e9, part_of="x")}

    assert ledger_quality._differences(one, one) == []
    assert ledger_quality._differences(one, other) == [
        "quill: only once",
        "acme: {'amount': 3000000000.0} against {'amount': 4000000000.0}",
        "dyna: status announced against signed",
        "dyna: part_of  against x",
    ]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--ledger"], "--ledger needs a FILE of items labelled with their deals."),
        (["--ledger", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--ledger", "items.jsonl", "--orders", "-1"], "--orders"),
        (["--ledger", "items.jsonl", "--watch", "nope"], "nope"),
    ],
    ids=["no file", "no such file", "fewer than none", "no such watch"],
)
def test_what_makes_no_sense_is_told(dealwire: Run, file: Path, args: list[str], says: str) -> None:
    """In the user's words, with the way out, and as a wrong use."""
    result = dealwire("eval", *[str(file) if arg == file.name else arg for arg in args])

    assert result.code == 2
    assert says in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({**ITEMS[0], "label": {}}, "items.jsonl:2: label.mentions"),
        ({**ITEMS[0], "label": {"mentions": "yes", "deals": [{"key": "k", "status": "done"}]}}, "label.deals.0.status"),
        ({**ITEMS[0], "date": "yesterday"}, "Each item needs a date such as 2026-03-01. These have none: i1."),
        (
            {name: value for name, value in ITEMS[0].items() if name != "date"},
            "Each item needs a date such as 2026-03-01. These have none: i1.",
        ),
        ({**ITEMS[0], "id": "i2"}, "Each item needs an id of its own. More than one has: i2."),
    ],
    ids=["no answer", "no such status", "no date", "without a date", "two of one id"],
)
def test_a_broken_file(dealwire: Run, tmp_path: Path, broken: dict[str, Any], says: str) -> None:
    """The line or the item is named, and nothing is measured."""
    result = dealwire("eval", write(tmp_path / "items.jsonl", [ITEMS[1], broken]), "--ledger")

    assert result.code == 2
    assert says in result.err
    assert result.out == ""


def test_an_empty_file(dealwire: Run, tmp_path: Path) -> None:
    """Nothing is wrong in it."""
    result = dealwire("eval", write(tmp_path / "items.jsonl", []), "--ledger", "--json")

    assert (result.code, result.json["deals"]) == (0, 0)
