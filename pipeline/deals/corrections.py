"""What an outlet takes back: the figures that a notice of correction puts right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.deals.figures import Figure, capacity, chips, money, terms
from pipeline.domain import Fact, Mention

_NOTICE = re.compile(
    r"^\W{0,3}(?:correction|corrected|corrects|update[sd]? and corrects|corrección|corrige|fe de errores)\b"
    r"|^\W{0,3}(?:korrektur|berichtigung)\b"
    r"|\b(?:earlier|previous) version of this (?:article|story|report|piece|headline)\b"
    r"|\bversión anterior de (?:este|esta)\b|\bfrüheren (?:version|fassung)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:earlier|previous) version\b|\bversión anterior\b|\bfrüheren (?:version|fassung)\b", re.IGNORECASE
)


def corrected(mentions: Sequence[Mention], title: str, text: str, language: str) -> list[Mention]:
    """The mentions of a piece, with those figures as revised that a notice in it gives.

    What a sentence says an earlier version had is no figure.
    """
    notices = [line for line in (title, *text.split("\n")) if _NOTICE.search(line)]
    if not notices:
        return list(mentions)
    right = {(figure.unit, figure.value) for notice in notices for figure in _figures(notice, language)}
    return [replace(mention, facts=tuple(_put_right(mention.facts, right))) for mention in mentions]


def _put_right(facts: Sequence[Fact], right: set[tuple[str, float]]) -> Iterator[Fact]:
    for fact in facts:
        if not _BEFORE.search(fact.quote):
            yield replace(fact, revised=fact.revised or (fact.unit, float(fact.value)) in right)


def _figures(text: str, language: str) -> Iterator[Figure]:
    yield from money(text, language)
    yield from capacity(text)
    yield from chips(text)
    yield from terms(text)
