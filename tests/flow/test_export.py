"""The ledger as files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from pipeline.deals.rows import COLUMNS
from pipeline.flow.export import Format, export
from pipeline.notify.clean import clean
from pipeline.store import Session
from tests.support.hostile_texts import TEXTS
from tests.support.ledger import AMOUNT, QUOTE, kept


@pytest.mark.parametrize("form", Format)
def test_every_figure_has_its_source(session: Session, form: Format) -> None:
    """Value, words and address stand in one row, in each format."""
    written = export(session, [kept(session)], form)

    if form is Format.PARQUET:
        parquet = pytest.importorskip("pyarrow.parquet")
        [row] = parquet.read_table(io.BytesIO(written)).to_pylist()
    elif form is Format.CSV:
        [row] = csv.DictReader(io.StringIO(written.decode()))
    else:
        row = json.loads(written)
    assert list(row) == list(COLUMNS)
    assert float(row["amount_value"]) == 3e11
    assert (row["amount"], row["amount_quote"]) == ("$300 billion", QUOTE)
    assert row["amount_url"] == row["capacity_url"] == "https://www.wire.example/oracle"


def test_rows_are_in_the_order_of_numbers(session: Session) -> None:
    """Whatever order the deals come in; what a deal is part of stands by its number."""
    first = kept(session)
    second = kept(session, "Part", "stargate", part_of="oracle")

    rows = [json.loads(line) for line in export(session, [second, first], Format.JSONL).splitlines()]

    assert [(row["id"], row["part_of"]) for row in rows] == [(1, None), (2, 1)]


@pytest.mark.parametrize("name", TEXTS)
def test_what_strangers_write_is_a_cell(session: Session, name: str) -> None:
    """One row with as many cells as there are columns, and none of them a formula."""
    text = TEXTS[name]
    hostile = kept(session, text.encode(errors="replace").decode(), facts={"amount": replace(AMOUNT, quote=f"={text}")})

    [head, row] = csv.reader(io.StringIO(export(session, [hostile], Format.CSV).decode(), newline=""))
    [line] = export(session, [hostile], Format.JSONL).decode().strip("\n").split("\n")

    assert len(head) == len(row) == len(COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert json.loads(line)["amount_value"] == 3e11
    assert json.loads(line)["amount_quote"].strip() == clean(f"={text}").strip()


def test_nothing_makes_a_head_alone(session: Session) -> None:
    """CSV keeps its columns, and JSON Lines has no line."""
    assert export(session, [], Format.CSV).decode().strip() == ",".join(COLUMNS)
    assert export(session, [], Format.JSONL) == b""
