"""Copies and rewrites: which pieces go back to one report. Pure.

A text is known again by a sketch of it: of the hashes of all runs of three words in its beginning, the smallest (a
bottom-k sketch; A. Broder, "On the resemblance and containment of documents", 1997). What share of two sketches is the
same estimates what share of the runs is. Only the beginning counts, because copies are cut at the end, and grow there.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import islice

from pipeline.domain import Origin, Source

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word, or a character of those languages that put no spaces between words."""
_RUN = 3
_BEGINNING = 300
_FEWEST = 30
"""Words: a shorter text says too little to be known again by."""
_SIZE = 64
_DIGITS = 6
_ALIKE = 0.25
"""Measured: rewrites with a tenth of their words changed lie above, texts of different outlets below 0.21."""
_MOST_COPIES = 50
"""Texts that are looked at for one run; the first of many copies is among the first."""


def fingerprint(title: str, body: str) -> str:
    """The sketch of a text, as hexadecimal digits; empty where there is too little text.

    The title, which copies change, does not count, and neither does a body that only repeats it.
    """
    heading = list(_words(title))
    words = list(islice(_words(body), len(heading) + _BEGINNING))
    if heading and words[: len(heading)] == heading:
        words = words[len(heading) :]
    words = words[:_BEGINNING]
    if len(words) < _FEWEST:
        return ""
    runs = {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    return "".join(sorted({blake2b(run.encode(), digest_size=_DIGITS // 2).hexdigest() for run in runs})[:_SIZE])


def _words(text: str) -> Iterator[str]:
    return (found[0] for found in _WORD.finditer(unicodedata.normalize("NFKC", text).casefold()))


def alike(one: str, other: str) -> bool:
    """Whether one of two texts, by their fingerprints, is a copy or a light rewrite of the other."""
    return bool(one and other) and _likeness(_sketch(one), _sketch(other)) >= _ALIKE


def _sketch(fingerprint: str) -> frozenset[str]:
    return frozenset(fingerprint[at : at + _DIGITS] for at in range(0, len(fingerprint), _DIGITS))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of runs that two texts have in common, as estimated from their sketches (0 to 1)."""
    smallest = sorted(one | other)[: max(len(one), len(other))]
    return sum(hash_ in one and hash_ in other for hash_ in smallest) / len(smallest)


def corroborated(sources: Sequence[Source]) -> list[Source]:
    """The sources, in the given order, each with the origin of the first, by publication, of which it is a copy.

    A copy of what an official source published goes back to that, even if it was out a moment before.
    """
    order = sorted(range(len(sources)), key=lambda at: (not sources[at].official, *_published(sources[at])))
    models = _models([sources[at].fingerprint for at in order])
    found = list(sources)
    for at, model in zip(order, models, strict=True):
        if model is not None and not sources[at].official:
            found[at] = replace(sources[at], origin=found[order[model]].origin)
    return found


def _published(source: Source) -> tuple[object, ...]:
    return source.published, source.url, source.article, source.origin


def _models(fingerprints: Sequence[str]) -> list[int | None]:
    """For each fingerprint the place of the first one before it that is alike."""
    sketches: list[frozenset[str]] = []
    holding: dict[str, list[int]] = defaultdict(list)
    found = []
    for place, sketch in enumerate(map(_sketch, fingerprints)):
        shared = Counter(other for hash_ in sketch for other in holding[hash_])
        near = sorted(at for at, count in shared.items() if count >= _ALIKE * max(len(sketch), len(sketches[at])))
        found.append(next((at for at in near if _likeness(sketch, sketches[at]) >= _ALIKE), None))
        sketches.append(sketch)
        for hash_ in sketch:
            if len(holding[hash_]) < _MOST_COPIES:
                holding[hash_].append(place)
    return found


def origins(sources: Sequence[Source]) -> list[Origin]:
    """The independent reports that the sources go back to, the first one first, each with its first article."""
    found: dict[str, Origin] = {}
    ordered = sorted(corroborated(sources), key=_published)
    for source in ordered:
        known = found.get(source.origin)
        lag = (source.published - ordered[0].published).total_seconds()
        found[source.origin] = (
            replace(known, official=known.official or source.official, articles=known.articles + 1)
            if known
            else Origin(source.origin, source.article, source.url, source.published, lag, source.official)
        )
    return list(found.values())
