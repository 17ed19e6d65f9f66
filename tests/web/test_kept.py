"""Things that are kept for more than one answer."""

from __future__ import annotations

from pipeline.web.kept import Kept


def test_things_give_way_to_newer_ones() -> None:
    """Only so many are kept, those that were asked for last."""
    kept = Kept()
    made: list[int] = []

    for number in [*range(80), 0, 80, 0, 1]:
        kept.get((number,), lambda number=number: made.append(number))  # type: ignore[misc]

    assert made == [*range(81), 1]
