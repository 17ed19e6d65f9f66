"""deals: the ledger on the command line."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result, Run, World, run
from tests.support.deals import COMPANIES, LEDGER_WATCH, stories
from tests.support.web import serve
from tests.support.world import write_config


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """After one pass over the sample stories: deals with Oracle, Nvidia and Corewell. Only for reading."""
    place = tmp_path_factory.mktemp("told")
    with serve() as web:
        feed = web.set("/feed", stories(web.base), "application/rss+xml")
        folder = write_config(place / "config", [feed], watches={"test-deals": LEDGER_WATCH}, companies=COMPANIES)
        yield World(folder, web, run("--config", folder, "once"))


@pytest.fixture
def own(told: World, tmp_path: Path) -> World:
    """A copy of it that a test may change."""
    shutil.copytree(told.folder.parent, tmp_path / "own")
    return replace(told, folder=tmp_path / "own" / "config")


def rows(world: World, *args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.dealwire("deals", *args, "--json").json
    return found


def number(world: World, party: str) -> str:
    [row] = rows(world, "--party", party)
    return str(row["id"])


def change(world: World, *args: str) -> Result:
    result = world.dealwire("deals", *args)
    assert (result.code, result.err) == (0, "")
    return result


def test_the_ledger_is_a_table(told: World) -> None:
    """One line for each deal, the one spoken of last first, with the figures in force."""
    table = told.dealwire("deals").out
    lines = [line.split() for line in table.splitlines() if "OpenAI and" in line]

    assert [line[3] for line in lines] == ["Corewell", "Nvidia", "Oracle"]
    assert lines[2][5:] == ["signed", "$30B", "2", "GW", "1", "05", "Mar", "26"]


def test_the_table_fits_a_terminal(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than 80 columns, also with a long title."""
    from pipeline.cli import shared

    change(own, "set", number(own, "oracle"), f"title={'Very long name ' * 8}", "amount=up to €1.25 trillion a year")

    def narrow(stderr: bool = False) -> Any:  # noqa: ARG001
        from rich.console import Console

        return Console(width=80, highlight=False)

    monkeypatch.setattr(shared, "console", narrow)
    table = own.dealwire("deals").out

    assert max(map(len, table.splitlines())) <= 80
    assert "≤EUR 1.25T/yr" in table


@pytest.mark.parametrize("party", ["oracle", "Oracle", "ORCL", "$orcl", "NVDA", "NVIDIA Corp", "corewell"])
def test_a_party_is_meant_by_any_of_its_names(told: World, party: str) -> None:
    """Slug, name, alias or ticker, in any case."""
    [row] = rows(told, "--party", party)

    assert row["parties"] == [
        {"oracle": "Oracle", "orcl": "Oracle", "corewell": "Corewell"}.get(party.lower().strip("$"), "Nvidia")
    ]


def test_the_ledger_is_narrowed(told: World) -> None:
    """By kind, status, watch and time; a word in capitals is as good."""
    assert [row["parties"] for row in rows(told, "--kind", "Chips")] == [["Nvidia"]]
    assert [row["parties"] for row in rows(told, "--status", "signed", "--kind", "compute")] == [["Oracle"]]
    assert len(rows(told, "--watch", "test-deals", "--since", "2026-03-06")) == 2
    assert told.dealwire("deals", "--status", "stalled").out.startswith("No deals.")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--party", "Orcale"], "No company 'Orcale' is known, or party to a deal. Did you mean Oracle?"),
        (["--party", "zzzzz"], "No company 'zzzzz' is known, or party to a deal. `dealwire deals` lists"),
        (["--kind", "chps"], "'chps' is no kind. Did you mean chips?"),
        (["--status", "sgined"], "'sgined' is no status. Did you mean signed?"),
        (["--watch", "nope"], "There is no watch 'nope'."),
        (["--since", "soon"], "'soon' is no time."),
        (["show", "99"], "There is no deal 99. `dealwire deals` lists them."),
        (["show", "9" * 30], "Invalid value"),
        (["set", "1", "signed"], "'signed' sets nothing. Write FIELD=VALUE, such as status=signed."),
        (["set", "1", "=signed"], "'' cannot be set."),
        (["merge", "1"], "Missing argument"),
        (["merge", "1", "1"], "Deal 1 cannot be merged with itself"),
        (["split", "1", "77"], "Article 77 is not of deal 1."),
        (["undo"], "There is no ruling to undo."),
        (["undo", "4"], "There is no ruling 4. `dealwire deals rulings` lists them."),
        (["totals", "--watch", "nope"], "There is no watch 'nope'."),
        (["export", "--format", "xlsx"], "'xlsx' is no format."),
        (["export", "deals.xlsx"], "The ending of deals.xlsx names no format."),
        (["export", "--format", "parquet"], "Parquet is for machines and goes to a file"),
        (["export", "nowhere/deals.csv"], "nowhere/deals.csv cannot be written (No such file or directory)."),
    ],
    ids=" ".join,
)
def test_bad_use_is_told(told: World, args: list[str], says: str) -> None:
    """What is wrong, and the way out; exit code 2."""
    result = told.dealwire("deals", *args)

    assert result.code == 2
    assert says in result.err


def test_a_deal_is_shown_whole(told: World) -> None:
    """Title, status, origins, each fact with quote, article and address, what others say, history and articles."""
    id_ = number(told, "oracle")
    text = told.dealwire("deals", "show", id_).out

    assert text.startswith("OpenAI and Oracle (compute)\n")
    assert "Parties: Oracle (supplier)" in text
    assert "status: signed" in text
    assert "amount: $30 billion" in text
    assert '"OpenAI in talks on a compute deal with Oracle worth $30 billion"' in text
    assert "amount, others say: $18 billion" in text
    assert "capacity: 2 GW" in text
    assert f"{told.web.base}/news/1" in text
    assert "02 Mar 2026  new deal, article" in text
    assert "04 Mar 2026  status: rumoured to signed, article" in text
    assert "05 Mar 2026  contradicted: $18 billion, not $30 billion, article" in text


def test_a_deal_is_shown_to_programs(told: World) -> None:
    """The same as JSON."""
    data = told.dealwire("deals", "show", number(told, "oracle"), "--json").json

    assert (data["amount"], data["capacity"], data["live"]) == ("$30 billion", "2 GW", True)
    assert [fact["field"] for fact in data["facts"]] == ["amount", "capacity"]
    assert all(fact["url"].startswith(told.web.base) and fact["quote"] for fact in data["facts"])
    assert [event["field"] for event in data["history"]] == ["new", "capacity", "status", "contradicted"]
    assert all(event["holds"] and event["found"] for event in data["history"])
    assert len(data["attached"]) == 3


def test_an_odd_price_is_flagged(own: World) -> None:
    """In the text and in JSON, with the usual range."""
    change(own, "set", number(own, "oracle"), "amount=$300bn")

    assert (
        "$150 billion for a gigawatt is outside the usual" in own.dealwire("deals", "show", number(own, "oracle")).out
    )
    assert rows(own, "--party", "oracle")[0]["doubtful"]


def test_rulings_are_made_shown_and_undone(own: World) -> None:
    """Each says what it did by the numbers that people see, and is taken back by `undo`."""
    oracle, corewell = number(own, "oracle"), number(own, "corewell")

    merged = change(own, "merge", corewell, oracle).out
    gone = own.dealwire("deals", "show", corewell).out
    left = len(rows(own))
    listed = change(own, "rulings").out
    undone = change(own, "undo").out

    assert f"deal {corewell} merged into deal {oracle}" in merged
    assert f"It was merged into deal {oracle} by ruling 1." in gone
    assert (left, len(rows(own))) == (2, 3)
    assert f"deal {corewell} merged into deal {oracle}" in listed
    assert undone.startswith("Undone: ruling 1 ")
    assert own.dealwire("deals", "rulings", "--json").json[0]["undone_at"]


def test_a_split_gets_a_number(own: World) -> None:
    """Which is told, and under which it is shown."""
    oracle = number(own, "oracle")
    articles = [a["id"] for a in own.dealwire("deals", "show", oracle, "--json").json["attached"]]

    text = change(own, "split", oracle, str(articles[2])).out
    split = next(row for row in rows(own, "--party", "oracle") if str(row["id"]) != oracle)

    assert f"article {articles[2]} split off deal {oracle}" in text
    assert f"  deal {split['id']}: " in text
    assert split["amount"] == "$18 billion"


def test_set_and_dismissed_deals_show_it(own: World) -> None:
    """A figure set by hand says so beside what the articles say; a dismissed deal is shown only with --all."""
    oracle = number(own, "oracle")
    change(own, "set", oracle, "amount=$40bn", "part_of=" + number(own, "nvidia"))
    shown = own.dealwire("deals", "show", oracle).out
    change(own, "dismiss", oracle)

    assert "amount: $40 billion (set by hand)" in shown
    assert "amount, others say: $30 billion" in shown
    assert f"amount of deal {oracle} set to $40 billion" in shown
    assert f"part of {number(own, 'nvidia')}  OpenAI and Nvidia (chips)" in shown
    assert rows(own, "--party", "oracle") == []
    assert "(dismissed)" in own.dealwire("deals", "--all").out


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


def test_nothing_from_outside_reaches_the_terminal_raw(own: World) -> None:
    """Escape sequences and marks that turn the reading direction are left out of what is printed."""
    change(own, "set", "1", "title=plain")
    with closing(sqlite3.connect(own.folder.parent / "state" / "dealwire.db")) as database, database:
        database.execute("UPDATE deal SET title = ?", ("a\x1b[2Jb\u202ec\x07",))
        database.execute("UPDATE article SET title = ?", ("t\x1b]0;x\x07",))

    for args in ((), ("show", "1"), ("totals",), ("rulings",), ("merge", "2", "3")):
        out = own.dealwire("deals", *args).out
        assert not set("\x1b\x07\u202e") & set(out), args


def test_a_configuration_without_a_ledger_says_so(dealwire: Run, config: Path) -> None:
    """The table is empty with a way on; totals name the setting."""
    assert config.is_dir()
    assert dealwire("deals").out.startswith("No deals. A watch with `ledger: true`")
    assert "Set `ledger: true` for one in watches.yaml" in dealwire("deals", "totals").err


def test_replay_says_what_the_ledger_holds(own: World) -> None:
    """After --apply: how many deals, and how many changes were new."""
    text = own.dealwire("watches", "replay", "--apply").out

    assert "The ledger of test-deals has 3 deals; 0 changes were new." in text
    assert own.dealwire("watches", "replay", "--apply", "--json").json["deals"] == {"test-deals": 3}
