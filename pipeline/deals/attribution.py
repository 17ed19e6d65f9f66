"""Whose report a piece passes on. Pure.

A piece does so where a sentence of the deal says it of an outlet ("Bloomberg reported", "told Reuters", "laut
Handelsblatt"), or where its text opens with the place and name of a wire: "PARIS (Reuters) -".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain import Mark, Mention, Sentence

OUTLET = "outlet:"
"""With an outlet's slug: the label of its names."""
NO_OUTLET = "no outlet"
"""The label of names that hold an outlet's, and are not its."""
VERB = "reports"
"""The label of what an outlet does, before or after its name."""
LEAD = "passes on"
"""The label of what stands before the name of who said it."""

_SURE = 0.35
"""A sentence this sure speaks of a deal."""
_OPENING = 3
"""Sentences of the deal that a piece opens with: what they pass on, the piece does."""
_REACH = 40
_DATELINE = 60
_ENDS = re.compile(r"[.;:!?…]\s|\n|\b(?:and|but|while|y|und|et)\b")
_WIRE = re.compile(r"\s*(?:\)\s*)?[-–—:]")


def citation(sentences: Sequence[Sentence], mention: Mention, main: bool) -> str:
    """The slug of the outlet whose report of a deal a piece passes on; empty where it tells by itself.

    `main` where the mention is that of which the piece tells first: what it opens with is said of this one.
    """
    said = [sentence for sentence in sentences if sentence.certainty >= _SURE]
    for at, sentence in enumerate(said):
        if _speaks_of(sentence, mention) or (main and at < _OPENING and not _of_others(sentence, mention)):
            found = _dateline(sentence) or _cited(sentence)
            if found:
                return found
    return ""


def _speaks_of(sentence: Sentence, mention: Mention) -> bool:
    """Whether the sentence is the mention's best, or states a figure of it."""
    end = sentence.start + len(sentence.text)
    return sentence.text == mention.quote or any(
        fact.where == sentence.where and sentence.start <= fact.start < end for fact in mention.facts
    )


def _of_others(sentence: Sentence, mention: Mention) -> bool:
    """Whether it names companies beside the one whose deals these are, and none of the mention's."""
    named = {mark.label[1:] for mark in sentence.marks if mark.label.startswith("@")}
    return len(named) > 1 and not named & {party.slug for party in mention.parties}


def _dateline(sentence: Sentence) -> str:
    """The wire whose name opens the text."""
    for mark in _outlets(sentence):
        after = sentence.text[mark.end :]
        before = sentence.text[: mark.start]
        if mark.end <= _DATELINE and _WIRE.match(after) and (before.endswith("(") or not before.strip()):
            return mark.label.removeprefix(OUTLET)
    return ""


def _cited(sentence: Sentence) -> str:
    """The first outlet that the sentence says a report is of."""
    for mark in _outlets(sentence):
        for other in sentence.marks:
            follows, precedes = 0 <= other.start - mark.end <= _REACH, 0 <= mark.start - other.end <= _REACH
            between = sentence.text[mark.end : other.start] if follows else sentence.text[other.end : mark.start]
            verb = other.label == VERB and (follows or precedes)
            if (verb or (other.label == LEAD and precedes)) and not _ENDS.search(between):
                return mark.label.removeprefix(OUTLET)
    return ""


def _outlets(sentence: Sentence) -> list[Mark]:
    """The names of outlets, without those that are part of another's name."""
    others = [mark for mark in sentence.marks if mark.label == NO_OUTLET]
    return [
        mark
        for mark in sentence.marks
        if mark.label.startswith(OUTLET) and not any(o.start <= mark.start and mark.end <= o.end for o in others)
    ]
