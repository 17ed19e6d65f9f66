"""eval --ledger: how well the ledger is kept."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli import shared
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.config.schema import Settings
    from pipeline.deals.quality import Error, LedgerQuality
    from pipeline.domain import DealState
    from pipeline.flow.labels import Line

_SEED = 20250921


def evaluate(settings: Settings, watch: str, file: Path | None, orders: int, most: int, as_json: bool) -> None:
    """Feed the items of a file to a ledger of their own, in the order of their dates; show how well it is kept."""
    from pipeline.flow import labels, trial

    if file is None:
        raise UsageError("--ledger needs a FILE of items labelled with their deals.")
    lines = sorted(labels.read(file), key=lambda line: (line.date, str(line.id)))
    with shared.progress(quiet=as_json) as show:
        done = 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            show("ledger", done, len(lines) * (orders + 1))

        outcome = trial.run(settings, watch, lines, advance)
        others = [
            _differences(outcome.deals, trial.run(settings, watch, shuffled, advance).deals)
            for shuffled in _orders(lines, orders)
        ]
    if as_json:
        shared.print_json(outcome.quality.data() | ({"orders": others} if orders else {}))
        return
    _show(outcome.quality, most)
    if orders:
        differing = sum(bool(other) for other in others)
        shared.console().print(f"\n{differing} of {orders} random orders gave another ledger.")
        for number, other in enumerate(others, 1):
            for line in other:
                shared.console().print(f"  order {number}: {line}", markup=False)


def _orders(lines: Sequence[Line], count: int) -> list[list[Line]]:
    chance = random.Random(_SEED)
    return [chance.sample(lines, len(lines)) for _ in range(count)]


def _differences(one: Mapping[str, DealState], other: Mapping[str, DealState]) -> list[str]:
    """In what two ledgers differ: deals, facts and statuses."""
    found = [f"{key}: only once" for key in sorted(one.keys() ^ other.keys())]
    for key in sorted(one.keys() & other.keys()):
        for field in ("parties", "kind", "status", "part_of", "supersedes"):
            a, b = getattr(one[key], field), getattr(other[key], field)
            if a != b:
                found.append(f"{key}: {field} {a} against {b}")
        figures = [{name: fact.value for name, fact in state.facts.items()} for state in (one[key], other[key])]
        if figures[0] != figures[1]:
            found.append(f"{key}: {figures[0]} against {figures[1]}")
    return found


def _show(quality: LedgerQuality, most: int) -> None:
    from rich import box
    from rich.table import Table

    console = shared.console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in ("", "Precision", "Recall", "n"):
        table.add_column(column, justify="right" if column else "left")
    for name, ratio in (("Parties", quality.parties), ("Amount", quality.amount), ("Capacity", quality.capacity)):
        table.add_row(name, f"{ratio.precision:.3f}", f"{ratio.recall:.3f}", f"{ratio.n:,}")
    console.print(table)
    rows: dict[str, Any] = {
        "Kind accuracy": f"{quality.kind_accuracy:.3f}",
        "Status accuracy": f"{quality.status_accuracy:.3f}",
        "Grouping, B-cubed F1": f"{quality.bcubed_f1:.3f}",
        "Alerts of a new deal per deal": f"{quality.new_deal_alerts_per_deal:.2f} ({quality.deals} deals)",
        "Deals without an alert": ", ".join(quality.deals_without_alert) or "none",
        "Alerts on items labelled no": ", ".join(quality.alerts_on_no) or "none",
        "Mentions that no label stands for": f"{quality.extra} beside {quality.mentions}",
    }
    for name, value in rows.items():
        console.print(f"{name + ':':<36} {value}", markup=False)
    for field in ("parties", "amount", "capacity", "kind", "status"):
        _errors([error for error in quality.errors if error.field == field], field, most)


def _errors(errors: Sequence[Error], field: str, most: int) -> None:
    console = shared.console()
    console.print(f"\n{field.capitalize()}, read otherwise than labelled: {len(errors)}", style="bold")
    for error in errors[:most]:
        console.print(f"  {error.item}  {error.deal}: {error.wanted} labelled, {error.found} read", markup=False)
