"""Where in an article a watch found what it looks for, for the text to be shown with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from pipeline.domain import Hit, Passage
from pipeline.watch.piece import Piece

_RUN = re.compile(rb"(.)\1*", re.DOTALL)


class Depth(IntEnum):
    """What a stretch of text is: none of a passage, in one, or a term in one."""

    NONE = 0
    PASSAGE = 1
    TERM = 2


Marked = tuple[tuple[str, Depth], ...]
"""A text in pieces."""


@dataclass(frozen=True)
class Quoted:
    """A passage with its terms marked, and listed by group."""

    passage: Passage
    words: Marked
    groups: dict[str, list[str]]


@dataclass(frozen=True)
class Shown:
    """The parts of a piece with their marks; `feed` is empty where it says nothing that the body does not."""

    title: Marked
    feed: Marked
    body: Marked


def shown(piece: Piece, passages: Iterable[Passage], most: int) -> Shown:
    """The piece with these passages marked, `most` characters of its body.

    A passage whose words are no longer where they were is looked for in the rest; one that is gone is not marked.
    """
    whole = piece.text
    depths = bytearray(len(whole))
    found = list(_placed(piece, whole, passages))
    for start, end, _ in found:
        depths[start:end] = bytes([Depth.PASSAGE]) * (end - start)
    for start, end, hits in found:
        for first, last in hits:
            _mark(depths, max(first, start), min(last, end))
    parts = piece.parts
    ends = dict(zip(parts, [*(start - 1 for start in list(parts.values())[1:]), len(whole)], strict=True))
    ends["body"] = min(ends["body"], parts["body"] + most)
    cut = {name: _pieces(whole, depths, start, ends[name]) for name, start in parts.items()}
    return Shown(cut["title"], cut.get("feed", ()), cut["body"])


def quoted(passage: Passage) -> Marked:
    """The quote of a passage with its terms marked."""
    depths = bytearray(len(passage.quote))
    for first, last in _moved(passage.hits, -passage.start):
        _mark(depths, max(first, 0), min(last, len(depths)))
    return _pieces(passage.quote, depths, 0, len(depths))


def grouped(passage: Passage) -> dict[str, list[str]]:
    """The terms found by group, each once, in the order of the text."""
    groups: dict[str, list[str]] = {}
    for hit in passage.hits:
        if hit.term not in groups.setdefault(hit.group, []):
            groups[hit.group].append(hit.term)
    return groups


def quote_of(passage: Passage) -> Quoted:
    return Quoted(passage, quoted(passage), grouped(passage))


def _placed(piece: Piece, whole: str, passages: Iterable[Passage]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Start, end and terms of each passage that still stands, in all of the text."""
    for passage in passages:
        offset = 0 if passage.where == "article" else piece.parts.get(passage.where, 0)
        start = _nearest(whole, passage.quote, passage.start + offset)
        if start is not None:
            yield start, start + len(passage.quote), list(_moved(passage.hits, start - passage.start))


def _nearest(whole: str, quote: str, at: int) -> int | None:
    """Where the quote stands, nearest to where it did; None where it is gone."""
    if not quote or whole.startswith(quote, max(at, 0)):
        return max(at, 0) if quote else None
    before, after = whole.rfind(quote, 0, max(at, 0) + len(quote)), whole.find(quote, max(at, 0))
    places = [place for place in (before, after) if place >= 0]
    return min(places, key=lambda place: abs(place - at), default=None)


def _moved(hits: Iterable[Hit], by: int) -> Iterator[tuple[int, int]]:
    return ((hit.start + by, hit.end + by) for hit in hits)


def _mark(depths: bytearray, first: int, last: int) -> None:
    """Make this stretch a term, where it is one at all."""
    if first < last:
        depths[first:last] = bytes([Depth.TERM]) * (last - first)


def _pieces(text: str, depths: bytearray, start: int, end: int) -> Marked:
    """The stretch of the text, cut where the depth changes."""
    runs = (run.span() for run in _RUN.finditer(depths, start, end))
    return tuple((text[first:last], Depth(depths[first])) for first, last in runs)
