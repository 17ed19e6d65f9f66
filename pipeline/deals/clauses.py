"""Sentences to clauses, and how far apart things stand in one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.domain import Mark, Sentence

_BREAK = re.compile(
    r";\s|\s?—\s?|\s–\s|:\s(?=[A-Z])"
    r"|,? (?=(?:while|whereas|although|though|but|after|plus|as well as|mientras|aunque|während|aber|tandis)\s)"
    r"|, (?=(?:and|with|which|who|where|y|und|et) (?!(?:others|more|other)\b)[a-zñáéíóúäöü])"
    r"|, (?=and [A-Z][\w.&]*(?: [A-Z][\w.&]*)* (?:has|have|had|is|are|was|were|will|would|also|said|[a-z]+ed)\b)"
    r"|,? (?=(?:as part of|como parte del?|im Rahmen|dans le cadre)\s)"
)
_RELATIVE = re.compile(r"(?:which|who|that)\s")
_ANTECEDENT = 40
"""Characters that may stand between a company and the relative clause about it."""
_LONGER, _COMMA = 60, 25
"""Characters that another clause, and a comma, are worth."""
_APART = re.compile(r"[;:]|,? (?:while|but|whereas|although|after|plus|including)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A stretch of a sentence that says one thing. Marks count from its own beginning, `offset` from the sentence's."""

    sentence: Sentence
    offset: int
    text: str
    marks: tuple[Mark, ...]
    first: bool
    listed: bool = False
    """Whether a semicolon stands before it."""

    def labelled(self, label: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.label == label]

    def values(self, sort: str) -> list[tuple[str, Mark]]:
        """What stands behind `sort:` in the labels, with the marks."""
        return [(mark.label.removeprefix(sort), mark) for mark in self.marks if mark.label.startswith(sort)]

    def companies(self) -> list[tuple[str, Mark]]:
        return self.values("@")


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of a sentence, in order."""
    cuts = [0, *(match.end() for match in _BREAK.finditer(sentence.text)), len(sentence.text)]
    for number, (start, end) in enumerate(pairwise(cuts)):
        if _RELATIVE.match(sentence.text, start):
            start = max((m.start for m in sentence.marks if _is_before(m, start)), default=start)
        inside = tuple(
            Mark(mark.label, mark.start - start, mark.end - start)
            for mark in sentence.marks
            if start <= mark.start and mark.end <= end
        )
        if end > start:
            yield Clause(
                sentence,
                start,
                sentence.text[start:end],
                inside,
                number == 0,
                sentence.text[:start].rstrip().endswith(";"),
            )


def _is_before(mark: Mark, start: int) -> bool:
    return mark.label[0] == "@" and 0 <= start - mark.end <= _ANTECEDENT


def distance(start: int, end: int, mark: Mark, text: str) -> int:
    """Characters between a stretch and a mark; another clause, and a comma, make it more."""
    first, second = (end, mark.start) if end <= mark.start else (mark.end, start)
    between = text[first:second]
    return len(between) + _LONGER * len(_APART.findall(between)) + _COMMA * between.count(",")


def nearest(start: int, end: int, marks: Sequence[Mark], text: str, none: int = 10**6) -> int:
    """How far the nearest of the marks is; `none` where there is no mark."""
    return min((distance(start, end, mark, text) for mark in marks), default=none)
