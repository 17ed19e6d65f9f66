"""What a page of real news costs in the matcher with 10 to 10,000 terms and 100 watches, beside its extraction."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median

import trafilatura

from pipeline import flow
from pipeline.config.shipped import shipped_folder
from pipeline.flow.matching import build_matcher
from pipeline.watch.matcher import Matcher, Piece, Watch
from pipeline.watch.text import Plain, Words, tidy
from tests.bench.figures import Figure
from tests.conftest import SHARED_DATA

_RUNS = 5
_WATCHES = 100
_TERMS = (10, 1_000, 10_000)
_SHARE, _GROWTH, _COMPILED = 0.02, 3.0, 1.0
_SAMPLE = 5  # of the corpus every fifth item


def figures() -> Iterable[Figure]:
    """Extraction is that of the real pages, per character of their text, as the news is shorter than they are."""
    pieces = _news()
    size = sum(len(piece.text) for piece in pieces) / len(pieces)
    matchers = {count: Matcher(_watches(pieces, count)) for count in _TERMS}
    for matcher in matchers.values():
        _seconds(lambda m=matcher: [m.judge(piece) for piece in pieces])  # it learns the words of the language
    pages = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))]
    text = sum(len(trafilatura.extract(page) or "") for page in pages) / len(pages)
    costs: dict[int, list[float]] = {count: [] for count in _TERMS}
    extraction = []
    for _ in range(_RUNS):
        alone = _seconds(lambda: [trafilatura.extract(page) for page in pages[::5]]) / len(pages[::5])
        extraction.append(alone * size / text * 1000)
        for count, matcher in matchers.items():
            took = _seconds(lambda m=matcher: [m.judge(piece) for piece in pieces])
            costs[count].append(took / len(pieces) * 1000)
    print("chars", size, text, {c: median(v) for c, v in costs.items()}, median(extraction), "per page", alone * 1000)
    for count in _TERMS:
        print(count, median(costs[count]) / median(extraction), median(costs[count]) / alone / 1000)
    yield Figure("matching", "x", "ms", costs[1000])


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _news() -> list[Piece]:
    with (SHARED_DATA / "corpus" / "stream.jsonl").open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream][::_SAMPLE]
    return [Piece(tidy(item["title"]), tidy(item["text"] or item["summary"] or "")) for item in items]


def _watches(pieces: Sequence[Piece], count: int) -> list[Watch]:
    """Of two groups each, with the terms dealt out to them in turn; where there are too few, some have the same."""
    terms = _terms(pieces, count)
    slots = max(2, 2 * count // (2 * _WATCHES))
    dealt = [terms[at % count] for at in range(_WATCHES * slots)]
    return [
        Watch(f"watch {n}", "sentence", {"one": dealt[n::_WATCHES][::2], "other": dealt[n::_WATCHES][1::2]})
        for n in range(_WATCHES)
    ]


def _terms(pieces: Sequence[Piece], count: int) -> list[str]:
    """Two words of the news that follow each other somewhere: inflected, exact, and as a prefix."""
    chance = random.Random(1)
    pairs: dict[str, None] = {}
    while len(pairs) < count:
        forms = [
            form for form in Words(Plain(chance.choice(pieces).text).text).forms if len(form) > 3 and form.isalpha()
        ]
        if len(forms) > 1:
            at = chance.randrange(len(forms) - 1)
            pairs[f"{forms[at]} {forms[at + 1]}"] = None
    return [(pair, f'"{pair}"', f"{pair}*")[number % 3] for number, pair in enumerate(pairs)]
