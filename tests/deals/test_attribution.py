"""Whose report a piece passes on."""

from __future__ import annotations

import pytest

from pipeline.config.shipped import shipped_folder
from pipeline.deals.attribution import citation
from pipeline.domain import Fact, Kind, Mention, Party, Sentence, Status
from pipeline.flow import load_settings
from pipeline.flow.matching import vocabulary_of
from pipeline.flow.mentions import marked_terms
from pipeline.watch.language import language
from pipeline.watch.marker import Marker


@pytest.fixture(scope="module")
def marker() -> Marker:
    settings = load_settings(shipped_folder())
    return Marker(marked_terms(settings), vocabulary_of(settings))


def mention(quote: str = "", *facts: Fact, party: str = "oracle") -> Mention:
    return Mention(party, (Party(party, party, ""),), Kind.COMPUTE, Status.REPORTED, facts, 0.9, True, quote)


def sentences(marker: Marker, *texts: str) -> list[Sentence]:
    """Sentences of a body, a line each, that surely speak of a deal."""
    found, start = [], 0
    for text in texts:
        found.append(Sentence("body", start, text, 0.9, marker.marks(text, language(text))))
        start += len(text) + 1
    return found


def cited(marker: Marker, *texts: str, main: bool = True) -> str:
    return citation(sentences(marker, *texts), mention(), main)


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("OpenAI will rent a campus from Oracle, Bloomberg reported on Tuesday.", "bloomberg"),
        ("OpenAI will rent a campus from Oracle, Bloomberg News first reported.", "bloomberg"),
        ("OpenAI will rent a campus from Oracle, according to Reuters.", "reuters"),
        ("OpenAI will rent a campus from Oracle, according to a person briefed on it who told Reuters.", "reuters"),
        ("OpenAI will rent a campus, according to a Friday report from the Financial Times.", "financial-times"),
        ("The Information: OpenAI will rent a campus, The Information reports.", "the-information"),
        ("OpenAI will rent a campus from Oracle, as reported by the Wall Street Journal.", "wall-street-journal"),
        ("Axios has learned that OpenAI will rent a campus from Oracle.", "axios"),
        ("OpenAI will rent a campus from Oracle, per Semafor.", "semafor"),
        ("OpenAI affitterà un campus da Oracle, secondo Il Sole 24 Ore.", "il-sole-24-ore"),
        ("OpenAI alquilará un campus a Oracle, según Bloomberg.", "bloomberg"),
        ("OpenAI alquilará un campus a Oracle, informó Reuters este martes.", "reuters"),
        ("OpenAI mietet laut Handelsblatt einen Campus von Oracle.", "handelsblatt"),
        ("OpenAI louera un campus à Oracle, selon Les Echos.", "les-echos"),
        ("PARIS, March 3 (Reuters) - OpenAI will rent a campus from Oracle.", "reuters"),
        ("(AFP) — OpenAI will rent a campus from Oracle.", "afp"),
        ("OpenAI will rent a campus from Oracle.", ""),
        ("OpenAI will rent a campus from Oracle, said the analysts of Bloomberg Intelligence.", ""),
        ("OpenAI will rent a campus from Oracle, a customer of Thomson Reuters said.", ""),
        ("Photo: A. Sample/Reuters. OpenAI will rent a campus from Oracle.", ""),
        ("OpenAI reported growth. Bloomberg rents a campus from Oracle too.", ""),
        ("Executives reported progress, and Bloomberg is among the customers of Oracle.", ""),
    ],
)
def test_what_a_sentence_passes_on(marker: Marker, text: str, outlet: str) -> None:
    """An outlet is cited where the sentence says that it reports, and not where its name stands for something else."""
    assert cited(marker, text) == outlet


def test_the_opening_speaks_for_the_main_mention_only(marker: Marker) -> None:
    """What a piece opens with is said of the deal that it tells of first, not of others it brings up."""
    texts = ("OpenAI is about to sign, Bloomberg reported.", "It would rent a campus from Oracle.")

    assert cited(marker, *texts) == "bloomberg"
    assert cited(marker, *texts, main=False) == ""


def test_far_down_is_an_aside(marker: Marker) -> None:
    """A report cited deep in the piece is not what the piece passes on, unless it states what is known of the deal."""
    texts = [f"OpenAI will rent campus number {n} from Oracle." for n in range(5)]
    last = "The rent is $5 billion, Bloomberg reported."
    found = sentences(marker, *texts, last)
    fact = Fact("amount", 5e9, "$5 billion", "body", found[-1].start + 12, found[-1].start + 22, 0.9, "USD")

    assert citation(found, mention(texts[0]), True) == ""
    assert citation(found, mention(texts[0], fact), False) == "bloomberg"


def test_what_is_said_of_other_companies(marker: Marker) -> None:
    """A report about others that the piece opens with is not about this deal."""
    other = "OpenAI grew unhappy with Nvidia, Reuters reported."

    assert cited(marker, other) == ""
    assert citation(sentences(marker, other), mention(party="nvidia"), True) == "reuters"


def test_unsure_sentences_say_nothing(marker: Marker) -> None:
    """A sentence that hardly speaks of a deal cites nobody for it."""
    [sentence] = sentences(marker, "OpenAI will rent a campus from Oracle, Bloomberg reported.")
    unsure = Sentence(sentence.where, sentence.start, sentence.text, 0.1, sentence.marks)

    assert citation([unsure], mention(), True) == ""
