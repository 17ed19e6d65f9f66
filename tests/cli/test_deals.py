"""deals: the ledger on the command line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, World
from tests.cli.ledger import change, number, rows


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
    assert "≤€1.25T/yr" in table


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
    assert "05 Mar 2026  amount contradicted: $18 billion, not $30 billion, article" in text


def test_a_deal_is_shown_to_programs(told: World) -> None:
    """The same as JSON."""
    data = told.dealwire("deals", "show", number(told, "oracle"), "--json").json

    assert (data["amount"], data["capacity"], data["live"]) == ("$30 billion", "2 GW", True)
    assert [fact["field"] for fact in data["facts"]] == ["amount", "capacity"]
    assert all(fact["url"].startswith(told.web.base) and fact["quote"] for fact in data["facts"])
    # What only seemed so depends on which piece came first.
    holding = [event["field"] for event in data["history"] if event["holds"]]
    assert holding == ["new", "capacity", "status", "contradicted"]
    assert all(event["found"] for event in data["history"])
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
    change(own, "set", oracle, "amount=$40bn", "status=operating", "part_of=" + number(own, "nvidia"))
    shown = own.dealwire("deals", "show", oracle).out
    change(own, "dismiss", oracle)

    assert "amount: $40 billion (set by hand)" in shown
    assert "status: operating (set by hand)" in shown
    assert "amount, others say: $30 billion" in shown
    assert f"amount of deal {oracle} set to $40 billion" in shown
    assert f"part of {number(own, 'nvidia')}  OpenAI and Nvidia (chips)" in shown
    assert rows(own, "--party", "oracle") == []
    assert "(dismissed)" in own.dealwire("deals", "--all").out


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
