"""How long 10 to 10,000 terms take to compile, and how fast real news is scanned for them on one core."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from statistics import median

from pipeline.watch.finder import Finder
from pipeline.watch.terms import Vocabulary, parse
from pipeline.watch.text import Plain, Words, tidy
from tests.conftest import SHARED_DATA

_RUNS = 5


def news(corpus: Path) -> list[str]:
    """The texts of the stream, as a matcher gets them."""
    with (corpus / "stream.jsonl").open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream]
    return [tidy(f"{item['title']}\n{item['text'] or item['summary'] or ''}") for item in items]


def terms(texts: list[str], count: int) -> list[str]:
    """Names and phrases of two words of the news that follow each other somewhere, exact, inflected and prefixes."""
    chance = random.Random(1)
    pairs = []
    while len(pairs) < count:
        forms = [form for form in Words(Plain(chance.choice(texts)).text).forms if len(form) > 3 and form.isalpha()]
        if len(forms) > 1:
            at = chance.randrange(len(forms) - 1)
            pairs.append(f"{forms[at]} {forms[at + 1]}")
    return [(pair, f'"{pair}"', f"{pair}*")[number % 3] for number, pair in enumerate(pairs)]


def main(corpus: Path) -> None:
    texts = news(corpus)
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts):,} texts, {size:.1f} MB; medians of {_RUNS}; the first reading also learns the words")  # noqa: T201
    for count in (10, 1_000, 10_000):
        sources = terms(texts, count)
        compiled, first, later, hits = [], [], [], 0
        for _ in range(_RUNS):
            started = time.perf_counter()
            finder = Finder([parse(source) for source in sources], Vocabulary())
            finder.find("to compile it", "en")
            compiled.append(time.perf_counter() - started)
            for speeds in (first, later):
                started = time.perf_counter()
                hits = sum(len(finder.find(Plain(text).text, "en")) for text in texts)
                speeds.append(size / (time.perf_counter() - started))
        print(  # noqa: T201
            f"{count:>6,} terms: compiled in {median(compiled):.2f} s, "
            f"{median(first):.1f} MB/s at first, {median(later):.1f} MB/s later, {hits:,} hits"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED_DATA / "corpus")
