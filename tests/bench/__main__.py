"""scripts/bench [PART ...] [--json FILE]"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Figure, as_json, markdown
from tests.bench.machine import machine

PARTS = {
    "first_poll": "the real feeds, parsed and stored, beside newsboat and reader",
    "idle_poll": "the same again, nothing changed",
    "ingest": "the real pages, beside trafilatura alone",
    "matching": "10 to 10,000 terms and 100 watches, beside extraction",
    "growth": "each unit of work with 10,000, 100,000 and 1,000,000 stored articles",
    "growth_postgresql": "the same on PostgreSQL with 10,000 and 100,000",
    "memory": "a daemon with 5,000 feeds after 100,000 articles",
    "latency": "from a feed's entry to the webhook, with a backlog of 5,000 pages",
    "start": "commands that have nothing to do",
    "suite": "all tests",
}


def main() -> int:
    """Whether all bars that could be tried hold: 0, else 1."""
    listed = "\n".join(f"  {name:<17} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        "scripts/bench",
        description="Measures Dealwire, each part by itself, and beside its peers.",
        epilog=f"parts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure; everything if none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too, with all runs")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})")
    figures: list[Figure] = []
    for part in asked.parts or PARTS:
        sys.stderr.write(f"{part}: {PARTS[part]} ...\n")
        figures += import_module(f"tests.bench.{part}").figures()
        if asked.json:
            asked.json.write_text(as_json(figures), encoding="utf-8")
    sys.stdout.write(f"{machine()}\n\n{markdown(figures)}")
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
