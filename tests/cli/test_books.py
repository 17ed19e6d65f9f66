"""deals totals, circles, export: the ledger summed up and handed on."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import World
from tests.cli.ledger import change, number


def test_totals(own: World) -> None:
    """Dollars and gigawatts by status, and beneath what was counted and what was not."""
    change(own, "dismiss", number(own, "nvidia"))
    text, data = own.dealwire("deals", "totals").out, own.dealwire("deals", "totals", "--json").json

    assert data["by_status"]["signed"] == {"usd": 30e9, "gw": 2.0, "deals": 1}
    assert data["live"] == {"usd": 30e9, "gw": 3.0, "deals": 2}
    assert "all but cancelled" in text
    assert "* Counted: 2 deals that are not cancelled" in text
    assert "* Left out, dismissed by hand: OpenAI and Nvidia (chips) [" in text


def test_circles(own: World) -> None:
    """Who puts money in and is paid, with the deals of both ways; nobody where there is none."""
    nobody = own.dealwire("deals", "circles").out
    change(own, "set", number(own, "nvidia"), "kind=equity", "capacity=5 GW")
    text, data = own.dealwire("deals", "circles").out, own.dealwire("deals", "circles", "--json").json

    assert nobody == "No company both funds and is paid, by the deals of test-deals.\n"
    assert text.splitlines()[0] == "Nvidia"
    assert "puts in: $20 billion, 5 GW (signed)" in text
    assert "both ways in one deal" in text
    assert (data[0]["slug"], data[0]["puts_in"]["usd"]) == ("nvidia", 20e9)


def test_export_as_csv(told: World, tmp_path: Path) -> None:
    """To standard output or a file: each figure with value, quote and address."""
    printed = told.dealwire("deals", "export").out
    told.dealwire("deals", "export", tmp_path / "x.csv")
    oracle = next(row for row in csv.DictReader(io.StringIO(printed)) if row["parties"] == "Oracle")

    assert (tmp_path / "x.csv").read_text() == printed
    assert (oracle["amount"], oracle["amount_value"], oracle["amount_unit"]) == ("$30 billion", "30000000000", "USD")
    assert oracle["amount_quote"] == "OpenAI in talks on a compute deal with Oracle worth $30 billion"
    assert oracle["capacity_url"].startswith(told.web.base)
    assert oracle["official"] == "no"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_csv_holds_no_formulas(own: World, sign: str) -> None:
    """A cell that a spreadsheet would take for a formula gets an apostrophe in front."""
    change(own, "set", "1", f"title={sign}1+1")

    printed = own.dealwire("deals", "export").out

    assert f"'{sign}1+1" in [row["title"] for row in csv.DictReader(io.StringIO(printed))]


def test_export_as_lines_of_json(told: World, tmp_path: Path) -> None:
    """One object for each deal, under either ending."""
    printed = told.dealwire("deals", "export", "--format", "jsonl").out
    told.dealwire("deals", "export", tmp_path / "x.ndjson")

    assert [json.loads(line)["id"] for line in printed.splitlines()] == [1, 2, 3]
    assert (tmp_path / "x.ndjson").read_text() == printed


def test_export_as_parquet(told: World, tmp_path: Path) -> None:
    """With the same columns as CSV, typed."""
    parquet = pytest.importorskip("pyarrow.parquet")
    told.dealwire("deals", "export", tmp_path / "x.parquet")

    table = parquet.read_table(tmp_path / "x.parquet")

    assert table.column_names == next(csv.reader(io.StringIO(told.dealwire("deals", "export").out)))
    assert sorted(table.column("amount_value").to_pylist(), key=str) == [20e9, 30e9, None]
    assert ["Oracle"] in table.column("parties").to_pylist()


def test_parquet_says_what_it_needs(told: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is missing, the extra that brings it is named, and nothing is written."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    result = told.dealwire("deals", "export", tmp_path / "x.parquet")

    assert (result.code, result.err) == (2, "Parquet needs pyarrow: pip install 'dealwire[export]'.\n")
    assert not (tmp_path / "x.parquet").exists()


def test_dismissed_deals_are_exported_only_where_asked(own: World) -> None:
    """With --all they are rows, marked."""
    change(own, "dismiss", "1")

    assert len(own.dealwire("deals", "export", "--format", "jsonl").out.splitlines()) == 2
    everything = own.dealwire("deals", "export", "--format", "jsonl", "--all").out.splitlines()
    assert [json.loads(line)["dismissed"] for line in everything] == [True, False, False]
