"""Figures, and tables of them."""

from __future__ import annotations

import json

from tests.bench.figures import Figure, as_json, markdown

_FIGURE = Figure("poll", "feeds", "s", (3.0, 1.0, 2.0), "at most 1/3 of it", False, "newsboat", (4.0, 4.0), "noted")


def test_markdown() -> None:
    """A row for each, with medians, ratio and whether the bar holds; what was not run is said to be so."""
    lines = markdown([_FIGURE, Figure("start", "help", "s", (0.2,), peer="gone")]).splitlines()

    assert lines[2] == "| poll | feeds (noted) | 2 s | newsboat 4 s | 0.5 | at most 1/3 of it | **no** |"
    assert lines[3] == "| start | help | 0.2 s | gone not run |  |  |  |"
    assert len({line.count("|") for line in lines}) == 1


def test_json() -> None:
    """All runs, in order, and what follows from them."""
    (row,) = json.loads(as_json([_FIGURE]))

    assert row["runs"] == [3.0, 1.0, 2.0]
    assert (row["median"], row["peer_median"], row["ratio"]) == (2.0, 4.0, 0.5)
