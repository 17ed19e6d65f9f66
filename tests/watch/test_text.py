"""Words, sentences and paragraphs with their offsets."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.text import Span, paragraphs, sentences, tidy, words

PROSE = st.text() | st.text(alphabet="aA1 .!?…\n\"'’)([。」「$-ʼ\u0301字\xa0ｓ")


def cut(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    "text",
    [
        "OpenAI signs. Oracle builds.|It costs more.",
        "OpenAI, Inc. signed a deal.",
        "Talks with Oracle Corp. and Vantage Inc. went on.|The deal is done.",
        "OpenAI Inc. said so.|It was signed.",
        "It was bought by OpenAI Inc.|The deal is big.",
        "The U.S. government agreed.|It pays.",
        "OpenAI builds in the U.S.|The deal is big.",
        "It cost $22.4B.|Oracle rose.",
        "Capacity is 1.2 GW, up from 0.9 GW.|More follows.",
        "Version 2.0 is out.|3 GW follow.",
        "Mr. Altman met Dr. Su and Gov. Abbott.|They agreed.",
        "J. P. Morgan lends.|OpenAI pays.",
        "Revenue was $1.5 billion vs. $1.2 billion.|Profit rose.",
        "It ends on Jan. 5 or Sept. 9.|Then more.",
        "He spoke at 5 p.m. Tuesday.|Nobody came.",
        "Sites, e.g. Abilene, i.e. Texas, etc. are built.|Good.",
        "He said “We will build.”|Then he left.",
        'He said "We will build."|"When?" she asked.',
        "“Is it signed?” she asked.|“Yes!”|He left.",
        "(It is signed.)|Work starts.",
        "Really?!|Yes...|Then it began…|Now.",
        "• First item.|• Second item.|- Third item",
        "OpenAI signs deal with Oracle",
        "no capital, no stop",
        "iPhone sales rose. iPads too.",
        "今日は晴れ。|明日は雨！|「はい。」|終",
        "Über alles.|Ärger folgt.|Éclair.",
    ],
)
def test_sentences(text: str) -> None:
    """Sentences end where a reader sees them end: not after abbreviations, initials and decimals."""
    expected = text.replace(". Oracle builds", ".|Oracle builds").split("|")
    plain = "".join(piece if not n or piece[0] in "明「終" else " " + piece for n, piece in enumerate(expected))

    assert cut(plain, sentences(plain)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Headline without a stop\nFirst sentence. Second one.",
            ["Headline without a stop", "First sentence.", "Second one."],
        ),
        ("OpenAI Inc.\nand more", ["OpenAI Inc.", "and more"]),
        ("  padded.  \n\n\t\n Next ", ["padded.", "Next"]),
        ("", []),
        (" \n ", []),
        ("...", ["..."]),
    ],
)
def test_no_sentence_crosses_a_line(text: str, expected: list[str]) -> None:
    """A line end ends a sentence, and white space around it is no part of it."""
    assert cut(text, sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("one\ntwo", ["one", "two"]), ("\n\none\n\n  \ntwo\n", ["one", "two"]), ("", []), ("\n", [])],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    """Every line that holds anything is a paragraph."""
    assert cut(text, paragraphs(text)) == expected


@given(PROSE)
def test_spans(text: str) -> None:
    """Sentences and paragraphs lie in order, apart, within the text, trimmed, and leave out nothing but white space."""
    for spans in (sentences(text), paragraphs(text)):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert all(before.end <= after.start for before, after in pairwise(spans))
        assert "".join("".join(cut(text, spans)).split()) == "".join(text.split())
    assert all(piece == piece.strip() and "\n" not in piece for piece in cut(text, sentences(text)))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("OpenAI signs", ["OpenAI", "signs"]),
        ("OpenAI's, OpenAI’s, OpenAIʼs, OpenAI＇s OPENAI'S", ["OpenAI"] * 4 + ["OPENAI"]),
        ("the suppliers' 's it's", ["the", "suppliers", "it"]),
        ("data-center data‑center data–center data_center", ["data", "center"] * 4),
        ("data\xa0center\u2009site", ["data", "center", "site"]),
        ("ＯｐｅｎＡＩ ﬁber", ["OpenAI", "fiber"]),
        ("$22.4B 2GW 1,000", ["22", "4B", "2GW", "1", "000"]),
        ("Ame\u0301rica", ["América"]),
        ("数据AI中心", ["数", "据", "AI", "中", "心"]),
        ("データ", ["デ", "ー", "タ"]),
        ("AT&T", ["AT", "T"]),
        ("", []),
        ("-- … $", []),
    ],
)
def test_words(text: str, forms: list[str]) -> None:
    """Words come without possessive, compatibility forms folded, unspaced scripts by the character."""
    assert [word.form for word in words(text)] == forms


@given(PROSE)
def test_word_offsets(text: str) -> None:
    """The offsets of a word cut out what it is the folded form of; words lie in order and apart."""
    found = words(text)

    assert all(unicodedata.normalize("NFKC", text[word.start : word.end]) == word.form for word in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(word.start < word.end for word in found)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("data\u00adcenter", "datacenter"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("  a  \n\t b\t", "a\nb"),
        ("nul\0 bell\x07x", "nul  bell x"),
        ("\n\na\n\nb\n\n", "a\n\nb"),
        ("", ""),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    """Invisible characters vanish, control characters become spaces, lines are trimmed."""
    assert tidy(text) == tidied


@given(st.text())
def test_tidy_twice(text: str) -> None:
    """What is tidy stays as it is."""
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "piece",
    [".", "?!", "Mr. A ", "U.S. A ", "Inc. x ", '."', ". ", "A.", "'s ", "a\u0301", "\u0301", "。", "\n", "a b. C"],
)
def test_hostile_text_is_quick(piece: str) -> None:
    """No text, however odd, takes more than linear time."""
    text = piece * (200_000 // len(piece))
    started = time.monotonic()
    sentences(text)
    words(text)

    assert time.monotonic() - started < 60  # what this guards against takes far longer
