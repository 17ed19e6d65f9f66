"""What of an extracted page is the piece itself, and not what stands around it. Pure.

Pages carry along links to other stories, bylines, notes on the author, disclaimers and calls to subscribe. A line is
none of the piece where

- a term of `furniture` (words of watches.yaml) opens it;
- it belongs to a list that such a line opens;
- it is one of three or more lines in a row that look like headlines: links to other stories.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pipeline.watch.text import Span, paragraphs

_MARKS = re.compile(r"[\s#*_>•·|+-]*")
_BULLET = re.compile(r"\s*(?:[-*•·+]|\d{1,2}[.)])\s")
_END = re.compile(r"""[.!?:;,…。！？]["')\]*_]*$""")
_FEWEST_LINKS = 3
_HEADLINE_WORDS = range(4, 25)


def lines_of(text: str, furniture: Iterable[Span], title_length: int) -> list[Span]:
    """The lines of a plain text that are the piece, the title first. `furniture` is where its terms were found."""
    lines = paragraphs(text)
    opens = {span.start for span in furniture}
    dropped: set[int] = set()
    for index, line in enumerate(lines):
        if line.start >= title_length and _words_begin(text, line) in opens:
            dropped.add(index)
            dropped.update(_list_after(text, lines, index + 1, dropped))
    for run in _runs(text, lines, title_length):
        dropped.update(run)
    return [line for index, line in enumerate(lines) if index not in dropped]


def _words_begin(text: str, line: Span) -> int:
    """Where the line begins, but for the marks of a list, a heading or emphasis."""
    match = _MARKS.match(text, line.start, line.end)
    return match.end() if match else line.start


def _list_after(text: str, lines: Sequence[Span], index: int, dropped: Collection[int]) -> Iterator[int]:
    """The lines of the list that begins here, if one does, as far as they are not dropped yet."""
    while index < len(lines) and index not in dropped and _BULLET.match(text, lines[index].start, lines[index].end):
        yield index
        index += 1


def _runs(text: str, lines: Sequence[Span], title_length: int) -> Iterator[range]:
    """Runs of lines that look like headlines of other stories, the title and a list that a colon opens left out."""
    first = start = 1 if lines and lines[0].start < title_length else 0
    for index in range(first, len(lines) + 1):
        if index < len(lines) and _is_headline(text[lines[index].start : lines[index].end]):
            continue
        opened = text[lines[start - 1].start : lines[start - 1].end].rstrip().endswith(":") if start else False
        if index - start >= _FEWEST_LINKS and not opened:
            yield range(start, index)
        start = index + 1


def _is_headline(line: str) -> bool:
    return len(line.split(maxsplit=_HEADLINE_WORDS.stop)) in _HEADLINE_WORDS and not _END.search(line)
