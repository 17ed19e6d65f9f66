"""What the tests of this room share: a vocabulary, ways to print one text, and a guard against hanging."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline.watch.finder import Finder
from pipeline.watch.terms import Company, Vocabulary, parse
from pipeline.watch.text import Plain, Span

LONG = 10_000 if sys.gettrace() else 30_000  # tracing makes all of it many times slower
"""Characters of a hostile text."""
_PATIENCE = 30
"""Seconds, of which it takes one; what this guards against takes minutes."""
_MEMORY = 4 * 2**30

VOCABULARY = Vocabulary(
    companies={
        "nvidia": Company(["Nvidia", "NVIDIA Corporation"], ["NVDA"], ["chips"]),
        "amd": Company(["Advanced Micro Devices"], ["AMD"], ["chips", "processors"]),
        "meta": Company(["Meta Platforms", "Meta"], ["META"], ["lab"]),
        "amazon": Company(["Amazon", "AWS", "Amazon Web Services"], ["AMZN"], ["cloud"]),
        "moody": Company(["Moody's"]),
        "sign": Company(["—"]),
    },
    lists={
        "signing": ["sign", "ink*"],
        "deals": ["deal", "<signing>", '"MoU"'],
        "chips": ["@role:chips", r"/\bGPUs?\b/", "@meta"],
        "empty": [],
    },
)


def cut(text: str, spans: Sequence[Span] | Iterator[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@cache
def _finder(term: str) -> Finder:
    return Finder([parse(term)], VOCABULARY)


def found(term: str, text: str, language: str = "en", vocabulary: Vocabulary | None = None) -> list[str]:
    """What the term finds, as written in the text as given, in its order."""
    plain = Plain(text)
    finder = _finder(term) if vocabulary is None else Finder([parse(term)], vocabulary)
    places = finder.find(plain.text, language)
    return cut(text, [plain.original(span) for span in sorted(place.span for place in places)])


def wide(text: str) -> str:
    """The text in full-width forms."""
    return "".join("\u3000" if c == " " else chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _written(pairs: dict[str, str]) -> Callable[[str], str]:
    def write(text: str) -> str:
        for plain, printed in pairs.items():
            text = text.replace(plain, printed)
        return text

    return write


VARIANTS: dict[str, Callable[[str], str]] = {
    "curly quotes": _written({"'": "’", '"': "”"}),
    "opening quotes": _written({"'": "‘", '"': "“"}),
    "letter apostrophe": _written({"'": "ʼ"}),
    "primes": _written({"'": "′", '"': "″"}),
    "low quotes": _written({"'": "‚", '"': "„"}),
    "no-break space": _written({" ": "\xa0"}),
    "narrow no-break space": _written({" ": "\u202f"}),
    "thin space": _written({" ": "\u2009"}),
    "no-break hyphen": _written({"-": "‑"}),
    "hyphen": _written({"-": "‐"}),
    "en dash": _written({"-": "–"}),
    "minus": _written({"-": "−"}),
    "full-width forms": wide,
    "ligatures": _written({"ffi": "ﬃ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "NFC": lambda text: unicodedata.normalize("NFC", text),
}


@contextmanager
def soon() -> Iterator[None]:
    """Fails where the block takes out of all proportion to its text."""
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started

    assert seconds < _PATIENCE, f"took {seconds:.0f} s"


def run_soon(code: str) -> None:
    """Runs the code in a process of its own, for what might not end or eat the memory. Fails where it does."""
    limited = f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))\n{code}"
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            [sys.executable, "-c", limited], cwd=root, timeout=_PATIENCE, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"not done after {_PATIENCE} s") from None

    assert done.returncode == 0, done.stderr[-2000:]
