"""Texts told that hold none of some terms."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.watch.finder import Finder
from pipeline.watch.language import language
from pipeline.watch.sieve import Sieve, parts_of
from pipeline.watch.terms import parse
from pipeline.watch.text import Plain, Words, tidy
from tests.watch.helpers import VARIANTS, VOCABULARY

TERMS = [
    "data center",
    "open",
    "die",
    "sky",
    "general agreement",
    "América",
    "центр обработки данных",
    "数据中心",
    '"Data Center"',
    '"AMD"',
    "gigawatt*",
    "nuclear react*",
    r"/\$\d+ ?bn/",
    "/ü+/",
    "@nvidia",
    "@moody",
    "@role:chips",
    "<signing>",
]
WORDS = [
    *("data", "center", "centers", "Data", "Center", "datacentres", "datacenter", "DATACENTERS", "centre", "of"),
    *("open", "opened", "geopend", "oopen", "opens", "dying", "dies", "die", "skies", "sky", "skis"),
    *("generally", "generalized", "agreements", "agreed", "Ame\u0301rica", "américas", "AMÉRICA", "America"),
    *("центры", "центра", "обработки", "данных", "данные", "数据中心", "新数据中心在", "数据", "데이터"),
    *("AMD", "AMDs", "amd", "gigawatts", "Gigawatt-hours", "multigigawatt", "nuclear", "reactors", "react"),
    *("$30bn", "$5", "bn", "über", "Nvidia", "NVIDIA's", "nvda", "NVDA,", "(Moody’s)", "Moodys", "Micro", "Devices"),
    *("Advanced", "signs", "signing", "inked", "ink-jet", "\u0301abc", "…", "½", "e.g.", "a_b", "\xa0", "®"),
]


def _finds(term: str, text: str, code: str) -> bool:
    return bool(Finder([parse(term)], VOCABULARY).find(Plain(text).text, code))


@pytest.mark.parametrize("term", TERMS)
def test_a_text_without_the_term_stays_out(term: str) -> None:
    """The whole use of it: of plain news next to nothing is let through."""
    sieve = Sieve(parts_of([term], VOCABULARY))

    assert not sieve.lets_through("Budget\nThe minister spoke about the budget for next year, and sat down again.")


def test_nothing_is_let_through_by_nothing() -> None:
    """Where nothing is looked for, no text holds any of it."""
    assert not Sieve([]).lets_through("OpenAI signs a contract.")


@given(
    st.sampled_from(TERMS),
    st.lists(st.sampled_from(WORDS), max_size=12),
    st.sampled_from([" ", "\n", "-", ", ", "", "'s "]),
    st.sampled_from(sorted(VARIANTS)),
)
@example("data center", ["datacenter"], " ", "NFC")
@example('"AMD"', ["数据", "\u0301AMD"], " ", "NFC")
@example("América", ["Ame\u0301rica"], " ", "NFD")
def test_no_text_with_the_term_is_missed(term: str, words: list[str], between: str, variant: str) -> None:
    """Whatever stands around it, and however it is printed."""
    text = tidy(VARIANTS[variant](between.join(words)))

    assert Sieve(parts_of([term], VOCABULARY)).lets_through(text) or not _finds(term, text, _language(text))


def _language(text: str) -> str:
    return language(Plain(text).text)


_PROSE = {
    "de": "Der Vertrag über das neue Rechenzentrum wurde gestern in Berlin von der Regierung unterzeichnet.",
    "en": "The contract for the new data centre was signed by the government in London yesterday.",
    "fi": "Hallitus kertoi eilen että uusi sopimus allekirjoitetaan ensi viikolla Helsingissä kokouksen jälkeen.",
    "nl": "Het kabinet heeft gisteren een nieuw akkoord gesloten over de bouw van het grote centrum bij de stad.",
}


@pytest.mark.parametrize(("code", "word"), [("de", "aesthetic"), ("fi", "issue"), ("nl", "generaal"), ("en", "dying")])
def test_stems_that_begin_otherwise(code: str, word: str) -> None:
    """Some languages' stems lose the beginning of their word, or change it."""
    text = f"{_PROSE[code]} {word}"

    assert _language(text) == code
    assert _finds(word, text, language)
    assert Sieve(parts_of([word], VOCABULARY)).lets_through(text)


@given(st.sampled_from(sorted(_PROSE)), st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=10))
@example("en", "dying")
@example("nl", "général")
def test_a_term_lets_itself_through(code: str, word: str) -> None:
    """In any script, in a text of any language."""
    assume(Words(Plain(word).text))
    text = tidy(f"{_PROSE[code]} {word}")

    for term in (word, f'"{word}"', f"{word}*"):
        assert Sieve(parts_of([term], VOCABULARY)).lets_through(text) or not _finds(term, text, _language(text))
