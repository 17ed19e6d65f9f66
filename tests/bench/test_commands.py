"""Commands, timed."""

from __future__ import annotations

from functools import partial

import pytest

from tests.bench.commands import Command, in_turn


def test_command() -> None:
    """It has more in its environment; one that fails raises what it complained of."""
    assert Command(("sh", "-c", "echo $MORE"), {"MORE": "there"}).output() == "there\n"
    with pytest.raises(RuntimeError, match="ended with 1: no way"):
        Command(("sh", "-c", "echo no way >&2; exit 1")).taken()


def test_taken() -> None:
    """A process that waits takes time on the wall and next to none of CPU; one that works takes both."""
    waits = Command(("sleep", "0.2")).taken()
    works = Command(("sh", "-c", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done")).taken()

    assert waits.wall >= 0.2
    assert waits.cpu < waits.wall
    assert works.cpu > 0


def test_in_turn() -> None:
    """Each has its turn in every round."""
    order: list[str] = []

    def note(name: str) -> int:
        order.append(name)
        return len(order)

    found = in_turn({name: partial(note, name) for name in "ab"}, 2)

    assert order == ["a", "b", "a", "b"]
    assert found == {"a": [1, 3], "b": [2, 4]}
