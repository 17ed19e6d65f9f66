"""A measured figure, and tables of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """The median of some runs, beside a peer's where there is one, and what is asked of it.

    `what` says which work, `bar` what is asked, in words; `holds` whether that is so, None where nothing is asked or
    it could not be run. `runs` and `peer_runs` are in `unit`, in the order in which they were taken.
    """

    part: str
    what: str
    unit: str
    runs: Sequence[float]
    bar: str = ""
    holds: bool | None = None
    peer: str = ""
    peer_runs: Sequence[float] = ()
    note: str = ""

    @property
    def ours(self) -> float | None:
        return median(self.runs) if self.runs else None

    @property
    def theirs(self) -> float | None:
        return median(self.peer_runs) if self.peer_runs else None

    @property
    def ratio(self) -> float | None:
        """Ours to the peer's."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None


_HEADS = ("part", "what", "Dealwire", "peer", "ratio", "asked", "holds")


def markdown(figures: Iterable[Figure]) -> str:
    rows = [_HEADS, ("---",) * len(_HEADS), *map(_cells, figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(figure: Figure) -> tuple[str, ...]:
    peer = f"{figure.peer} {_shown(figure.theirs, figure.unit)}".strip() if figure.peer else ""
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
    holds = {True: "yes", False: "**no**", None: ""}[figure.holds]
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    return (figure.part, what, _shown(figure.ours, figure.unit), peer, ratio, figure.bar, holds)


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "not run"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def as_json(figures: Iterable[Figure]) -> str:
    """An array with an object for each figure, its runs and what follows from them."""
    rows = [{**asdict(f), "median": f.ours, "peer_median": f.theirs, "ratio": f.ratio} for f in figures]
    return json.dumps(rows, indent=1) + "\n"
