"""Dealwire and its peers beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.bench.commands import Command, Taken
from tests.bench.figures import Figure
from tests.bench.peers import Missing, Poller
from tests.bench.polling import Dealwire, Polled, beside, runnable


@dataclass(frozen=True)
class _Peer:
    """A peer that is the shell."""

    peer: str = "shell 1"
    way: str = "plain"
    does: str = "echo done"

    def prepare(self, folder: Path, urls: object) -> None:
        (folder / "urls").write_text(f"{urls}")

    def poll(self, folder: Path) -> Command:
        return Command(("sh", "-c", f"cd {folder} && {self.does}"))

    def stored(self, folder: Path) -> int:
        return len(list(folder.iterdir()))


def _runs(*seconds: float) -> list[Polled]:
    return [Polled(Taken(wall, wall / 2), 1000, 7) for wall in seconds]


def test_beside() -> None:
    """Of the ways to set up a peer the fastest counts; the bar is a part of its time; a missing one is named."""
    found: dict[Poller, list[Polled]] = {
        Dealwire(): _runs(1, 2, 3),
        _Peer(way="slow"): _runs(9, 9, 9),
        _Peer(way="fast"): _runs(6, 5, 6),
        _Peer(peer="other 2"): _runs(1, 1, 1),
    }
    rows = list(beside(Figure("p", "w", "s", ()), found, [Missing("gone", "why")], {"shell": Fraction(1, 3)}))

    assert [(row.peer, row.peer_runs, row.bar, row.holds) for row in rows] == [
        ("shell 1", [6, 5, 6], "at most 1/3 of it", True),
        ("other 2", [1, 1, 1], "", None),
        ("gone", (), "", None),
    ]
    assert all(row.runs == [1, 2, 3] for row in rows)
    assert (
        rows[0].note == "1,000 entries, 7 times 304, 1 s of CPU; shell 1, fast: 1,000 entries, 7 times 304, 3 s of CPU"
    )
    assert rows[2].note == "why"


def test_runnable() -> None:
    """A peer that fails, or that could not be had, is named with its reason, and the rest is measured."""
    able, missing = runnable([_Peer(), _Peer(does="echo so bad >&2; exit 3"), Missing("gone", "why")], "http://a.test/")

    assert able == [_Peer()]
    assert [peer.peer for peer in missing] == ["shell 1", "gone"]
    assert "so bad" in missing[0].why
