"""The ledger handed on: CSV, JSON Lines or Parquet, every figure with the words and the address behind it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

from pipeline.deals.rows import COLUMNS, cell, row
from pipeline.errors import UsageError
from pipeline.flow.deal_search import booked
from pipeline.models import Deal
from pipeline.notify.clean import clean
from pipeline.store import Session, ledger

Row = dict[str, Any]


class Format(StrEnum):
    """What a ledger can be written as."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def export(session: Session, deals: Iterable[Deal], form: Format) -> bytes:
    """The deals as a file of this format, in the order of their numbers. Raises UsageError where it cannot be made."""
    return _WRITERS[form](rows(session, deals))


def rows(session: Session, deals: Iterable[Deal]) -> list[Row]:
    """The deals as flat rows with the columns of `COLUMNS`, in the order of their numbers."""
    ordered = sorted(deals, key=lambda deal: deal.id or 0)
    numbers = {watch: ledger.numbers(session, watch) for watch in {deal.watch for deal in ordered}}
    made = (row(booked(deal), deal.watch, numbers[deal.watch]) for deal in ordered)
    return [{name: _clean(value) for name, value in one.items()} for one in made]


def _clean(value: Any) -> Any:
    """The value with every text in it clean: it may be shown in a terminal or a spreadsheet."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def _csv(found: Sequence[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(one[name]) for name in COLUMNS] for one in found)
    return out.getvalue().encode()


def _jsonl(found: Sequence[Row]) -> bytes:
    lines = (json.dumps(one, ensure_ascii=False, default=lambda value: value.isoformat()) for one in found)
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(found: Sequence[Row]) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'dealwire[export]'.") from error
    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "time": pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[sort]) for name, sort in COLUMNS.items()])
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(found), schema), out)
    return out.getvalue()


_WRITERS: dict[Format, Callable[[Sequence[Row]], bytes]] = {
    Format.CSV: _csv,
    Format.JSONL: _jsonl,
    Format.PARQUET: _parquet,
}
