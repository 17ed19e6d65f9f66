"""What befalls a part of a deal only: a phase of a site that is late, a partner that leaves. Pure."""

from __future__ import annotations

import re

from pipeline.deals.clauses import Clause
from pipeline.deals.counterparties import Companies
from pipeline.domain import Status

_PART = re.compile(
    r"\b(?:(?:first|second|third|next|last|final|other|one) (?:half|part|phase|stage|section|hall|building)"
    r"|(?:half|part|phase|portion|expansion|extension|ampliación|fase|erweiterung) (?:of|at|to|in|de|der|\d)\b"
    r"|(?:to|would) (?:expand|enlarge|extend)|(?:planned|further|\w+-(?:mega|giga)watt) (?:expansion|extension)s?)",
    re.IGNORECASE,
)
_NEAR = 40
_LEAVES = re.compile(
    r"^(?: (?:Group|Corp\.?))?,? (?:is |has |have |will |would |plans to |decided to )?"
    r"(?:leav(?:e|es|ing)|left|quit(?:s|ting)?|exit(?:s|ed|ing)?|withdraw(?:s|n|ing)?|withdrew|"
    r"(?:pull(?:s|ed|ing)?|drop(?:s|ped|ping)?|back(?:s|ed|ing)?) out|walk(?:s|ed|ing)? away)\b"
)

_MORE_BEFORE = re.compile(
    r"\b(?:additional|further|extra|existing|previous|earlier|prior|initial|original|first|another|"
    r"add(?:s|ed|ing)?(?: another)?)\s$",
    re.IGNORECASE,
)
_MORE_AFTER = re.compile(r"\s(?:more|extra|on top|addition|increase|expansion)\b", re.IGNORECASE)
_IN_ALL = re.compile(
    r"\b(?:total|(?<!market )value|size|contract|order|commitment|agreement|deal)\b[^.;$€£%]{0,60}"
    r"(?:\bfrom [$€£\d][^.;]{0,25})?\bto (?:about |around |nearly |over |more than |as much as |up to )?$"
)
_GROWS = re.compile(
    r"\b(?:tak(?:e|es|ing)|bring(?:s|ing)?|brought|lift(?:s|ed|ing)?|rais(?:e|es|ed|ing)|ris(?:e|es|ing)|rose|"
    r"increas(?:e|es|ed|ing)|expand(?:s|ed|ing)?|gr[eo]w(?:s|ing)?|swell(?:s|ed|ing)?|cut(?:s|ting)?|"
    r"reduc(?:e|es|ed|ing)|lower(?:s|ed|ing)?|shrinks?|fall(?:s|ing)?)\b",
    re.IGNORECASE,
)


def is_more(text: str, start: int, end: int) -> bool:
    """Whether a figure in a text is of a part: a first tranche, what is added, or what it was before."""
    return bool(_MORE_BEFORE.search(text[:start]) or _MORE_AFTER.match(text, end))


def is_new_total(text: str, start: int) -> bool:
    """Whether a figure is what a deal comes to by what is told: raising the total to $22 billion."""
    whole = _IN_ALL.search(text[:start])
    return bool(whole and _GROWS.search(text[max(0, whole.start() - 60) : start]))


def is_partly_off(clause: Clause) -> bool:
    """Whether the clause says that a part is stalled or cancelled, and not the whole."""
    marks = [m for m in clause.marks if m.label in (f"status:{Status.STALLED}", f"status:{Status.CANCELLED}")]
    return any(
        part.start() - mark.end <= _NEAR and mark.start - part.end() <= _NEAR
        for mark in marks
        for part in _PART.finditer(clause.text)
    )


def leaving(clause: Clause, companies: Companies) -> list[str]:
    """The counterparties, by slug, that the clause says leave."""
    return [slug for slug, marks in companies.items() if any(_LEAVES.match(clause.text[m.end :]) for m in marks)]
