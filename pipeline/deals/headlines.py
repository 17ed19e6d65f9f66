"""Whether two pieces of news tell of one event, by their headlines and texts. Pure.

Two events must not be taken for one: what is not told is missed, and what is told twice is only a nuisance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pipeline.deals.stories import alike
from pipeline.domain import Status

T = TypeVar("T")

_OFF = frozenset([Status.CHANGED, Status.STALLED, Status.CANCELLED])

_FEWEST = 3
"""Words that two headlines must have in common, unless they have all of them."""
_SAME = 0.4
_SAME_OUTLET = 0.3
"""Measured on real news of one subject: of 41 pairs taken for one event, 38 are, and the others are reactions to it.
The second is enough where the texts are alike too: those of one outlet may only share what stands under all of its
pieces."""
_SCALES = {
    "b": "billion | billions | bn | b | mrd | md | milliarden | miliardi | mil millones | млрд",
    "m": "million | millions | mn | mln | m | mio | millones | millionen | milioni | млн",
    "t": "trillion | trillions | tn | t | billones | billionen | трлн",
    "gw": "gigawatt | gigawatts | gw | gigavatios",
    "mw": "megawatt | megawatts | mw | megavatios",
}
_SCALE_OF = {word: sign for sign, words in _SCALES.items() for word in words.split(" | ")}
_FIGURE = re.compile(
    rf"(\d+(?:[.,]\d+)*)[\s-]?({'|'.join(sorted(_SCALE_OF, key=len, reverse=True))})?\b(?!\w)", re.IGNORECASE
)
_WORD = re.compile(r"[\u30a0-\u30ff]+|[\u3400-\u9fff]+|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""Where no spaces stand between words, a run of one script."""
_SITE = re.compile(r"\s[|]\s.*")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """a an the and or of to in on for with at by from as is are be was were will would its it s t this that these
        those how why what who when which after over into about up than more amid says say said could may can new his
        her their our your you we he they not no but if has have had just now out all report reportedly
        el la los las de del y en con por para un una que se su al lo más es le les et des du pour der die das und mit
        von für il di e per na do da""",
    )
)


@dataclass(frozen=True)
class News:
    """What a piece is known by: its headline, its text's fingerprint (may be empty), and the outlet.

    `names` are the companies and places in the headline, by slug; `turns` is how far it says that a deal has come.
    """

    title: str
    fingerprint: str = ""
    outlet: str = ""
    names: frozenset[str] = frozenset()
    turns: frozenset[Status] = frozenset()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the headline that say something, and its figures in one way of writing: #100b, #4.5gw."""
        return frozenset(_words(self.title))

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(word for word in self.words if word.startswith("#"))

    @cached_property
    def sums(self) -> frozenset[str]:
        """The figures that are large sums and capacities, which few events have in common."""
        return frozenset(figure for figure in self.figures if figure[-1].isalpha())

    @cached_property
    def capitals(self) -> frozenset[str]:
        """What are names by how they are written; nothing where the headline has all its words in capitals."""
        words = _WORD.findall(unicodedata.normalize("NFKC", self.title))
        long = [word for word in words if len(word) > 3]
        if sum(word[0].islower() for word in long) < max(2, len(long) / 3):
            return frozenset()
        return frozenset(word.casefold() for word in words[1:] if word[0].isupper() and len(word) > 1) - _COMMON


class Rarity:
    """How much a word tells, by the headlines it is one of."""

    def __init__(self, titles: Iterable[str]) -> None:
        sets = [_words(title) for title in titles]
        self._counts = Counter(word for words in sets for word in words)
        self._total = len(sets)

    def weight(self, words: Iterable[str]) -> float:
        """Of these words together."""
        return sum(math.log(1 + (self._total + 8) / (self._counts[word] + 0.5)) for word in words)


def same_event(one: News, other: News, rarity: Rarity) -> bool:
    """Whether two pieces, published about the same time, tell of one event."""
    if _differ(one, other):
        return False
    shared = one.words & other.words
    likeness = rarity.weight(shared) / (rarity.weight(one.words | other.words) or 1.0)
    if alike(one.fingerprint, other.fingerprint):
        return bool(shared) if one.outlet != other.outlet else likeness >= _SAME_OUTLET
    if len(one.names & other.names) > 1 and one.sums & other.sums:
        return True
    if len(shared) < _FEWEST and one.words != other.words:
        return False
    return bool(shared) and likeness >= _SAME and not _both_apart(one.capitals, other.capitals, one.words, other.words)


def _differ(one: News, other: News) -> bool:
    """Whether the headlines name different parties, places or sums, or tell of different turns."""
    return (
        _both_apart(one.names, other.names)
        or _both_apart(one.turns, other.turns)
        or one.turns & _OFF != other.turns & _OFF
        or bool(one.figures and other.figures and not one.figures & other.figures)
    )


def _both_apart(
    one: AbstractSet[T],
    other: AbstractSet[T],
    all_of_one: AbstractSet[T] = frozenset(),
    all_of_other: AbstractSet[T] = frozenset(),
) -> bool:
    """Whether each names what the other does not have at all."""
    return bool(one - other - all_of_other) and bool(other - one - all_of_one)


def _words(title: str) -> set[str]:
    text = _SITE.sub("", unicodedata.normalize("NFKC", title).casefold().replace("’", "'"))
    found = set()

    def figure(match: re.Match[str]) -> str:
        number = match[1]
        number = number.replace(",", "." if re.fullmatch(r"\d+,\d{1,2}", number) else "")
        found.add(f"#{number}{_SCALE_OF.get(match[2] or '', '')}")
        return " "

    text = _FIGURE.sub(figure, text)
    return found | {word for word in _WORD.findall(text) if word not in _COMMON and len(word) > 1}
