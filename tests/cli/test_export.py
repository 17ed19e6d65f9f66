"""export: the ledger handed on."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import World
from tests.cli.ledger import change


def test_export_as_csv(told: World, tmp_path: Path) -> None:
    """To standard output or a file: each figure with value, quote and address."""
    printed = told.dealwire("export").out
    told.dealwire("export", tmp_path / "x.csv")
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

    printed = own.dealwire("export").out

    assert f"'{sign}1+1" in [row["title"] for row in csv.DictReader(io.StringIO(printed))]


def test_export_as_lines_of_json(told: World, tmp_path: Path) -> None:
    """One object for each deal, under either ending."""
    printed = told.dealwire("export", "--format", "jsonl").out
    told.dealwire("export", tmp_path / "x.ndjson")

    assert [json.loads(line)["id"] for line in printed.splitlines()] == [1, 2, 3]
    assert (tmp_path / "x.ndjson").read_text() == printed


def test_export_as_parquet(told: World, tmp_path: Path) -> None:
    """With the same columns as CSV, typed."""
    parquet = pytest.importorskip("pyarrow.parquet")
    told.dealwire("export", tmp_path / "x.parquet")

    table = parquet.read_table(tmp_path / "x.parquet")

    assert table.column_names == next(csv.reader(io.StringIO(told.dealwire("export").out)))
    assert sorted(table.column("amount_value").to_pylist(), key=str) == [20e9, 30e9, None]
    assert ["Oracle"] in table.column("parties").to_pylist()


def test_parquet_says_what_it_needs(told: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is missing, the extra that brings it is named, and nothing is written."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    result = told.dealwire("export", tmp_path / "x.parquet")

    assert (result.code, result.err) == (2, "Parquet needs pyarrow: pip install 'dealwire[export]'.\n")
    assert not (tmp_path / "x.parquet").exists()


def test_dismissed_deals_are_exported_only_where_asked(own: World) -> None:
    """With --all they are rows, marked."""
    change(own, "dismiss", "1")

    assert len(own.dealwire("export", "--format", "jsonl").out.splitlines()) == 2
    everything = own.dealwire("export", "--format", "jsonl", "--all").out.splitlines()
    assert [json.loads(line)["dismissed"] for line in everything] == [True, False, False]


def test_an_export_is_narrowed_as_the_ledger_is(told: World) -> None:
    """By party, kind, status, watch and time, and by all of these at once."""

    def exported(*args: str) -> list[str]:
        return [
            json.loads(line)["title"] for line in told.dealwire("export", "--format", "jsonl", *args).out.splitlines()
        ]

    assert exported("--party", "NVDA") == ["OpenAI and Nvidia (chips)"]
    assert exported("--kind", "compute", "--status", "signed") == ["OpenAI and Oracle (compute)"]
    assert len(exported("--since", "2026-03-06", "--watch", "test-deals")) == 2
    assert exported("--status", "stalled") == []


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--party", "Orcale"], "Did you mean Oracle?"),
        (["--status", "sgined"], "'sgined' is no status. Did you mean signed?"),
        (["--watch", "nope"], "There is no watch 'nope'."),
        (["--format", "xlsx"], "'xlsx' is no format."),
        (["deals.xlsx"], "The ending of deals.xlsx names no format."),
        (["--format", "parquet"], "Parquet is for machines and goes to a file: `dealwire export deals.parquet`."),
        (["nowhere/deals.csv"], "nowhere/deals.csv cannot be written (No such file or directory)."),
    ],
    ids=" ".join,
)
def test_bad_use_of_export_is_told(told: World, args: list[str], says: str) -> None:
    """What is wrong, and the way out; exit code 2."""
    result = told.dealwire("export", *args)

    assert result.code == 2
    assert says in result.err


def test_the_ledger_exports_itself_too(told: World) -> None:
    """`deals export` is the same command."""
    assert told.dealwire("deals", "export", "--party", "ORCL").out == told.dealwire("export", "--party", "ORCL").out
