"""Text as a matcher sees it: words with their offsets, sentences and paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# Scripts written without spaces: every character is a word of its own, so that a term matches anywhere in a run.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# U+02BC is an apostrophe, though Unicode calls it a letter; a combining accent belongs to the letter before it.
# Plain letters come first: they are most of any text, and the class behind them is slow.
_WORD = re.compile(
    rf"[A-Za-z0-9]++(?![^\W_]|[\u0300-\u036f])|[{_UNSPACED}]|(?:[^\W_{_UNSPACED}ʼ]++[\u0300-\u036f]*+)++"
)
_POSSESSIVE = re.compile(r"['’ʼ＇]s\b", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+")

_LONGEST_ABBREVIATION = 12
_PARAGRAPH = re.compile(r"[^\n]+")
# No stop begins inside a run of stops and none is given back, so that a page full of dots costs linear time.
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s+[\"'“‘«(\[]*[^\sa-z])|[。！？]+[」』”]*")
# A full stop after one of these, or after a single capital, seldom ends a sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:[A-Z]|[A-Za-z]\.[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Sen|Rep|Gov|Gen|Jr|Sr|vs|No|Nos|Fig|approx|est|cf|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|e\.g|i\.e|etc)\.$"
)
# These end a sentence when a new one plainly starts, and none when a name or a verb goes on.
_COMPANY_FORM = re.compile(r"(?:^|\s)(?:Inc|Corp|Co|Ltd|Bros|LLC|L\.P|U\.S|U\.K|U\.A\.E|E\.U|D\.C|plc|p\.m|a\.m)\.$")
_OPENER = re.compile(
    r"\s+[\"'“‘«(\[]*(?:The|A|An|In|On|At|It|Its|He|She|They|We|But|And|For|This|That|These|Those|As|With|By|When|While|"
    r"After|Before|If|However|Last|Under|Shares|Analysts|Executives|According|\$|[•\-–—*])(?:\s|\d)"
)


class Word(NamedTuple):
    """One word: as written (compatibility forms folded), and where it stands in the text."""

    form: str
    start: int
    end: int


@dataclass(frozen=True)
class Span:
    """A stretch of a text by character offsets."""

    start: int
    end: int


def tidy(text: str) -> str:
    """The text without invisible characters and control characters, every line trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def words(text: str) -> list[Word]:
    """All words in order. A possessive 's is no word; full-width forms and ligatures are folded."""
    skip = {match.end() - 1 for match in _POSSESSIVE.finditer(text)}
    return [Word(_folded(match[0]), *match.span()) for match in _WORD.finditer(text) if match.start() not in skip]


def _folded(form: str) -> str:
    return form if form.isascii() else unicodedata.normalize("NFKC", form)


def paragraphs(text: str) -> list[Span]:
    """The lines that hold anything, in order."""
    return [Span(match.start(), match.end()) for match in _PARAGRAPH.finditer(text) if match[0].strip()]


def sentences(text: str) -> list[Span]:
    """Sentences in order; none crosses a line end."""
    return [sentence for paragraph in paragraphs(text) for sentence in _split(text, paragraph)]


def _split(text: str, paragraph: Span) -> Iterator[Span]:
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
