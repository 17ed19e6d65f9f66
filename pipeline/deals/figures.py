"""Money, capacity, numbers of chips and terms of years as people write them. Pure.

Scales follow the language they are written in: `billion` is 10^9, `billones` and `Billionen` are 10^12, `億` is 10^8.
Watt hours are no capacity, and a number without a currency is no money.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.deals.numerals import (
    BOUNDS,
    LONG_SCALE,
    MYRIAD_WATTS,
    MYRIADS,
    NAMES,
    NUMBERS,
    SCALES,
    SIGNS,
    WATTS,
    YEARLY,
)
from pipeline.domain import Bound


class Unit(StrEnum):
    """What a figure counts, if not money: that has the currency's code (ISO 4217) for its unit."""

    GW = "GW"
    CHIPS = "chips"
    YEARS = "years"
    UNTIL = "until"
    """The year in which a term ends."""


@dataclass(frozen=True)
class Figure:
    """A figure in a text, with its offsets. Of a range `low` is its lower end; otherwise both are the same."""

    start: int
    end: int
    value: float
    low: float
    unit: str
    bound: Bound = Bound.EXACT
    per_year: bool = False


# A narrow space, an apostrophe, a point or a comma may part thousands; which of the two it is, `_number` tells.
_NUMBER = (
    r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?"
    r"|\d+(?:[.,]\d+)?"
)
_MOST = 1e16
"""No figure is larger: ten thousand trillion, which leaves room for currencies of small value."""


_GIGAWATTS = {**WATTS, **MYRIAD_WATTS}


def _either(words: Mapping[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_BOUND = rf"(?:(?P<bound>{_either(BOUNDS)})\s?(?:the |un |una |einer |einem )?)?"
_HOLD = r"(?![^\W\d_])"
_MONEY = re.compile(
    rf"(?<![\w.,$€£]){_BOUND}(?P<sign>{_either(SIGNS)})?\s?(?P<one>{_NUMBER}|(?:{_either(NUMBERS)})(?=[\s-]))"
    rf"(?:\s?(?:-|–|to|and|a|y|bis|à|e|до)\s?(?:{_either(SIGNS)})?(?P<two>{_NUMBER}))?"
    rf"(?:[\s-]?(?P<scale>{_either(SCALES)}){_HOLD})?(?P<plus>\+|-plus\b| plus\b)?"
    rf"(?:[\s-]?(?:of |de |d'|di )?(?:(?:US|U\.S\.) ?)?(?P<name>{_either(NAMES)})(?![^\W_]))?",
    re.IGNORECASE,
)
_MYRIAD_MONEY = re.compile(
    rf"{_BOUND}(?P<sign>[$€£¥]|US\$)?(?P<one>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>{_either(MYRIADS)})"
    rf"(?:(?P<two>\d[\d,]*)\s?(?P<second>{_either(MYRIADS)}))?[多余餘]?\s?(?P<name>{_either(NAMES)})?"
)
_CAPACITY = re.compile(
    rf"(?<![\w.,]){_BOUND}(?P<one>{_NUMBER}|(?:{_either(NUMBERS)})(?=[\s-]))"
    rf"(?:\s?(?:(?P<first>[GM]W|gigawatts?|megawatts?)?\s?(?:-|–|to|and|a|y|bis|à|до)\s?)(?P<two>{_NUMBER}))?(?P<plus>\+)?"
    rf"(?:[\s-]?(?P<scale>thousand|million))?[\s-]?(?P<unit>{_either(WATTS)})(?:-plus)?(?![^\W\d_]|[ -]?hours?|·h)",
    re.IGNORECASE,
)
_MYRIAD_CAPACITY = re.compile(rf"{_BOUND}(?P<one>\d[\d,]*(?:\.\d+)?)\s?(?P<unit>{_either(MYRIAD_WATTS)})(?![时時])")
_CHIPS = re.compile(
    rf"(?<![\w.,$€£]){_BOUND}(?P<one>{_NUMBER}|(?:{_either(NUMBERS)})(?=[\s-]))"
    r"(?:[\s-](?P<scale>thousand|million|hundred thousand))?(?P<plus>\+)?"
    r"(?: (?:of )?(?!mill|bill|milliard|doll|d[óo]lar|euros?\b|percent|[mg]w\b|megawatt|gigawatt)[\w’'.-]+){0,4}?"
    r" (?:GPUs|TPUs|chips|accelerators|processors|semiconductors|superchips)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(
    rf"(?<![\w.,$€£])(?P<one>\d{{1,2}}(?:\.\d)?|{_either(NUMBERS)})[\s-](?:years?|años?|jahren?|jährig\w*|ans|anos|лет|года)\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?:through|until|by(?: the end of)?|hasta|bis(?: Ende)?|d'ici|jusqu'en|para|até|к|до)\s(?:\w+ )?"
    r"(?P<year>20[2-6]\d)\b",
    re.IGNORECASE,
)
_AGO = re.compile(r"\s(?:ago|earlier|later|old|before|into)\b|-old\b", re.IGNORECASE)


def money(text: str, language: str = "en") -> Iterator[Figure]:
    """The sums of money in a text, in order; ranges are one figure."""
    found = [figure for match in _MONEY.finditer(text) if (figure := _sum(match, text, language))]
    taken = [range(figure.start, figure.end) for figure in found]
    for match in _MYRIAD_MONEY.finditer(text):
        currency = NAMES.get(match["name"] or "", SIGNS.get((match["sign"] or "").lower(), ""))
        if currency and not any(match.end() - 1 in span and span.start < match.start() for span in taken):
            value = _plain(match["one"]) * MYRIADS[match["scale"]]
            if match["two"]:
                value += _plain(match["two"]) * MYRIADS[match["second"]]
            found = [figure for figure in found if not (match.start() <= figure.start < match.end())]
            found.append(_figure(match, value, value, currency, text))
    sums = (figure for figure in found if 0 < figure.value <= _MOST)
    yield from _joined(sorted(sums, key=lambda figure: figure.start), text)


def _sum(match: re.Match[str], text: str, language: str) -> Figure | None:
    sign, name, scale = (match[part] and match[part].lower() for part in ("sign", "name", "scale"))
    currency = SIGNS.get(sign or "") or NAMES.get(name or "")
    digits = match["one"][0].isdigit()
    if currency is None or not (digits or scale) or (sign and not digits):
        return None
    if scale in ("k", "m", "b", "t", "bi", "md") and not sign and not name:
        return None
    if not digits and match["name"] and text[match.start("name") - 1] == "-":
        return None  # "a billion-dollar plan" is no figure
    factor = SCALES[scale] if scale else 1.0
    if scale == "billion" and language in LONG_SCALE:
        factor = 1e12
    low = _number(match["one"], scale or "") * factor
    value = _number(match["two"], scale or "") * factor if match["two"] else low
    return _figure(match, value, low, currency, text) if value >= low else None


def capacity(text: str) -> Iterator[Figure]:
    """Electric capacity in a text, in gigawatts. Watt hours are none."""
    for match in sorted([*_CAPACITY.finditer(text), *_MYRIAD_CAPACITY.finditer(text)], key=lambda match: match.start()):
        groups = match.groupdict()
        factor = _GIGAWATTS[match["unit"].lower()] * SCALES.get((groups.get("scale") or "").lower(), 1.0)
        first = WATTS[groups["first"].lower()] if groups.get("first") else factor
        low = _number(match["one"], "") * (first if groups.get("two") else factor)
        value = _number(groups["two"], "") * factor if groups.get("two") else low
        if value >= low and 0 < value <= _MOST:
            yield _figure(match, value, low, Unit.GW, text)


def chips(text: str) -> Iterator[Figure]:
    """How many chips a text speaks of."""
    for match in _CHIPS.finditer(text):
        scale = (match["scale"] or "").lower()
        value = _number(match["one"], scale) * SCALES.get(scale, 1.0)
        if 100 <= value <= _MOST and (match["one"][0].isdigit() or scale) and not _is_year(match["one"]):
            yield _figure(match, value, value, Unit.CHIPS, text)


def terms(text: str) -> Iterator[Figure]:
    """For how many years, or until which year."""
    for match in _YEARS.finditer(text):
        if match["one"].lower() not in ("a", "an") and not _AGO.match(text, match.end()):
            value = _number(match["one"], "")
            if 1 <= value <= 40:
                yield Figure(match.start(), match.end(), value, value, Unit.YEARS)
    for match in _UNTIL.finditer(text):
        value = float(match["year"])
        yield Figure(match.start(), match.end(), value, value, Unit.UNTIL)


def _figure(match: re.Match[str], value: float, low: float, unit: str, text: str) -> Figure:
    groups = match.groupdict()
    bound = BOUNDS[groups["bound"].lower()] if groups.get("bound") else Bound.EXACT
    if groups.get("plus") or text[match.end() : match.end() + 5].lower() == "-plus" or "-plus" in match[0].lower():
        bound = Bound.MORE_THAN
    yearly = re.match(rf"[\s-]?(?:{YEARLY})\b", text[match.end() : match.end() + 20], re.IGNORECASE) or re.search(
        r"\b(?:annual|yearly)(?: \w+){0,2} (?:of )?$", text[max(0, match.start() - 40) : match.start()], re.IGNORECASE
    )
    return Figure(match.start(), match.end(), value, low, unit, bound, bool(yearly))


def _joined(found: list[Figure], text: str) -> Iterator[Figure]:
    """`$10 billion to $15 billion` as one figure."""
    kept: list[Figure] = []
    for figure in found:
        before = kept[-1] if kept else None
        if before and before.unit == figure.unit and before.value < figure.value:
            gap = text[before.end : figure.start].strip().lower()
            opened = text[max(0, before.start - 8) : before.start].lower().endswith(("between ", "entre ", "zwischen "))
            if gap in ("to", "-", "–", "a", "bis", "à") or (gap in ("and", "y", "und", "et") and opened):
                kept[-1] = replace(figure, start=before.start, low=before.value, bound=before.bound)
                continue
        kept.append(figure)
    yield from kept


def _number(text: str, scale: str) -> float:
    """The value of digits or words. One point before three digits parts thousands only before a scale that says so."""
    lower = text.lower()
    if lower in NUMBERS:
        return NUMBERS[lower]
    bare = re.sub(r"[ \u00a0\u202f'’]", "", text)
    if "," in bare and "." in bare:
        decimal = "," if bare.rindex(",") > bare.rindex(".") else "."
        bare = bare.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    elif "," in bare:
        bare = bare.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", bare) else bare.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", bare) and (bare.count(".") > 1 or scale in _FOREIGN or not scale):
        bare = bare.replace(".", "")
    return float(bare)


_FOREIGN = frozenset(["millones", "millionen", "milhões", "milioni", "miljoen", "mio", "mio.", "mil millones"])


def _plain(text: str) -> float:
    return float(text.replace(",", ""))


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.startswith("20")
