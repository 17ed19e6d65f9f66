"""Text as a matcher sees it: one form for what print varies, words with their offsets, sentences and paragraphs."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, count
from operator import add
from typing import NamedTuple

# Scripts written without spaces: every character is a word of its own, so that a term matches anywhere in a run.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_POSSESSIVE = re.compile(r"'[sS](?!\w)")
_NO_SPACES = re.compile(f"[{_UNSPACED}]")
# No part of a word is given back, so that any text costs linear time. A combining accent belongs to its letter.
_WORD = re.compile(
    rf"([A-Za-z0-9]++(?![^\W_]|[\u0300-\u036f])|(?:[^\W_{_UNSPACED}]++[\u0300-\u036f]*+)++|[{_UNSPACED}])"
)
_FOREIGN_SEPARATOR = re.compile(r"[^\w\u0300-\u036f\x00-\x7f]")
_SEPARATORS = bytes(ord(" ") if code < 128 and not chr(code).isalnum() else code for code in range(256))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+")
_ODD_SPACE = re.compile("[\u2028\u2029\x85]")

_LONGEST_GAP = 5
_PLAIN_GAPS = frozenset([" ", "-", ""])
_JOINS = frozenset(["", *"-/&+'_"])

_LONGEST_ABBREVIATION = 12
_PARAGRAPH = re.compile(r"[^\n]+")
# No stop begins inside a run of stops and none is given back, so that a page full of dots costs linear time. Where
# a page's blocks were run together, a sentence begins right after a stop: a capital and small letters, then a space.
_STOP = re.compile(
    r"""(?<![.!?…])[.!?…]++["')\]»]*+(?=\s+["'(\[«]*[^\sa-z])"""
    r"""|(?<=[a-z0-9)"'])[.!?]["')]?(?=["']?[A-Z][a-z]+[ ,])|(?:。|(?<=[\u3040-\u30ff\u3400-\u9fff])[!?])+[」』"]*"""
)
# A full stop after one of these, or after a single capital, seldom ends a sentence.
_ABBREVIATION = re.compile(
    r"""(?:^|[\s("'])(?:[A-Z]|[A-Za-z]\.[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Sen|Rep|Gov|Gen|Jr|Sr|vs|No|Nos|Fig|approx|est|cf|"""
    r"""Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|e\.g|i\.e|etc)\.$"""
)
# These end a sentence when a new one plainly starts, and none when a name or a verb goes on.
_COMPANY_FORM = re.compile(r"(?:^|\s)(?:Inc|Corp|Co|Ltd|Bros|LLC|L\.P|U\.S|U\.K|U\.A\.E|E\.U|D\.C|plc|p\.m|a\.m)\.$")
_OPENER = re.compile(
    r"""\s+["'(\[«]*(?:The|A|An|In|On|At|It|Its|He|She|They|We|But|And|For|This|That|These|Those|As|With|By|When|While|"""
    r"""After|Before|If|However|Last|Under|Shares|Analysts|Executives|According|\$|[•\-–—*])(?:\s|\d)"""
)


class Span(NamedTuple):
    """A stretch of a text by character offsets."""

    start: int
    end: int


class Plain:
    """A text in the one form that matching reads, and the way back to the offsets of the text as given.

    Curly quotes are straight, spaces and hyphens of every kind are plain ones, full-width forms and ligatures are
    folded (Unicode's NFKC, letter by letter).
    """

    def __init__(self, text: str) -> None:
        self.text = text if text.isascii() else _fold(text)
        self._given = text

    @cached_property
    def _starts(self) -> Sequence[int] | None:
        """Where each letter of the text as given stands in the plain one; None where every offset stands as it was."""
        if len(self.text) == len(self._given):  # folding never shortens
            return None
        return list(accumulate((len(_FOLDED[ord(letter)]) for letter in self._given), initial=0))

    def original(self, span: Span) -> Span:
        """Where a stretch of the plain text stands in the text as given."""
        if self._starts is None:
            return span
        return Span(bisect_right(self._starts, span.start) - 1, bisect_left(self._starts, span.end))


def _fold(text: str) -> str:
    for letter in "’“”‘—–\xa0":  # nearly all there is in English
        text = text.replace(letter, _FOLDED[ord(letter)])
    return text if text.isascii() else _FOREIGN.sub(lambda run: run[0].translate(_FOLDED), text)


class _Folded(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        form = unicodedata.normalize("NFKC", letter) or letter
        if letter != "\n" and form.isspace():
            form = " " * len(form)
        self[code] = form
        return form


_FOLDED = _Folded(
    dict.fromkeys(map(ord, "‘’‚‛ʼ＇`´′"), "'")
    | dict.fromkeys(map(ord, "“”„‟＂″"), '"')
    | dict.fromkeys(map(ord, "‐‑‒–−﹣－"), "-")
    | dict.fromkeys(map(ord, "—―"), "|")
    | dict.fromkeys(map(ord, "®™©"), " ")
    | dict.fromkeys(map(ord, "•●▪◦"), "*")
    | {ord("…"): "…"}
)


def tidy(text: str) -> str:
    """The text without invisible and control characters, accents joined to their letters, every line trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ODD_SPACE.sub("\n", _INVISIBLE.sub("", text)))
    text = _CONTROL.sub(" ", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()


class Words:
    """The words of a plain text in order, without possessive 's: their forms, and where they stand.

    A form may be empty: it stands for something between two words, and is to be passed over.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        if "'" in text:
            text = _POSSESSIVE.sub("  ", text)
        # Both ways run in C, the first fastest by far. It gives a form for every single separator.
        self._parts: Sequence[str] | None = None
        if text.isascii() or not _NO_SPACES.search(text):
            spaced = _FOREIGN_SEPARATOR.sub(" ", text).encode("utf-8", "surrogatepass").translate(_SEPARATORS)
            self.forms: Sequence[str] = spaced.decode("utf-8", "surrogatepass").split(" ")
        else:
            self._parts = _WORD.split(text)
            self.forms = self._parts[1::2]

    def __bool__(self) -> bool:
        return any(self.forms)

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each word begins."""
        if self._parts is None:
            return list(map(add, accumulate(map(len, self.forms), initial=0), count()))  # a separator after each
        return list(accumulate(map(len, self._parts)))[::2]

    def end(self, index: int) -> int:
        return self.starts[index] + len(self.forms[index])

    def between(self, one: int, other: int) -> str:
        """What stands between two words."""
        return self.text[self.end(one) : self.starts[other]]

    def following(self, index: int, gaps: Collection[tuple[str, str]] = ()) -> int | None:
        """The next word, if it can stand in one phrase with this one: not across the end of a clause or a line.

        `gaps` are exceptions: a form in lower case, and what may follow it inside a phrase.
        """
        following = index + 1
        if following < len(self.forms) and self.forms[following] and self.between(index, following) in _PLAIN_GAPS:
            return following  # as nearly always
        while following < len(self.forms) and not self.forms[following] and following <= index + _LONGEST_GAP:
            following += 1
        if following == len(self.forms) or not self.forms[following]:
            return None
        gap = self.between(index, following)
        if gap in _PLAIN_GAPS:
            return following
        bare = _POSSESSIVE.sub("", gap).strip(" ")
        # A full stop joins where no space follows, and after a single letter: J.P. Morgan, U.S. Steel.
        joins = bare in _JOINS or (bare == "." and (gap == "." or len(self.forms[index]) == 1))
        if (joins and len(gap) <= _LONGEST_GAP) or (self.forms[index].casefold(), gap) in gaps:
            return following
        return None


def paragraphs(text: str) -> list[Span]:
    """The lines that hold anything, in order."""
    return [Span(match.start(), match.end()) for match in _PARAGRAPH.finditer(text) if match[0].strip()]


def sentences(text: str, paragraph: Span) -> Iterator[Span]:
    """The sentences of a paragraph of a plain text, in order."""
    start = paragraph.start
    for stop in _STOP.finditer(text, paragraph.start, paragraph.end):
        before = text[max(start, stop.start() - _LONGEST_ABBREVIATION) : stop.start() + 1]
        if _ABBREVIATION.search(before) and not _COMPANY_FORM.search(before):
            continue
        if _COMPANY_FORM.search(before) and not _OPENER.match(text, stop.end(), paragraph.end):
            continue
        if before.strip():
            yield _trimmed(text, start, stop.end())
        start = stop.end()
    if text[start : paragraph.end].strip():
        yield _trimmed(text, start, paragraph.end)


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))
