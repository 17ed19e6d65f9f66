"""Precision, recall and F1 of a watch on labelled pieces, and what it got wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.domain import Level, Verdict

UNSURE = 1
"""Labels as unsure as this are left out of every figure: a coin toss."""


@dataclass(frozen=True)
class Label:
    """What a person says of a piece. `sure` is 3 (certain), 2 (fairly) or 1 (a coin toss)."""

    mentions: bool
    about: bool
    sure: int = 3


@dataclass(frozen=True)
class Item:
    """A labelled piece, and where it is from."""

    id: str
    date: str
    source: str
    text_kind: str
    title: str
    label: Label


@dataclass(frozen=True)
class Figures:
    """Precision, recall and their harmonic mean, over `n` items; 1.0 where nothing could go wrong."""

    precision: float
    recall: float
    f1: float
    n: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[bool, bool]]) -> Figures:
        """From (labelled, found) pairs."""
        counted = list(pairs)
        right = sum(labelled and found for labelled, found in counted)
        labelled, found = sum(pair[0] for pair in counted), sum(pair[1] for pair in counted)
        return cls(
            right / found if found else 1.0,
            right / labelled if labelled else 1.0,
            2 * right / (labelled + found) if labelled + found else 1.0,
            len(counted),
        )


@dataclass(frozen=True)
class Quality:
    """How well a watch judges. Misses and false alarms are of `mentions`, the worst first."""

    mentions: Figures
    about: Figures
    by_text_kind: dict[str, Figures] = field(default_factory=dict)
    by_source: dict[str, Figures] = field(default_factory=dict)
    misses: Sequence[tuple[Item, Verdict]] = ()
    false_alarms: Sequence[tuple[Item, Verdict]] = ()

    def data(self) -> dict[str, Any]:
        """As plain data: figures, and the ids of what went wrong."""

        def rounded(figures: Figures) -> dict[str, float]:
            return {name: round(value, 4) for name, value in vars(figures).items()}

        return {
            "mentions": rounded(self.mentions),
            "about": rounded(self.about),
            "by_text_kind": {kind: rounded(figures) for kind, figures in self.by_text_kind.items()},
            "by_source": {source: rounded(figures) for source, figures in self.by_source.items()},
            "false_alarms": [item.id for item, _ in self.false_alarms],
            "misses": [item.id for item, _ in self.misses],
        }


def measure(judged: Iterable[tuple[Item, Verdict]]) -> Quality:
    """The figures of these items and the verdicts on them."""
    sure = [(item, verdict) for item, verdict in judged if item.label.sure > UNSURE]
    misses = [(item, verdict) for item, verdict in sure if item.label.mentions and not verdict.matched]
    false_alarms = [(item, verdict) for item, verdict in sure if verdict.matched and not item.label.mentions]
    return Quality(
        mentions=_mentions(sure),
        about=Figures.of((item.label.about, verdict.level is Level.ABOUT) for item, verdict in sure),
        by_text_kind=_by(sure, lambda item: item.text_kind),
        by_source=_by(sure, lambda item: item.source),
        misses=sorted(misses, key=lambda pair: (pair[1].certainty, -pair[0].label.sure)),
        false_alarms=sorted(false_alarms, key=lambda pair: -pair[1].certainty),
    )


def _mentions(judged: Iterable[tuple[Item, Verdict]]) -> Figures:
    return Figures.of((item.label.mentions, verdict.matched) for item, verdict in judged)


def _by(judged: Sequence[tuple[Item, Verdict]], key: Callable[[Item], str]) -> dict[str, Figures]:
    """The figures of `mentions` by a property of the items, the most frequent first."""
    groups: dict[str, list[tuple[Item, Verdict]]] = {}
    for item, verdict in judged:
        groups.setdefault(key(item), []).append((item, verdict))
    return {name: _mentions(members) for name, members in sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))}
