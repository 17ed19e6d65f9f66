"""Which language a text is in."""

from __future__ import annotations

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.language import ALGORITHMS, language
from tests.watch.helpers import LONG, soon

ENGLISH = "The company signed a contract to build three large data centers next to the power station."
GERMAN = "Das Unternehmen unterzeichnete einen Vertrag über den Bau von drei großen Rechenzentren neben dem Kraftwerk."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("La empresa firmó un contrato para construir tres grandes centros de datos junto a la central.", "es"),
        ("L'entreprise a signé un contrat pour construire trois grands centres de données près de la centrale.", "fr"),
        ("L'azienda ha firmato un contratto per costruire tre grandi centri dati vicino alla centrale.", "it"),
        ("Het bedrijf tekende een contract om drie grote datacenters naast de energiecentrale te bouwen.", "nl"),
        ("A empresa assinou um contrato para construir três grandes centros de dados ao lado da usina.", "pt"),
        ("Компания подписала договор о строительстве трёх крупных центров обработки данных.", "ru"),
        ("Bolaget skrev på ett avtal om att bygga tre stora datahallar bredvid kraftverket.", "sv"),
        ("Yhtiö allekirjoitti sopimuksen kolmen suuren konesalin rakentamisesta voimalan viereen.", "fi"),
    ],
)
def test_languages(text: str, code: str) -> None:
    """A sentence is told to be in its language, in capitals or not, on one line or several."""
    assert language(text) == code
    assert language(text.replace(" ", "\n", 3)) == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "123", "OpenAI", "$5bn", "…", "该公司签署了建设三座数据中心的合同。", "会社は契約を結んだ。"],
)
def test_english_where_it_is_not_plain(text: str) -> None:
    """A text without words enough, or of a language without stemmer, counts as English."""
    assert language(text) == "en"


def test_the_beginning_tells() -> None:
    """What stands far down a long text does not change its language."""
    assert language(f"{GERMAN} " * 10 + ENGLISH * 100) == "de"


@pytest.mark.parametrize(("code", "algorithm"), ALGORITHMS.items())
def test_stemmers(code: str, algorithm: str) -> None:
    """Every language has its stemmer, and a code of two letters."""
    assert algorithm in snowballstemmer.algorithms()
    assert len(code) == 2


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text has a language that can be inflected, the same one every time."""
    assert language(text) in ALGORITHMS
    assert language(text) == language(text)


@pytest.mark.parametrize("piece", ["a", "a ", "é", "\u0301", "数", "\n", "\0"])
def test_hostile_text_is_quick(piece: str) -> None:
    """However long a text is, its language is soon told."""
    with soon():
        language(piece * LONG)
