"""Whose a figure is: what a deal is worth, and not a valuation or another deal's sum. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.deals.clauses import Clause, distance
from pipeline.deals.counterparties import subject_marks
from pipeline.deals.figures import Figure
from pipeline.deals.lexicon import Lexicon
from pipeline.deals.partial import is_more, is_new_total
from pipeline.domain import Mark

_GAP = 28
"""Characters between a sum and the word that says that it is another one."""
_BREAKS_AFTER = re.compile(r"[,;:.!?]\s|\$|\b(?:and|y|und|et|with|for|deal|contract)\b")
_BREAKS_BEFORE = re.compile(r"[,;:.!?]\s|\$|\b(?:and|y|und|et|with|in|for)\b")
_DEAL_AFTER = re.compile(
    r"^[-\s⁠,]*(?:(?!(?:in|of|for|to|from|over|by|and|with|on)\b)[\w’'-]+[\s,]+){0,4}?(?:deal|contract|agreement|commitment|partnership|pact|investment|lease|loan|purchase|"
    r"order|acuerdo|contrato|inversión|вложен\w*|сделк\w*|vertrag)\b",
    re.IGNORECASE,
)
_DEAL_BEFORE = re.compile(
    r"\b(?:deal|contract|agreement|commitment|partnership|pact|lease)s?\b(?: with [\w.]+)?,? (?:that is |was |is )?"
    r"(?:worth|valued at|of|for|"
    r"to (?:buy|purchase|deploy|develop|add|secure))[\w\s]{0,12}$",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\b(?:jump|ros|ris|soar|f[ae]ll|surg|plung|climb|gr[eo]w|dropp?|slid|slump)\w*\b(?: by)?"
    r"(?: [\d.,]+ ?(?:%|percent))? to "
    r"(?:about |around |nearly |over |more than )?$"
)


def is_other(figure: Figure, clause: Clause) -> bool:
    """Whether a word beside the sum says that it is not the price: a valuation, revenue, a market value."""
    if is_new_total(clause.text, figure.start):
        return False
    if _MOVED.search(clause.text[: figure.start]):
        return True
    for mark in clause.labelled("other sum"):
        after = clause.text[figure.end : mark.start] if mark.start >= figure.end else None
        before = clause.text[mark.end : figure.start] if mark.end <= figure.start else None
        for gap, breaks in ((after, _BREAKS_AFTER), (before, _BREAKS_BEFORE)):
            if gap is not None and len(gap) <= _GAP and not breaks.search(gap):
                return True
    return False


def own(figures: Sequence[Figure], near: Sequence[Mark], others: Sequence[Mark], clause: Clause) -> list[Figure]:
    """Of the figures of a clause those that belong to the deal named by `near`: it is the nearest.

    Of two as near it is the one before the figure: to Acme for $5 billion and Borealis for $7 billion.
    """
    if not near or not others:
        return list(figures)

    def far(figure: Figure, marks: Sequence[Mark]) -> tuple[int, bool]:
        return min((distance(figure.start, figure.end, m, clause.text), m.start > figure.start) for m in marks)

    return [figure for figure in figures if far(figure, near) <= far(figure, others)]


def nearness(figure: Figure, near: Sequence[Mark], clause: Clause, lexicon: Lexicon) -> float:
    """From 1 down: by how near a figure stands to the deal's parties and to those whose deals these are, and to a word
    for a deal."""
    if is_more(clause.text, figure.start, figure.end):
        return 0.4
    beside = is_stated(figure, clause) or is_new_total(clause.text, figure.start)
    far = [
        min((distance(figure.start, figure.end, mark, clause.text) for mark in marks), default=100)
        for marks in (near, subject_marks(clause, lexicon))
    ]
    return (1.0 if beside else 0.5) / (1 + sum(far) / 400)


def is_stated(figure: Figure, clause: Clause) -> bool:
    """Whether a word for a deal stands beside the figure."""
    after, before = clause.text[figure.end :], clause.text[: figure.start]
    return bool(_DEAL_AFTER.search(after) or _DEAL_BEFORE.search(before))
