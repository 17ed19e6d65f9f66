"""What a page costs in the matcher with 10 to 10,000 terms and 100 watches, beside its extraction by trafilatura.

The pages are of real news: pieces that follow each other, put together until they have the length of the real pages'
texts. A page is judged as ingestion does it. Times are of the processor.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any

import trafilatura

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.flow.matching import build_matcher
from pipeline.watch.matcher import Matcher, Watch
from pipeline.watch.piece import Piece
from pipeline.watch.text import Plain, Words, tidy
from tests.bench.figures import Figure
from tests.conftest import SHARED_DATA

_RUNS = 5
_WATCHES = 100
_FEW, _MANY, _MOST = 10, 1_000, 10_000
_SHARE, _GROWTH, _COMPILED = 0.02, 3.0, 1.0
_EVERY = 4
"""Of the pages, real ones and those of news, each so many-th is taken."""
_COMPILE = Piece("To compile it", "The words of a language are compiled with the first text in it.")


def figures() -> Iterable[Figure]:
    html = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))[::_EVERY]]
    length = median(len(trafilatura.extract(page) or "") for page in html)
    pages = list(_pages(length))[::_EVERY]
    matchers = {count: Matcher(_watches(_terms(pages, count))) for count in (_FEW, _MANY, _MOST)}
    extraction: list[float] = []
    costs: dict[int, list[float]] = {count: [] for count in matchers}
    for run in range(_RUNS + 1):
        alone = _milliseconds(trafilatura.extract, html)
        taken = {count: _milliseconds(matcher.flagged, pages) for count, matcher in matchers.items()}
        if run:  # in the first the words of the language are learned
            extraction.append(alone)
            for count, cost in taken.items():
                costs[count].append(cost)
    peer = {"peer": "trafilatura", "peer_runs": extraction}
    of = f"{_WATCHES} watches, a page of {length:,.0f} characters"
    few, many, most = (costs[count] for count in (_FEW, _MANY, _MOST))
    yield Figure("matching", f"{_FEW} terms, {of}", "ms", few, **peer)
    holds = median(many) <= _SHARE * median(extraction)
    yield Figure("matching", f"{_MANY:,} terms, {of}", "ms", many, f"at most {_SHARE:.0%}", holds, **peer)
    holds = median(most) <= _GROWTH * median(many)
    asked = f"at most {_GROWTH:g} times"
    yield Figure("matching", f"{_MOST:,} terms, {of}", "ms", most, asked, holds, f"{_MANY:,} terms", many)
    settings = flow.load_settings(shipped_folder())
    yield _compiling(f"{_MOST:,} terms, {_WATCHES} watches", partial(Matcher, _watches(_terms(pages, _MOST))))
    yield _compiling("the shipped watches", partial(build_matcher, settings))


def _milliseconds(work: Callable[[Any], object], pages: Sequence[Any]) -> float:
    """Of processor time that the work takes for each page."""
    began = time.process_time()
    for page in pages:
        work(page)
    return (time.process_time() - began) / len(pages) * 1000


def _compiling(what: str, build: Callable[[], Matcher]) -> Figure:
    """How long it is until the first text has been judged."""
    runs = [_milliseconds(lambda _: build().flagged(_COMPILE), [None]) / 1000 for _ in range(_RUNS)]
    return Figure("matching", f"compiling {what}", "s", runs, f"under {_COMPILED:g} s", median(runs) < _COMPILED)


def _pages(length: float) -> Iterator[Piece]:
    """The news in pages of about so many characters, each with the title of its first piece."""
    with (SHARED_DATA / "corpus" / "stream.jsonl").open(encoding="utf-8") as stream:
        news = [json.loads(line) for line in stream]
    title, parts = "", list[str]()
    for item in news:
        title = title or tidy(item["title"])
        parts.append(tidy(item["text"] or item["summary"] or ""))
        if sum(map(len, parts)) >= length:
            yield Piece(title, "\n".join(parts)[: int(length)])
            title, parts = "", []


def _watches(terms: Sequence[str]) -> list[Watch]:
    """Of two groups each, with the terms dealt out in turn; where there are too few, several watches have the same."""
    each = max(2, len(terms) // _WATCHES)
    dealt = [terms[place % len(terms)] for place in range(_WATCHES * each)]
    hands = [dealt[number::_WATCHES] for number in range(_WATCHES)]
    return [
        Watch(f"watch {number}", "sentence", {"one": hand[::2], "other": hand[1::2]})
        for number, hand in enumerate(hands)
    ]


def _terms(pages: Sequence[Piece], count: int) -> list[str]:
    """Two words of the news that follow each other somewhere: inflected, exact, and the second as a beginning."""
    chance = random.Random(1)
    pairs: dict[str, None] = {}
    while len(pairs) < count:
        forms = [form for form in Words(Plain(chance.choice(pages).text).text).forms if form]
        one, other = forms[at := chance.randrange(len(forms) - 1)], forms[at + 1]
        if len(one) > 3 and len(other) > 3 and one.isalpha() and other.isalpha():
            pairs[f"{one} {other}"] = None
    return [(pair, f'"{pair}"', f"{pair}*")[number % 3] for number, pair in enumerate(pairs)]
