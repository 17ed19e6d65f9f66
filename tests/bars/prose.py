"""Text that reads like news and says nothing, in words as unevenly frequent as those of a language."""

from __future__ import annotations

import random
from itertools import accumulate

_COMMON = [
    "the",
    "of",
    "to",
    "and",
    "a",
    "in",
    "for",
    "that",
    "on",
    "is",
    "with",
    "said",
    "as",
    "it",
    "by",
    "from",
    "at",
    "be",
    "its",
    "has",
    "will",
    "an",
    "are",
    "was",
    "have",
    "this",
    "but",
    "not",
    "were",
    "which",
    "year",
    "new",
    "more",
    "company",
    "they",
    "would",
    "their",
    "or",
    "about",
    "than",
    "also",
    "been",
    "he",
    "up",
    "after",
    "who",
    "one",
    "last",
    "could",
    "two",
    "first",
]
_NEWS = [
    "data",
    "center",
    "deal",
    "power",
    "chip",
    "market",
    "billion",
    "million",
    "energy",
    "cloud",
    "compute",
    "capacity",
    "agreement",
    "investment",
    "plan",
    "demand",
    "gigawatt",
    "server",
    "network",
    "supply",
    "growth",
    "revenue",
    "contract",
    "lease",
    "grid",
    "investor",
    "stock",
    "share",
    "quarter",
    "report",
    "chief",
    "executive",
    "model",
    "training",
    "cost",
    "site",
    "state",
    "government",
    "project",
    "construction",
    "partner",
    "customer",
    "bank",
    "loan",
    "debt",
    "fund",
    "equity",
    "stake",
    "price",
    "analyst",
    "software",
    "hardware",
    "memory",
    "factory",
    "plant",
    "nuclear",
    "gas",
    "solar",
    "battery",
    "cooling",
    "water",
    "land",
    "permit",
    "county",
    "Texas",
    "Ohio",
    "Arizona",
    "Norway",
    "Japan",
    "India",
    "Nvidia",
    "Oracle",
    "Microsoft",
    "Amazon",
    "Google",
    "Meta",
    "AMD",
    "Broadcom",
    "CoreWeave",
    "OpenAI",
    "Anthropic",
    "Stargate",
    "SoftBank",
    "Samsung",
]
_STARTS = ["b", "br", "c", "ch", "d", "f", "g", "gr", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w"]
_VOWELS = ["a", "e", "i", "o", "u", "ar", "en", "or"]
_MADE_WORDS = 20_000


class Prose:
    """Titles of about 8 words, and bodies of about 600 characters, made of `pool` sentences."""

    def __init__(self, chance: random.Random, pool: int = 40_000) -> None:
        self._chance = chance
        syllables = [start + vowel for start in _STARTS for vowel in _VOWELS]
        made = {"".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(_MADE_WORDS)}
        weights = [12 / (at + 3) for at in range(len(_COMMON))]
        weights += [4 / (at + 12) for at in range(len(_NEWS))]
        weights += [3 / (at + 1) ** 0.9 for at in range(len(made))]
        self._words, self._weights = [*_COMMON, *_NEWS, *sorted(made)], list(accumulate(weights))
        self._sentences = [self._sentence(16) for _ in range(pool)]
        self._titles = [self._sentence(8).rstrip(".") for _ in range(pool)]

    def _sentence(self, words: int) -> str:
        text = " ".join(self._chance.choices(self._words, cum_weights=self._weights, k=words))
        return f"{text[0].upper()}{text[1:]}."

    def title(self) -> str:
        return self._chance.choice(self._titles)

    def body(self) -> str:
        return " ".join(self._chance.choices(self._sentences, k=6))
