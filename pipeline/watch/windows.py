"""The windows of a text in which the groups of a watch must meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.watch.text import Span, Words, sentences

_STEPS = 50
"""A window of N words moves on by one word, and a wide one by this part of its width."""
_LEDE = 600
"""How many characters of the body are its beginning."""


@dataclass(frozen=True)
class Window:
    """A stretch in which groups may meet; `title` where it lies in the title, `lede` where the body begins."""

    span: Span
    title: bool
    lede: bool


def windows(text: str, lines: Sequence[Span], within: str, title_length: int) -> list[Window]:
    """The windows of the lines that are the piece. The title is one of its own, but not within `article`.

    `within` is `sentence`, `paragraph`, `article` or `N words`.
    """
    if within == "article":
        return [Window(Span(lines[0].start, lines[-1].end), title=False, lede=True)] if lines else []
    if within == "sentence":
        spans = [span for line in lines for span in sentences(text, line)]
    elif within == "paragraph":
        spans = list(lines)
    else:
        spans = [span for line in lines for span in _runs_of_words(text, line, int(within.split()[0]))]
    lede = title_length + _LEDE
    return [Window(span, span.end <= title_length, title_length < span.start < lede) for span in spans]


def _runs_of_words(text: str, line: Span, size: int) -> list[Span]:
    words = Words(text[line.start : line.end])
    places = [index for index, form in enumerate(words.forms) if form]
    runs = list(zip(places, places[min(size, len(places)) - 1 :], strict=False))
    step = max(1, size // _STEPS)
    kept = [*runs[:-1:step], *runs[-1:]]
    return [Span(line.start + words.starts[first], line.start + words.end(last)) for first, last in kept]
