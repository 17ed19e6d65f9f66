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
