"""Statements to mentions: what a piece says of each deal."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals.anchors import UNNAMED
from pipeline.deals.mentions import mentions
from pipeline.domain import Kind, Mention, Status
from tests.deals.helpers import LEXICON, NAMES, Said, parties, piece, read

TITLE = "Zephyr signs a compute deal with Acme"
LOAN = "Zephyr gets a $5 billion loan from Goldbank"


def values(mention: Mention) -> dict[str, float]:
    """The surest figures, in billions where they are money."""
    found = {name: mention.fact(name) for name in ("amount", "capacity", "chips")}
    return {name: float(fact.value) / (1e9 if name == "amount" else 1) for name, fact in found.items() if fact}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["The agreement is worth $30 billion."], {"amount": 30}),
        (["Zephyr will use 2 gigawatts."], {"capacity": 2}),
        (["Acme gets $30 billion.", "It will build 2 gigawatts for Zephyr."], {"amount": 30, "capacity": 2}),
        ([("The agreement is worth $30 billion.", 0.1)], {"amount": 30}),
        ([("The whole is $30 billion.", 0.1)], {}),
        ([("The agreement is worth $30 billion.", 0.1)] * 2, {"amount": 30}),
        (["All is well.", ("The agreement is worth $30 billion.", 0.3)], {"amount": 30}),
        ([("All is well.", 0.1), ("The agreement is worth $30 billion.", 0.3)], {}),
        ([("All is well.", 0.1), ("Acme says it is a $30 billion deal for Zephyr.", 0.1)], {"amount": 30}),
        ([("All is well.", 0.1), ("Borealis says it is a $30 billion deal for Zephyr.", 0.1)], {}),
    ],
    ids=[
        "a sum", "a capacity", "both", "right behind", "beside no word for a deal", "twice", "unsure", "farther on",
        "names the deal", "names another",
    ],
)  # fmt: skip
def test_what_goes_on_with_the_deal(body: list[Said], expected: dict[str, float]) -> None:
    """Sentences that name no deal go with the one spoken of before; unsure ones right behind, or if they name it."""
    assert values(read(TITLE, *body)["acme"]) == expected


def test_a_figure_whose_sentence_names_no_deal_is_less_sure() -> None:
    """Less so where the same sentence names the deal in another clause."""
    own = "Zephyr pays Acme $30 billion"
    texts = [f"{own}.", "Zephyr works with Acme; it is $30 billion.", "It is $30 billion."]
    sure = [read("Acme works for Zephyr", text)["acme"].facts[0].confidence for text in texts]

    assert sure[0] > sure[1] > sure[2]


@pytest.mark.parametrize(
    ("after", "certainty", "expected"),
    [
        ("Zephyr also rents compute from Borealis.", 0.4, True),
        ("Zephyr also rents compute from Borealis.", 0.3, True),
        ("Zephyr also rents compute from Borealis.", 0.1, False),
        ("Zephyr also likes Borealis.", 0.3, False),
    ],
    ids=["sure", "right behind", "too unsure", "of no kind"],
)
def test_another_deal(after: str, certainty: float, expected: bool) -> None:
    """An unsure sentence brings up another deal only right behind a very sure one, and if it says what it is about."""
    assert ("borealis" in read(TITLE, (after, certainty))) is expected


def test_the_companies() -> None:
    """Means those that were named last, also where it says what they do in a programme."""
    found = read(
        "",
        "Zephyr signs a deal with Acme and Borealis.",
        "The two companies announced that Skyhook will get 1 gigawatt.",
        "Zephyr says that the companies agreed on $3 billion.",
    )

    assert list(found) == ["acme", "programme:skyhook"]
    assert parties(found["programme:skyhook"]) == ["acme", "borealis"]
    assert values(found["programme:skyhook"]) == {"capacity": 1, "amount": 3}


def test_as_part_of() -> None:
    """Who is in what a site is part of is in the site."""
    found = read("", "Zephyr builds a Skyhook campus in Norway as part of a deal with Acme.")

    assert parties(found["in:norway"]) == ["acme"]


def test_what_waits_for_a_deal() -> None:
    """What is said before any deal is named goes with the first party, and with the first of all where none is one."""
    text = "Zephyr will build a campus with 500 megawatts."
    found = read("", text, "It is Skyhook.", "Zephyr has a deal with Acme.")

    assert {anchor: values(mention) for anchor, mention in found.items()} == {
        "programme:skyhook": {},
        "acme": {"capacity": 0.5},
    }
    assert values(read("", text, "It is Skyhook.")["programme:skyhook"]) == {"capacity": 0.5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The campus will cost Zephyr $5 billion.", [UNNAMED]),
        ("Zephyr will get 500 megawatts.", [UNNAMED]),
        ("Zephyr raises $5 billion.", []),
        ("Zephyr gets a loan.", []),
        ("The campus of Zephyr belongs to Acme.", ["acme"]),
    ],
)
def test_a_deal_whose_other_side_is_not_named(text: str, expected: list[str]) -> None:
    """It is told of without an anchor, if something is built, bought or run."""
    assert list(read("", text)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([f"{LOAN}."], []),
        ([f"{LOAN} for a campus."], ["goldbank"]),
        ([f"{LOAN} for Skyhook."], ["goldbank"]),
        ([f"{LOAN}.", "Goldbank pays for 2 gigawatts of Zephyr."], ["goldbank"]),
    ],
    ids=["money", "a campus", "a programme", "said later"],
)
def test_mere_money(body: list[Said], expected: list[str]) -> None:
    """A financier's deal counts once something says what it pays for."""
    assert list(read("", *body)) == expected


def test_a_partner_of_the_programme_with_a_deal_of_its_own() -> None:
    """What is said of this partner alone goes with its own deal; without one, it stays the programme's."""
    title, apart = "Skyhook grows", "Skyhook needs 2 gigawatts of Acme."
    with_own = read(title, apart, "Zephyr rents compute from Acme.")
    without = read(title, apart)

    assert {anchor: values(mention) for anchor, mention in with_own.items()} == {
        "programme:skyhook": {},
        "acme": {"capacity": 2},
    }
    assert values(without["programme:skyhook"]) == {"capacity": 2}


@pytest.mark.parametrize(
    ("title", "body", "told"),
    [
        ("Zephyr has $700 billion in commitments", [f"{TITLE}."], True),
        ("", ["Zephyr made a series of deals.", f"{TITLE}."], False),
        ("Zephyr made a series of deals", [f"{TITLE}."], True),
        ("", ["Zephyr made a series of deals."], True),
    ],
    ids=["a sum", "neither sum nor title", "title", "nothing else"],
)
def test_a_total(title: str, body: list[Said], told: bool) -> None:
    """It is told of beside deals only where there is a sum, or where it is the headline."""
    assert ("total" in read(title, *body)) is told


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (["Zephyr pays Acme.", "Acme delivers to Zephyr.", "Zephyr rents compute from Borealis."], ["acme"]),
        (["Zephyr rents compute from Borealis."], ["acme", "borealis"]),
        (
            ["Zephyr pays Acme.", "Acme delivers to Zephyr.", *["Zephyr rents compute from Borealis."] * 2],
            ["acme", "borealis"],
        ),
    ],
    ids=["an aside", "in the opening", "at length"],
)
def test_what_a_piece_is_about(body: list[Said], expected: list[str]) -> None:
    """A piece that is about deals is about those that it opens with, or speaks of as much as half of others."""
    found = read(TITLE, *body)

    assert [anchor for anchor, mention in found.items() if mention.central] == expected
    assert not any(mention.central for mention in read(TITLE, *body, central=False).values())


@pytest.mark.parametrize(
    ("title", "body", "status"),
    [
        ("Zephyr in talks with Acme", ["Zephyr signs a deal with Acme."], Status.RUMOURED),
        ("Zephyr and Acme", ["Zephyr is in talks with Acme.", *["Zephyr signs a deal with Acme."] * 2], Status.SIGNED),
        ("", ["Zephyr is in talks with Acme.", "Zephyr signs a deal with Acme."], Status.RUMOURED),
        ("Zephyr and Acme", ["Acme serves Zephyr."] * 2, Status.ANNOUNCED),
    ],
    ids=["the title's", "the most", "the first", "none"],
)
def test_the_status_by_weight(title: str, body: list[Said], status: Status) -> None:
    """The title's word weighs most, then that of the first sentence, then how often it is said."""
    assert read(title, *body)["acme"].status is status


@pytest.mark.parametrize(
    ("anchor", "title", "body", "kind"),
    [
        ("acme", "Zephyr signs a deal with Acme", [], Kind.COMPUTE),
        ("acme", "Zephyr signs a campus deal with Acme", ["It is a site with a data center."], Kind.DATACENTER),
        ("acme", "Zephyr signs a deal with Acme", ["It is a campus."], Kind.COMPUTE),
        ("acme", "Zephyr signs a campus deal with Acme", ["The campus is for Zephyr."], Kind.DATACENTER),
        ("quill", "Zephyr signs a deal with Quill", ["It is a campus."], Kind.DATACENTER),
        ("quill", "Zephyr signs a deal with Quill", [], Kind.OTHER),
        ("programme:skyhook", "Skyhook grows", [], Kind.PROGRAMME),
        ("programme:skyhook", "Skyhook is a campus", [], Kind.DATACENTER),
        ("in:norway", "Zephyr builds a campus in Norway", [], Kind.DATACENTER),
        ("in:norway", "Skyhook comes to Norway", [], Kind.PROGRAMME),
    ],
)
def test_the_kind(anchor: str, title: str, body: list[Said], kind: Kind) -> None:
    """By the words, the title's twice, and by the company's role; a role outweighs a single word."""
    assert read(title, *body)[anchor].kind is kind


@pytest.mark.parametrize(("central", "kind"), [(True, Kind.DATACENTER), (False, Kind.PROGRAMME)])
def test_the_kind_of_a_programme(central: bool, kind: Kind) -> None:
    """A word weighs less against its being a programme where it is only brought up."""
    assert read("", "Skyhook is a campus.", central=central)["programme:skyhook"].kind is kind


def test_the_best_sentence() -> None:
    """The surest one says it best, and is as sure as the mention."""
    mention = read("", ("Zephyr has a deal with Acme.", 0.6), ("Acme serves Zephyr.", 0.8), ("Acme is here.", 0.7))[
        "acme"
    ]

    assert (mention.quote, mention.certainty) == ("Acme serves Zephyr.", 0.8)


def test_the_programme_of_a_deal() -> None:
    """The first that a sentence names together with it; another deal of the piece has none of it."""
    found = read("", "Acme signs a deal with Skyhook.", "Acme serves Zephyr.", "Zephyr has a deal with Borealis.")

    assert {anchor: mention.programme for anchor, mention in found.items()} == {"acme": "skyhook", "borealis": ""}


MORE = (
    "Norway|Skyhook|$5 billion|2 GW|campus|deal|deals|with|and|, which|; |the companies|as part of|it is|loan|in talks"
)
WORDS = st.lists(st.sampled_from([*NAMES.values(), *MORE.split("|")]), max_size=20).map(" ".join)
TEXTS = st.lists(st.tuples(st.one_of(WORDS, st.text(max_size=80)), st.floats(0, 1)), max_size=8)


@given(TEXTS, st.booleans())
def test_any_piece(said: list[Said], central: bool) -> None:
    """Whatever it says, each deal is told of once, by a sentence of the piece, with figures that stand in it."""
    sentences = piece("", *said)
    body = "\n".join(sentence.text for sentence in sentences)
    starts = [0, *accumulate(len(sentence.text) + 1 for sentence in sentences)]

    found = mentions(sentences, LEXICON, central, "en")

    assert len({mention.anchor for mention in found}) == len(found)
    assert [sentence.start for sentence in sentences] == starts[:-1]
    for mention in found:
        assert mention.quote in {sentence.text for sentence in sentences}
        assert not mention.central or central
        assert len(set(parties(mention))) == len(mention.parties)
        assert all(0 <= fact.start < fact.end <= len(body) for fact in mention.facts)
