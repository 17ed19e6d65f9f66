"""What a window holds of a watch's groups, and what the text around it lends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pipeline.domain import Hit
from pipeline.watch.windows import Window

_REACH = 2
"""For how many sentences a subject that was named is still meant."""


class Lent(Enum):
    """From where a window has the subject that its own words lack."""

    BOTH = "named in the title and just before"
    TITLE = "named in the title"
    BEFORE = "named just before"


@dataclass(frozen=True)
class Evidence:
    """A window, the hits in it by group in the order of the text, and whether the subject comes from elsewhere."""

    window: Window
    hits: Mapping[str, Sequence[Hit]]
    subject: Lent | None = None


def gather(windows: Sequence[Window], hits: Sequence[Hit], subject: str | None) -> Iterator[Evidence]:
    """The evidence of each window that holds a hit. `hits` stand in the order of their start."""
    starts = [hit.start for hit in hits]
    in_title = any(hit.group == subject for window in windows if window.title for hit in _inside(window, hits, starts))
    named = -_REACH - 1
    for number, window in enumerate(windows):
        inside: dict[str, list[Hit]] = {}
        for hit in _inside(window, hits, starts):
            inside.setdefault(hit.group, []).append(hit)
        lent = None
        if subject in inside:
            named = number
        elif not window.title:
            before = number - named <= _REACH
            if in_title:
                lent = Lent.BOTH if before else Lent.TITLE
            elif before:
                lent = Lent.BEFORE
        if inside:
            yield Evidence(window, inside, lent)


def _inside(window: Window, hits: Sequence[Hit], starts: Sequence[int]) -> Iterator[Hit]:
    for index in range(bisect_left(starts, window.span.start), len(hits)):
        if hits[index].start >= window.span.end:
            return
        if hits[index].end <= window.span.end:
            yield hits[index]
